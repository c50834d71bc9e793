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
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.common.errors import UsageError, blame
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
"""Seconds a caller waits for a fresh snapshot before it takes the last one."""
SWITCH: Final = 0.001
"""Seconds a thread may run while others wait for Python. With 5 ms, the default, a few threads of yt-dlp make the loop
late again and again, and a latency measured meanwhile says nothing of the server."""
log: Final = logging.getLogger(__name__)


class EngineThread(OnDisk):
    """Runs a deck. Satisfies `Control`."""

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
        self._last = self._empty()
        self._asked: Future[DeckState] | None = None
        self.interrupted = False
        """Whether it was asked to stop while it still ran."""
        self._early: list[tuple[Command, Future[Outcome]]] = []
        """Commands that came before the loop ran."""
        self._unanswered: set[Future[Outcome]] = set()
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

    def send(self, command: Command) -> Future[Outcome]:
        """Have a command carried out; return at once, with the outcome to come."""
        answer: Future[Outcome] = Future()
        answer.add_done_callback(self._unanswered.discard)
        with self._entry:
            if self._ended.is_set():
                answer.set_result(self._after_the_end(command))
                return answer
            self.interrupted = self.interrupted or isinstance(command, Stop | StopNow)
            self._unanswered.add(answer)
            if self._loop is None:
                self._early.append((command, answer))
            else:
                self._call(self._pass_on, command, answer)
        return answer

    def _after_the_end(self, command: Command) -> Outcome:
        """Refuse what nobody can carry out any more. Settings are still taken: the screen saves them."""
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
        """Run a function on the engine's loop; where that is closed already, `_end` answers."""
        assert self._loop is not None, "nobody calls before the loop runs"
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *arguments)

    def _pass_on(self, command: Command, answer: Future[Outcome]) -> None:
        assert self._deck is not None, "the loop runs for the deck"
        self._deck.send(command).add_done_callback(lambda done: answer.set_result(done.result()))

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
            self._end()

    async def _run(self) -> None:
        from engine.harvest.deck import Deck

        loop = asyncio.get_running_loop()
        self._deck = Deck(
            jobs=self._jobs, database=self._database, now=loop.time, wall=self._wall, duration=self._duration
        )
        if self._listen is not None:
            self._deck.listen(self._listen)
        with self._entry:
            self._loop = loop
        for command, answer in self._early:
            self._pass_on(command, answer)
        self._last = replace(self._last, at=self._wall())  # from here on a loop that does not answer is late
        self._ready.set()
        await self._deck.run()

    def _end(self) -> None:
        """Let go of everybody who waits."""
        with self._entry:  # a command comes before this and is answered here, or after it and is answered at once
            self._ended.set()
        self._ready.set()
        for answer in list(self._unanswered):
            answer.set_result(Refused(status.ENDED))

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
            groups=tuple(status.not_started(job.source.name, job.tuning) for job in self._jobs),
            log=(),
            failures=(),
        )
