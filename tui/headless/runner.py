"""A harvest without a screen: lines for events, a status from time to time, and a graceful end on a signal."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager
from enum import Enum
from functools import partial
from queue import Empty, SimpleQueue
from typing import Final, Generic, Protocol, TypeVar

from engine.common.text import counted
from engine.model.commands import Stop, StopNow
from engine.model.control import Control
from engine.model.events import Event
from engine.model.snapshot import DeckState, State
from tui.common.config_watch import ConfigWatch
from tui.common.signals import Interrupts
from tui.headless.leaving import DRAIN, MUST, Leaving
from tui.headless.lines import Line, Tone, endings, line_of, progress
from tui.headless.printer import Printer
from tui.headless.summary import Stopwatch

Kind = TypeVar("Kind", bound=Hashable)
LIVE_EVERY: Final = 0.5
"""Seconds between two drawings of the status on a terminal."""
PLAIN_EVERY: Final = 10.0
"""Seconds between two status lines elsewhere."""
QUIET_EVERY: Final = 5.0
"""Seconds between two lines of one kind that need no attention."""


class LineLimiter(Generic[Kind]):
    """Allows `most` lines of one kind in each window, and counts the rest. Times are seconds, passed in."""

    def __init__(self, *, most: int = 3, window: float = 1.0) -> None:
        self._most = most
        self._window = window
        self._began: dict[Kind, float] = {}
        self._seen: Counter[Kind] = Counter()

    def admits(self, kind: Kind, now: float) -> bool:
        """Return whether another line of this kind may be printed; if not, count it."""
        self._began.setdefault(kind, now)
        self._seen[kind] += 1
        return self._seen[kind] <= self._most

    def over(self, now: float, *, all_of_them: bool = False) -> Iterator[tuple[Kind, int]]:
        """Close the windows that have ended; yield each kind with more lines than were printed, and how many."""
        for kind, began in list(self._began.items()):
            if all_of_them or now - began >= self._window:
                del self._began[kind]
                held = self._seen.pop(kind) - self._most
                if held > 0:
                    yield kind, held


class Harvest(Control, Protocol):
    """A running engine: the commands for it, and its end."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end; return whether it has come."""


class _End(Enum):
    """Marks the end of the harvest in the inbox. Signals and events come through the same queue, in order."""

    ENDED = "ended"


