"""The engine in a thread of its own with its own event loop: a screen that hangs never holds a harvest up.

Snapshots are immutable and cross threads freely; commands enter by `call_soon_threadsafe`. What the deck is made of is
loaded in the thread: it takes longer than a screen's first frame.
"""

import asyncio
import logging
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.common.errors import blame
from engine.common.paths import log_file, tilde
from engine.harvest import status
from engine.harvest.job import Job
from engine.model.events import Event
from engine.model.snapshot import DeckState, State, Tuning
from engine.storage.database import Database
from engine.storage.reader import OnDisk

if TYPE_CHECKING:
    from engine.harvest.deck import Deck
    from engine.harvest.group import WorkerGroup

PATIENCE: Final = 0.05
"""Seconds a caller waits for a fresh snapshot before it takes the last one."""
SWITCH: Final = 0.001
"""Seconds a thread may run while others wait for Python. With 5 ms, the default, a few threads of yt-dlp make the loop
late again and again, and a latency measured meanwhile says nothing of the server."""
log: Final = logging.getLogger(__name__)


class EngineThread(OnDisk):
    """Runs a deck; every method is safe from any thread and returns at once. Satisfies `Control`."""

    def __init__(
        self,
        *,
        jobs: Sequence[Job],
        database: Path,
        duration: float | None = None,
        listen: Callable[[Event], None] | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        super().__init__([job.source for job in jobs], database, wall)
        self._jobs = jobs
        self._database = Database(database)
        self._duration = duration
        self._listen = listen
        self._deck: Deck | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[None] | None = None
        self._last = self._empty()
        self._asked: Future[DeckState] | None = None
        self._early: list[Callable[[], object]] = []
        self._entry = threading.Lock()
        self._ready = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)

    def start(self) -> None:
        """Open the database and start the harvest; return once it runs.

        Raises:
            StoreUnusable: the database cannot be used.
        """
        self.open()
        self.launch()
        self._ready.wait()

    def open(self) -> None:
        """Open the database, and no more: what is wrong with it is found before anything is shown.

        Raises:
            StoreUnusable: the database cannot be used.
        """
        self._database.open()

    def launch(self) -> None:
        """Start the harvest of an open database; return at once. What is asked until it runs is done then."""
        sys.setswitchinterval(SWITCH)
        self._thread.start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end; return whether it has come."""
        return self._ended.wait(timeout)

    def snapshot(self) -> DeckState:
        """Say the state of everything; the last known one when the engine is too busy to answer now."""
        if self._ended.is_set():
            return self._last
        if not self._ready.is_set():
            # Nothing runs yet that could stand still: the screen is loaded and drawn before the engine is, and with
            # cold disk caches the two take seconds. A snapshot as old as this object would look like a hang.
            return replace(self._last, at=self._wall())
        if self._asked is None:
            self._asked = Future()
            self._call(self._answer, self._asked)
        with suppress(NotYet):
            fresh = self._asked.result(PATIENCE)
            self._asked = None
            if not self._ended.is_set():
                self._last = fresh
        return self._last

    def pause(self, source: str | None = None) -> None:
        """Start nothing more for one source, or for all."""
        self._each(source, lambda group: group.pause())

    def resume(self, source: str | None = None) -> None:
        """Go on."""
        self._each(source, lambda group: group.resume())

    def nudge(self, source: str, step: int) -> None:
        """Try more or fewer in flight in a source's lanes once; one more or fewer where they are pinned."""
        self._each(source, lambda group: group.hand.nudge(step))

    def pin(self, source: str, number: int | None = None) -> None:
        """Have so many in flight in each of a source's lanes; None is as many as now."""
        self._each(source, lambda group: group.hand.pin(number))

    def cap(self, source: str, step: int) -> None:
        """Never have more in flight in a source's lanes than `step` above or below what the cap is now."""
        self._each(source, lambda group: group.hand.cap(step))

    def cap_at(self, source: str, number: int) -> None:
        """Never have more in flight in a source's lanes than this."""
        self._each(source, lambda group: group.hand.cap_at(number))

    def automatic(self, source: str) -> None:
        """Give the concurrency back to the controller: no pin, no cap."""
        self._each(source, lambda group: group.hand.free())

    def tune(self, source: str, tuning: Tuning) -> None:
        """Change what differs from how a source is tuned now."""
        from engine.harvest.group_factory import budgets_of
        from engine.pacing.concurrency.policies import parse_policy, parse_restraint

        parse_restraint(tuning.rules)
        for job in self._jobs:
            if job.source.name == source:
                parse_policy(tuning.policy, cap=min(budget.concurrency for budget in budgets_of(job)))
        self._each(source, lambda group: group.tune(tuning))

    def retry(self, source: str | None = None, failure: str | None = None, id: int | None = None) -> None:
        """Queue again what failed for good: everything, a source's, one kind of error, or one request."""
        self._each(source, lambda group: group.retry(failure, id))

    def set_aside(self, source: str, failure: str | None = None, id: int | None = None) -> None:
        """Put what failed for good into quarantine."""
        self._call(lambda: self._deck.set_aside(source, failure, id) if self._deck else None)

    def release(self, source: str, id: int | None = None) -> None:
        """Let requests out of quarantine."""
        self._call(lambda: self._deck.let_out(source, id) if self._deck else None)

    def fill(self, source: str, parts: Sequence[str]) -> int:
        """Fetch what fills some parts, and nothing besides."""
        filling = self.filling(source, parts)
        if filling:
            self._call(lambda: self._deck.fill(source, filling) if self._deck else None)
        return len(filling.parts)

    def stop(self) -> None:
        """Finish what is in flight, then end."""
        self._call(lambda: self._deck.stop("stopped by hand") if self._deck else None)

    def stop_now(self) -> None:
        """End at once; what is in flight is fetched again by the next run."""
        self._call(lambda: self._main.cancel() if self._main else None)

    def _each(self, source: str | None, command: "Callable[[WorkerGroup], None]") -> None:
        self._call(lambda: self._deck.order(source, command) if self._deck else None)

    def _call(self, function: Callable[..., object], *arguments: object) -> None:
        """Run a function on the engine's loop, once there is one; when that is over there is nobody to command."""
        with self._entry:
            if self._loop is None:
                self._early.append(partial(function, *arguments))
                return
            loop = self._loop
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(function, *arguments)

    def _answer(self, asked: Future[DeckState]) -> None:
        if self._deck is not None:
            asked.set_result(self._deck.snapshot())

    def _work(self) -> None:
        """Be the thread: run the deck to its end, keep its last snapshot, close the file."""
        try:
            asyncio.run(self._run())
        except asyncio.CancelledError:
            self._keep()
        except Exception as error:
            log.exception("the engine crashed")
            self._keep()
            why = f"{blame(error)}; the log has it whole: {tilde(log_file())}"
            self._last = replace(self._last, state=State.FAILED, reason=why)
        else:
            self._keep()
        finally:
            self._database.close()
            self._ended.set()
            self._ready.set()

    async def _run(self) -> None:
        from engine.harvest.deck import Deck

        loop = asyncio.get_running_loop()
        self._main = asyncio.current_task()
        self._deck = Deck(
            jobs=self._jobs, database=self._database, now=loop.time, wall=self._wall, duration=self._duration
        )
        if self._listen is not None:
            self._deck.listen(self._listen)
        with self._entry:
            self._loop = loop
        for command in self._early:
            command()
        self._last = replace(self._last, at=self._wall())  # from here on a loop that does not answer is late
        self._ready.set()
        await self._deck.run()

    def _keep(self) -> None:
        if self._deck is not None:
            self._last = self._deck.snapshot()

    def _empty(self) -> DeckState:
        return DeckState(
            at=self._wall(),
            uptime=0.0,
            state=State.IDLE,
            reason="starting",
            database=str(self._database.path),
            groups=tuple(status.before(job.source.name) for job in self._jobs),
            log=(),
            failures=(),
        )
