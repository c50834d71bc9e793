"""Runs the engine in a thread with its own event loop, so that a screen that hangs never delays the harvest.

Snapshots are immutable, so threads share them without locks. Commands enter by `call_soon_threadsafe`. The deck is
imported in the thread, because that takes longer than the first frame of the screen.
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
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.common.errors import StoreFailed, UsageError, blame, first
from engine.common.paths import log_file, tilde
from engine.common.text import clean
from engine.harvest import status
from engine.harvest.job import Job
from engine.model.commands import Command, Done, Outcome, Refused, Stop, StopNow, Tune
from engine.model.events import Event
from engine.model.snapshot import DeckState, State
from engine.storage.database import Database
from engine.storage.reader import OnDisk

if TYPE_CHECKING:
    from engine.harvest.deck import Deck

PATIENCE: Final = 0.05
"""Seconds that a caller waits for a new snapshot before it gets the last one."""
SWITCH: Final = 0.001
"""Seconds that a thread may hold the interpreter lock while others wait (`sys.setswitchinterval`). With the default of
5 ms, a few threads of yt-dlp make the loop late, and the latencies measured meanwhile say nothing about the server."""
log: Final = logging.getLogger(__name__)


class EngineThread(OnDisk):
    """Runs a deck; implements `Control`. Every public method may be called from any thread."""

    def __init__(
        self,
        *,
        jobs: Sequence[Job],
        database: Path,
        duration: float | None = None,
        patience: float = inf,
        listen: Callable[[Event], None] | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        super().__init__([job.source for job in jobs], database, wall)
        self._jobs = jobs
        self._database = Database(database)
        self._duration = duration
        self._patience = patience
        self._listen = listen
        self._deck: Deck | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._last = self._initial_state()
        self._pending: Future[DeckState] | None = None
        """A snapshot that was requested and has not come; one at a time, so a busy loop gets no pile of them."""
        self.interrupted = False
        """Whether a stop was requested while it ran."""
        self._early: list[tuple[Command, Future[Outcome]]] = []
        """Commands that came before the event loop ran."""
        self._unanswered: set[Future[Outcome]] = set()
        self._lock = threading.Lock()
        """Guards `_loop`, `_ended`, `_early` and `_unanswered`, so that every command is answered exactly once."""
        self._ready = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._thread_main, name="engine", daemon=True)

    def start(self) -> None:
        """Open the database and start the harvest; return once it runs.

        Raises:
            StoreUnusable: the database cannot be used.
        """
        self.open()
        self.launch()
        self._ready.wait()

    def open(self) -> None:
        """Open the database only, so that an error is found before a screen is shown.

        Raises:
            StoreUnusable: the database cannot be used.
        """
        self._database.open()

    def launch(self) -> None:
        """Start the harvest of an open database; return at once. Commands sent before it runs are carried out then."""
        sys.setswitchinterval(SWITCH)
        self._thread.start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end; return whether it has come."""
        return self._ended.wait(timeout)

    def snapshot(self) -> DeckState:
        """Return the state of everything; if the engine is too busy to answer now, the last known state."""
        if self._ended.is_set():
            return self._last
        if not self._ready.is_set():
            # The screen is drawn before the engine is imported, which takes seconds with a cold disk cache. The time of
            # the snapshot is set to now: with the time of the constructor, the screen would report a hang.
            return replace(self._last, at=self._wall())
        if self._pending is None:
            self._pending = Future()
            self._call(self._take_snapshot, self._pending)
        with suppress(NotYet):
            fresh = self._pending.result(PATIENCE)
            self._pending = None
            if not self._ended.is_set():
                self._last = fresh
        return self._last

    def send(self, command: Command) -> Future[Outcome]:
        """Carry out a command; return its future outcome at once."""
        answer: Future[Outcome] = Future()
        answer.add_done_callback(self._unanswered.discard)
        with self._lock:
            if self._ended.is_set():
                answer.set_result(self._after_the_end(command))
                return answer
            self.interrupted = self.interrupted or isinstance(command, Stop | StopNow)
            self._unanswered.add(answer)
            if self._loop is None:
                self._early.append((command, answer))
            else:
                self._call(self._forward, command, answer)
        return answer

    def _after_the_end(self, command: Command) -> Outcome:
        """Refuse a command that came after the end. Settings are still accepted, because the screen can save them."""
        groups = {group.name: group for group in self._last.groups}
        if not isinstance(command, Tune) or command.source not in groups:
            return Refused(status.ENDED)
        from engine.harvest.group_factory import check_tuning

        try:
            check_tuning(next(job for job in self._jobs if job.source.name == command.source), command.tuning)
        except UsageError as error:
            return Refused(clean(str(error)))
        groups[command.source] = replace(groups[command.source], tuning=command.tuning)
        self._last = replace(self._last, groups=tuple(groups.values()))
        return Done()

    def _call(self, function: Callable[..., object], *arguments: object) -> None:
        """Run a function on the engine's loop.

        If the loop has just closed, nothing runs: `_end` is about to answer the command.
        """
        assert self._loop is not None, "nobody calls before the loop runs"
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *arguments)

    def _forward(self, command: Command, answer: Future[Outcome]) -> None:
        assert self._deck is not None, "the loop runs for the deck"
        self._deck.send(command).add_done_callback(lambda done: answer.set_result(done.result()))

    def _take_snapshot(self, pending: Future[DeckState]) -> None:
        if self._deck is not None:
            pending.set_result(self._deck.snapshot())

    def _thread_main(self) -> None:
        """Run the deck to its end, keep its last snapshot, close the database."""
        try:
            from engine.harvest.steady_clock import SleepCountingLoop

            with asyncio.Runner(loop_factory=SleepCountingLoop) as runner:
                runner.run(self._run())
        except asyncio.CancelledError:
            self._keep_snapshot()
        except Exception as error:
            self._keep_snapshot()
            if isinstance(first(error), StoreFailed):
                log.error("the harvest ends: %s", blame(error))  # noqa: TRY400 -- no crash, so no traceback
                self._fail(blame(error))
            else:
                log.exception("the engine crashed")
                why = f"{blame(error)}; the log has it whole: {tilde(log_file())}"
                self._last = replace(self._last, state=State.FAILED, reason=why)
        else:
            self._keep_snapshot()
        finally:
            self._database.close()
            if self._database.failure is not None:  # it may have been found only by the closing
                self._fail(str(self._database.failure), also_ended=True)
            self._end()

    async def _run(self) -> None:
        from engine.harvest.deck import Deck

        loop = asyncio.get_running_loop()
        self._deck = Deck(
            jobs=self._jobs,
            database=self._database,
            now=loop.time,
            wall=self._wall,
            duration=self._duration,
            patience=self._patience,
        )
        if self._listen is not None:
            self._deck.listen(self._listen)
        with self._lock:
            self._loop = loop  # from here on `send` calls the loop itself, so nothing is added to `_early` any more
        for command, answer in self._early:
            self._forward(command, answer)
        self._last = replace(self._last, at=self._wall())  # from here on a loop that does not answer is late
        self._ready.set()
        await self._deck.run()

    def _end(self) -> None:
        """Answer every command that is left, and release every thread that waits."""
        with self._lock:  # a command that comes before this is answered below, one that comes after it by `send`
            self._ended.set()
        self._ready.set()
        for answer in list(self._unanswered):
            answer.set_result(Refused(status.ENDED))

    def _keep_snapshot(self) -> None:
        if self._deck is not None:
            self._last = self._deck.snapshot()

    def _fail(self, reason: str, *, also_ended: bool = False) -> None:
        """Mark the harvest as failed, with every source that has not ended; or all, where their rows are gone too."""
        groups = self._last.groups or self._initial_state().groups
        failed = tuple(
            replace(group, state=State.FAILED, reason=reason) if also_ended or group.state not in status.OVER else group
            for group in groups
        )
        self._last = replace(self._last, state=State.FAILED, reason=reason, groups=failed)

    def _initial_state(self) -> DeckState:
        return DeckState(
            at=self._wall(),
            uptime=0.0,
            state=State.IDLE,
            reason="starting",
            database=str(self._database.path),
            groups=tuple(status.not_started(job.source.name, job.tuning) for job in self._jobs),
            log=(),
            failures=(),
        )