class HeadlessRunner:
    """Prints a harvest. `on_event` is passed to the engine as its listener; it may be called from any thread."""

    def __init__(
        self,
        *,
        printer: Printer,
        clock: Callable[[], float] = time.monotonic,
        interrupts: Callable[[Callable[[signal.Signals], None]], AbstractContextManager[object]] = Interrupts,
        leaving: Leaving | None = None,
        config: ConfigWatch | None = None,
    ) -> None:
        self.stopwatch: Final = Stopwatch()
        self._printer = printer
        self._clock = clock
        self._interrupts = interrupts
        self._inbox: SimpleQueue[Event | _End | signal.Signals] = SimpleQueue()
        self._loud: LineLimiter[tuple[str, str]] = LineLimiter()
        self._quiet: LineLimiter[tuple[str, str]] = LineLimiter(most=1, window=QUIET_EVERY)
        self._tones: dict[tuple[str, str], Tone] = {}
        self._every = LIVE_EVERY if printer.live else PLAIN_EVERY
        self._signals: list[signal.Signals] = []
        self._asked_by: signal.Signals | None = None
        """The first signal, from the moment it came."""
        self._parked = False
        self._leaving = leaving or Leaving()
        self._config = config

    def close(self) -> None:
        """Bound the end no longer: the process ends by itself now."""
        self._leaving.cancel()

    def on_event(self, event: Event) -> None:
        """Queue an event; return at once."""
        self._inbox.put(event)

    def follow(self, harvest: Harvest) -> signal.Signals | None:
        """Print a harvest until it ends. Return the first signal that asked it to end.

        After a signal the process has little time left, until `close`.
        """
        with self._interrupts(partial(self._signalled, harvest)):
            threading.Thread(target=self._await_end, args=(harvest,), name="headless-end", daemon=True).start()
            self._print_until_end(harvest)
        self._print_rest(harvest.snapshot())
        return self._signals[0] if self._signals else None

    def _await_end(self, harvest: Harvest) -> None:
        harvest.wait()
        self._inbox.put(_End.ENDED)

    def _print_until_end(self, harvest: Harvest) -> None:
        due = self._clock() + self._every
        while True:
            self._report_edit()
            try:
                item = self._inbox.get(timeout=max(min(due - self._clock(), 1.0), 0.0))
            except Empty:
                self._print_held()
            else:
                if item is _End.ENDED:
                    return
                self._take(item, harvest)
            if self._clock() >= due:
                due = self._clock() + self._every
                deck = harvest.snapshot()
                self._report_parked(deck)
                self._printer.status([progress(group) for group in deck.groups])

    def _report_edit(self) -> None:
        """Print once that the configuration was edited, and what a restart would change."""
        if self._config is not None:
            self._config.look()
            if news := self._config.news():
                self._printer.line(Line(verb="Note", source="", text=news, tone=Tone.WARNING))

    def _report_parked(self, deck: DeckState) -> None:
        """Print once that all remaining lanes wait for an API that asked for a long pause."""
        parked = deck.state is State.PARKED
        if parked and not self._parked:
            text = "nothing is left but what is parked; it goes on by itself, --for or Ctrl+C ends it, nothing is lost"
            self._printer.line(Line(verb="Waiting", source="", text=text, tone=Tone.WARNING))
        self._parked = parked

    def _take(self, item: Event | _End | signal.Signals, harvest: Harvest) -> None:
        if isinstance(item, Event):
            self._print_event(item)
        elif isinstance(item, signal.Signals):
            self._interrupt(harvest, item)

    def _signalled(self, harvest: Harvest, by: signal.Signals) -> None:
        # In the signal's handler, and not where signals are taken from the inbox: a line that nobody reads from
        # standard error would block that for ever.
        if self._asked_by is None:
            self._asked_by = by
            self._leaving.first(by, harvest)
        else:
            self._leaving.again(self._asked_by)
        self._inbox.put(by)

    def _interrupt(self, harvest: Harvest, by: signal.Signals) -> None:
        self._signals.append(by)
        if len(self._signals) > 1:
            harvest.send(StopNow())
            return
        flying = sum(lane.in_flight for group in harvest.snapshot().groups for lane in group.lanes)
        harvest.send(Stop())
        waits = f"finishes {counted(flying, 'request')} in flight" if flying else "nothing is in flight"
        within = f" within {DRAIN:g} s" if flying and by in MUST else ""
        text = f"{waits}{within}; Ctrl+C once more leaves at once, and nothing is lost"
        self._printer.line(Line(verb="Stopping", source="", text=text, tone=Tone.WARNING))

    def _print_event(self, event: Event) -> None:
        self.stopwatch.on_event(event)
        self._print_held()
        line = line_of(event)
        if line is None:
            return
        kind = (line.source, line.verb)
        self._tones[kind] = line.tone
        flood = self._quiet if line.tone is Tone.QUIET else self._loud
        if flood.admits(kind, self._clock()):
            self._printer.line(line)

    def _print_held(self, *, all_of_them: bool = False) -> None:
        now = self._clock()
        over = [*self._loud.over(now, all_of_them=all_of_them), *self._quiet.over(now, all_of_them=all_of_them)]
        for kind, held in over:
            source, verb = kind
            self._printer.line(Line(verb=verb, source=source, text=f"and {held:,} more", tone=self._tones[kind]))

    def _print_rest(self, deck: DeckState) -> None:
        """Print the last events, then how each source ended."""
        while not self._inbox.empty():
            item = self._inbox.get()
            if isinstance(item, Event):
                self._print_event(item)
        self._print_held(all_of_them=True)
        for line in endings(deck, self.stopwatch.durations()):
            self._printer.line(line)
