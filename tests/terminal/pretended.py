"""A deck in a process of its own, over an engine that only pretends: `python -m tests.terminal.pretended NAME`.

All else is the program's own: the command line's output options, the app, the driver, signals, logs and the summary.
"""

import argparse
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

import tui.app.app
from bench.screen.sample import deck as sample
from engine.config.settings import load_settings
from engine.harvest.engine_thread import EngineThread
from engine.model.changes import Changes, Tally
from engine.model.commands import Command, Done, Outcome, Stop, StopNow
from engine.model.coverage import Part
from engine.model.events import Event
from engine.model.snapshot import Attempt, DeckState, FailedDetail, FailedRequest, State
from tests.terminal import faulty
from tests.terminal.payloads import HOSTILE
from tests.tui.fakes import FakeControl, answered, hostile
from tui.session import Output, harvest
from tui.wiring.builder import Wiring
from tui.wiring.registry import Registry

STARTED: Final = time.time()


class Noted(list[Command]):
    """Writes every command down, for whoever looks at the process from outside."""

    def append(self, command: Command) -> None:
        super().append(command)
        Path("commands.txt").write_text("".join(f"{one}\n" for one in self), encoding="utf-8")


class Pretended(FakeControl):
    """FakeLastSeen like an engine that runs until it is stopped, however long that takes."""

    def __init__(self, look: Callable[[], DeckState], *, drains: bool = True) -> None:
        super().__init__(look())
        self._look = look
        self._drains = drains
        self._state: State | None = None
        self._ended = threading.Event()
        self.interrupted = False
        self.commands = Noted()

    def snapshot(self) -> DeckState:
        deck = self._look()
        if self._state is None:
            return deck
        return replace(
            deck, state=self._state, groups=tuple(replace(group, state=self._state) for group in deck.groups)
        )

    def open(self) -> None:
        """There is nothing to open."""

    def launch(self) -> None:
        """There is nothing to start."""

    def wait(self, timeout: float | None = None) -> bool:
        return self._ended.wait(timeout)

    def send(self, command: Command) -> Future[Outcome]:
        if command == StopNow() or (command == Stop() and self._drains):
            self.interrupted = True
            self._state = State.STOPPED
            self._ended.set()
        elif command == Stop():
            self.interrupted = True
            self._state = State.DRAINING
        else:
            return super().send(command)
        return answered(Done())


class PretendedWiring(Wiring):
    """Builds a pretended engine whatever it is asked for."""

    def __init__(self, engine: Pretended | EngineThread) -> None:
        settings = load_settings(Path("none.toml"))
        super().__init__(settings=settings, registry=Registry([]), environ={}, version="0", database=Path("rows.db"))
        self._engine = engine

    def engine(
        self,
        names: Sequence[str],
        listen: Callable[[Event], None],
        fills: Sequence[str] = (),
        *,
        on_screen: bool = False,
    ) -> Any:
        return self._engine


def still() -> DeckState:
    """Nothing happens, and never has; the clock in the heading stands as well."""
    deck = sample.deck()
    groups = tuple(replace(group, state=State.RUNNING, seconds=()) for group in deck.groups)
    return replace(deck, at=time.time(), groups=groups)


def clock() -> DeckState:
    """Nothing happens but the time."""
    return replace(still(), uptime=time.time() - STARTED)


def busy() -> DeckState:
    """Everything moves, as in an eventful harvest."""
    return replace(sample.deck(sample.NOW + time.time() - STARTED), at=time.time())


def ending() -> DeckState:
    """It is done after two seconds."""
    deck = still()
    if time.time() - STARTED < 2:
        return deck
    return replace(deck, state=State.DONE, groups=tuple(replace(group, state=State.DONE) for group in deck.groups))


def refused() -> DeckState:
    """A source is refused its token after two seconds."""
    deck = still()
    if time.time() - STARTED < 2:
        return deck
    failure = replace(deck.failures[0], source="github", kind="401")
    groups = (replace(deck.groups[0], state=State.FAILED, reason="401: \x1b]52;c;AAAA\x07bad"), *deck.groups[1:])
    return replace(deck, groups=groups, failures=(failure,))


def hostile_data() -> DeckState:
    """Every text of the deck is hostile, another one each second."""
    deck = hostile(HOSTILE[int((time.time() - STARTED) * 2) % len(HOSTILE)])
    return replace(deck, at=time.time())


DECKS: Final = {
    "still": still, "clock": clock, "busy": busy, "ending": ending, "refused": refused, "hostile": hostile_data,
    "draining": still,
}  # fmt: skip


class FaultyApp(tui.app.app.FetchdeckApp):
    """Breaks on request, as soon as it runs."""

    fault: Callable[[], None] | None = None

    def on_mount(self) -> None:
        super().on_mount()
        if self.fault is not None:
            self.fault()


def hostile_parts() -> Sequence[Part]:
    """A part for each hostile text."""
    one = sample.parts("github")[2]
    return [replace(one, key=bad, name=bad, detail=bad) for bad in HOSTILE]


def hostile_changes() -> Changes:
    """A change for each hostile text."""
    one = sample.changes().rows[1]
    rows = [
        replace(one, source=bad, table=bad, key=bad, name=bad, kind=bad, what=((bad, bad, bad),)) for bad in HOSTILE
    ]
    tallies = tuple(Tally(source=bad, table=bad, kind="new", count=1) for bad in HOSTILE)
    return Changes(born=1.0, tallies=tallies, rows=tuple(rows))


def hostile_requests() -> Sequence[FailedRequest]:
    """A failed request for each hostile text, in quarantine."""
    one = sample.failed("github", "x")[1]
    return [
        replace(
            one, id=number, source=bad, what=bad, reason=bad, head=(bad,), aside=True,
            history=(Attempt(at=0.0, outcome=bad, status=None, reason=bad, wait=1.0),),
        )
        for number, bad in enumerate(HOSTILE)
    ]  # fmt: skip


def hostile_detail() -> FailedDetail:
    """One failed request with all of them in its body and its history."""
    found = hostile_requests()
    tries = tuple(attempt for one in found for attempt in one.history)
    shown = replace(found[3], history=tries, head=HOSTILE)
    return replace(sample.detail(0), request=shown, address=HOSTILE[4], curl=HOSTILE[5], body=HOSTILE)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--hz", type=float)
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--ascii", action="store_true")
    parser.add_argument("--mouse", action="store_true")
    chosen = parser.parse_args()
    fault = faulty.FAULTS.get(chosen.name)
    FaultyApp.fault = fault  # type: ignore[assignment]  # a method from here on
    tui.app.app.FetchdeckApp = FaultyApp  # type: ignore[misc]  # before the screen imports it
    pretended = Pretended(DECKS.get(chosen.name, still), drains=chosen.name != "draining")
    if chosen.name == "hostile":
        pretended.mapped, pretended.changed = hostile_parts(), hostile_changes()
        pretended.requests, pretended.detail = hostile_requests(), hostile_detail()
        pretended.refuses = HOSTILE[4]
    made = faulty.ENGINES.get(chosen.name)
    engine = made() if made else pretended
    arguments = argparse.Namespace(headless=False, quiet=False, json=False, **vars(chosen))
    return harvest(cast("Wiring", PretendedWiring(engine)), names=["github"], output=Output.of(arguments))


if __name__ == "__main__":
    sys.exit(main())
