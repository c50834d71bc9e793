"""A deck in a process of its own, over an engine that only pretends: `python -m tests.terminal.pretended NAME`.

All else is the program's own: the command line's output options, the app, the driver, signals, logs and the summary.
"""

import argparse
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

from textual import events
from textual.strip import Strip

import tui.app
from engine.config import load_settings
from engine.errors import ConfigError
from engine.events import Event
from engine.job import Job
from engine.snapshot import Attempt, Deck, FailedDetail, FailedRequest, State
from engine.snapshot_changes import Changes, Tally
from engine.snapshot_part import Part
from engine.source import Memory, Page, RateBudget, Request, Response
from engine.thread import EngineThread
from tests.fakes import FakeSource, serves
from tests.terminal.payloads import HOSTILE
from tests.tui.fakes import FakeControl, hostile
from tui import sample
from tui.registry import Registry
from tui.session import Output, harvest
from tui.widgets.panel import Panel
from tui.wiring import Wiring

TOKEN: Final = "ghp_" + "s3cr3t" * 5
STARTED: Final = time.time()


class Pretended(FakeControl):
    """Looks like an engine that runs until it is stopped, however long that takes."""

    def __init__(self, look: Callable[[], Deck], *, drains: bool = True) -> None:
        super().__init__(look())
        self._look = look
        self._drains = drains
        self._state: State | None = None
        self._ended = threading.Event()

    def snapshot(self) -> Deck:
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

    def stop(self) -> None:
        self._state = State.STOPPED if self._drains else State.DRAINING
        if self._drains:
            self._ended.set()

    def stop_now(self) -> None:
        self._state = State.STOPPED
        self._ended.set()


class PretendedWiring(Wiring):
    """Builds a pretended engine whatever it is asked for."""

    def __init__(self, engine: Pretended | EngineThread) -> None:
        settings = load_settings(Path("none.toml"))
        super().__init__(settings=settings, registry=Registry([]), environ={}, version="0", database=Path("rows.db"))
        self._engine = engine

    def engine(self, names: Sequence[str], listen: Callable[[Event], None], fills: Sequence[str] = ()) -> Any:
        return self._engine


def still() -> Deck:
    """Nothing happens, and never has; the clock in the heading stands as well."""
    deck = sample.deck()
    groups = tuple(replace(group, state=State.RUNNING, seconds=()) for group in deck.groups)
    return replace(deck, at=time.time(), groups=groups)


def clock() -> Deck:
    """Nothing happens but the time."""
    return replace(still(), uptime=time.time() - STARTED)


def busy() -> Deck:
    """Everything moves, as in an eventful harvest."""
    return replace(sample.deck(sample.NOW + time.time() - STARTED), at=time.time())


def ending() -> Deck:
    """It is done after two seconds."""
    deck = still()
    if time.time() - STARTED < 2:
        return deck
    return replace(deck, state=State.DONE, groups=tuple(replace(group, state=State.DONE) for group in deck.groups))


def refused() -> Deck:
    """A source is refused its token after two seconds."""
    deck = still()
    if time.time() - STARTED < 2:
        return deck
    failure = replace(deck.failures[0], source="github", kind="401")
    groups = (replace(deck.groups[0], state=State.FAILED, reason="401: \x1b]52;c;AAAA\x07bad"), *deck.groups[1:])
    return replace(deck, groups=groups, failures=(failure,))


def hostile_data() -> Deck:
    """Every text of the deck is hostile, another one each second."""
    deck = hostile(HOSTILE[int((time.time() - STARTED) * 2) % len(HOSTILE)])
    return replace(deck, at=time.time())


def break_timer(app: tui.app.FetchdeckApp) -> None:
    def broken() -> None:
        token = TOKEN
        raise ValueError(f"a header cannot be {token}")

    app.set_timer(0.2, broken)


def break_worker(app: tui.app.FetchdeckApp) -> None:
    async def broken() -> None:
        token = TOKEN
        raise ValueError(f"a header cannot be {token}")

    app.run_worker(broken())


def break_render(_app: tui.app.FetchdeckApp) -> None:
    def broken(self: Panel, y: int) -> Strip:
        token = TOKEN
        raise ValueError(f"a header cannot be {token}")

    Panel.render_line = broken  # type: ignore[method-assign]  # the fault this process is for


class BrokenSource(FakeSource):
    """Meets what nobody foresaw, in a task of the real engine, with a token at hand."""

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        token = TOKEN
        raise RuntimeError(f"nobody foresaw {len(token)}")


def broken_engine() -> EngineThread:
    source = BrokenSource()
    return EngineThread(jobs=[Job(source=source, transport=serves(source))], database=Path("rows.db"))


def paced_engine() -> EngineThread:
    """The real engine, real rows and all, at a pace that any machine keeps up with."""
    source = FakeSource(pages=100_000, details=True, budgets=[RateBudget(resource="core", requests=20, per=1.0)])
    return EngineThread(jobs=[Job(source=source, transport=serves(source))], database=Path("rows.db"))


def write_keys(app: tui.app.FetchdeckApp) -> None:
    """Write down every key instead of doing what it means."""
    forward, keys = app.on_event, list[str]()

    def heard(key: str) -> None:
        keys.append(f"{key}\n")
        Path("keys.txt").write_text("".join(keys), encoding="utf-8")

    async def note(event: events.Event) -> None:
        if isinstance(event, events.Key):
            heard(event.key)
        else:
            await forward(event)

    app.on_event = note  # type: ignore[method-assign]  # what this process is for


def hang(app: tui.app.FetchdeckApp) -> None:
    """Hold the event loop for ever."""
    app.set_timer(0.5, lambda: threading.Event().wait())


DECKS: Final = {
    "still": still, "clock": clock, "busy": busy, "ending": ending, "refused": refused, "hostile": hostile_data,
    "draining": still,
}  # fmt: skip
FAULTS: Final = {"timer": break_timer, "worker": break_worker, "render": break_render, "hang": hang, "keys": write_keys}


class FaultyApp(tui.app.FetchdeckApp):
    """Breaks on request, as soon as it runs."""

    fault: Callable[[], None] | None = None

    def on_mount(self) -> None:
        super().on_mount()
        if self.fault is not None:
            self.fault()


def hostile_parts() -> Sequence[Part]:
    """A part for each hostile text."""
    one = sample.parts("github")[2]
    return [replace(one, key=bad, name=bad, detail=bad, state=bad) for bad in HOSTILE]


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
    fault = FAULTS.get(chosen.name)
    FaultyApp.fault = fault  # type: ignore[assignment]  # a method from here on
    tui.app.FetchdeckApp = FaultyApp  # type: ignore[misc]  # before the screen imports it
    pretended = Pretended(DECKS.get(chosen.name, still), drains=chosen.name != "draining")
    if chosen.name == "hostile":
        pretended.mapped, pretended.changed = hostile_parts(), hostile_changes()
        pretended.requests, pretended.detail = hostile_requests(), hostile_detail()
        pretended.refuses = ConfigError(HOSTILE[4])
    made = {"engine": broken_engine, "paced": paced_engine}.get(chosen.name)
    engine = made() if made else pretended
    arguments = argparse.Namespace(headless=False, quiet=False, json=False, **vars(chosen))
    return harvest(cast("Wiring", PretendedWiring(engine)), names=["github"], output=Output.of(arguments))


if __name__ == "__main__":
    sys.exit(main())
