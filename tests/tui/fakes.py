"""A control that remembers commands and serves the decks it is given, and builders for small decks."""

import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import cast

from textual.pilot import Pilot

from bench.sample import deck as sample
from engine.common.errors import ConfigError, StoreUnusable
from engine.model.control import Control
from engine.model.coverage import Part
from engine.model.snapshot import (
    Changes,
    Decision,
    DeckState,
    FailedDetail,
    FailedRequest,
    GroupState,
    LogLine,
    SourceCard,
    Spared,
    State,
    Tuning,
)
from tui.app.app import FetchdeckApp
from tui.app.background_jobs import Errands
from tui.app.clipboard import Clipboard
from tui.app.data_pages import Archive
from tui.app.saving import Keeps
from tui.screens.base import Board
from tui.screens.changes.last_seen import LastSeen, Look
from tui.screens.frame import Frame

SIZES = [(80, 24), (120, 40), (200, 60), (60, 15), (30, 6), (10, 3), (1, 1)]
HOSTILE = [
    "[red]x[/red]",
    "[/nope]",
    "[@click=app.exit]x[/]",
    "界" * 300,
    "👍🏽" * 90,
    "a" * 5000,
    "[type=x, v={'a[0]'}]",
]


class FakeControl:
    """Serves one deck until it is given another; `fails` is raised instead."""

    def __init__(self, deck: DeckState | None = None) -> None:
        self.deck = deck or sample.deck()
        self.commands: list[tuple[object, ...]] = []
        self.fails: Exception | None = None
        self.snapshots = 0
        self.refuses: ConfigError | None = None
        self.unreadable: StoreUnusable | None = None
        self.requests: Sequence[FailedRequest] | None = None
        self.detail: FailedDetail | None = None
        self.changed: Changes | None = None
        self.mapped: Sequence[Part] | None = None

    def snapshot(self) -> DeckState:
        self.snapshots += 1
        if self.fails is not None:
            raise self.fails
        return self.deck

    def pause(self, source: str | None = None) -> None:
        self.commands.append(("pause", source))

    def resume(self, source: str | None = None) -> None:
        self.commands.append(("resume", source))

    def nudge(self, source: str, step: int) -> None:
        self.commands.append(("nudge", source, step))

    def pin(self, source: str, number: int | None = None) -> None:
        self.commands.append(("pin", source, number))

    def cap(self, source: str, step: int) -> None:
        self.commands.append(("cap", source, step))

    def cap_at(self, source: str, number: int) -> None:
        self.commands.append(("cap_at", source, number))

    def automatic(self, source: str) -> None:
        self.commands.append(("automatic", source))

    def tune(self, source: str, tuning: Tuning) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.commands.append(("tune", source, tuning))
        groups = tuple(replace(one, tuning=tuning) if one.name == source else one for one in self.deck.groups)
        self.deck = replace(self.deck, groups=groups)

    def retry(self, source: str | None = None, failure: str | None = None, id: int | None = None) -> None:
        self.commands.append(("retry", source, failure, id))

    def failed(self, source: str, failure: str) -> Sequence[FailedRequest]:
        if self.unreadable is not None:
            raise self.unreadable
        return sample.failed(source, failure) if self.requests is None else self.requests

    def inspect(self, id: int) -> FailedDetail | None:
        if self.unreadable is not None:
            raise self.unreadable
        return sample.detail(id) if self.detail is None else self.detail

    def set_aside(self, source: str, failure: str | None = None, id: int | None = None) -> None:
        self.commands.append(("set aside", source, failure, id))

    def release(self, source: str, id: int | None = None) -> None:
        self.commands.append(("release", source, id))

    def quarantined(self) -> Sequence[FailedRequest]:
        if self.unreadable is not None:
            raise self.unreadable
        return sample.quarantined() if self.requests is None else self.requests

    def changes(self) -> Changes:
        if self.unreadable is not None:
            raise self.unreadable
        return sample.changes() if self.changed is None else self.changed

    def parts(self, source: str) -> Sequence[Part]:
        if self.unreadable is not None:
            raise self.unreadable
        return sample.parts(source) if self.mapped is None else self.mapped

    def fill(self, source: str, parts: Sequence[str]) -> int:
        if self.unreadable is not None:
            raise self.unreadable
        self.commands.append(("fill", source, tuple(parts)))
        return len(parts)

    def stop(self) -> None:
        self.commands.append(("stop",))

    def stop_now(self) -> None:
        self.commands.append(("stop_now",))


class Copies:
    """A clipboard that remembers; it says what it was given."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def copy(self, text: str, terminal: Callable[[str], None]) -> str:
        self.texts.append(text)
        return f"copied {len(text)}"


class Looks:
    """Remembers looks in a list; the last look is the one it is made with."""

    def __init__(self, look: Look | None = None) -> None:
        self.look = look
        self.marked: list[tuple[str, Changes]] = []

    def last(self, database: str, changes: Changes) -> Look | None:
        return self.look

    def mark(self, database: str, changes: Changes, now: float) -> None:
        self.marked.append((database, changes))


def errands(folder: Path | None = None, copies: Copies | None = None) -> Errands:
    clipboard = cast("Clipboard", copies or Copies())
    return Errands(clipboard=clipboard, exports=folder or Path("/nonexistent"), clock=lambda: sample.NOW)


def app(
    control: Control | None = None,
    *,
    picker: bool = False,
    start: Callable[[Sequence[str]], Control] | None = None,
    cards: Sequence[SourceCard] | None = None,
    themes: Sequence[Path] = (),
    theme: str | None = None,
    on_theme: Callable[[str], None] | None = None,
    ascii_only: bool = False,
    ticks: Callable[[], float] | None = None,
    run_errands: Errands | None = None,
    keys: Mapping[str, str] | None = None,
    keeper: Keeps | None = None,
    opening: Callable[[Frame], Board] | None = None,
    set_up: Callable[[], object] | None = None,
    greeting: str = "",
    archive: Archive | None = None,
    looked: LastSeen | None = None,
) -> FetchdeckApp:
    os.environ.pop("NO_COLOR", None)
    served = control or FakeControl()
    return FetchdeckApp(
        cards=lambda: sample.cards() if cards is None else cards,
        start=start or (lambda _names: served),
        selected=[] if picker or opening else ["github"],
        themes=themes,
        theme=theme,
        on_theme=on_theme,
        clock=lambda: sample.NOW,
        zone=UTC,
        ascii_only=ascii_only,
        ticks=ticks or itertools.count().__next__,  # a second passes with every look: each press is deliberate
        errands=run_errands or errands(),
        keys=keys,
        keeper=keeper,
        opening=opening,
        set_up=set_up,
        greeting=greeting,
        archive=archive,
        looked=looked or Looks(),
    )


async def settle(pilot: Pilot[int], *keys: str) -> None:
    await pilot.pause()
    for key in keys:
        await pilot.press(key)
    await pilot.pause()


def lines(app: FetchdeckApp) -> list[str]:
    return ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]


def text(app: FetchdeckApp) -> str:
    return "\n".join(lines(app))


def ended(state: State) -> DeckState:
    deck = sample.deck()
    return replace(deck, state=state, groups=tuple(replace(group, state=state, reason="") for group in deck.groups))


def hostile(payload: str) -> DeckState:
    deck = sample.deck()
    group: GroupState = deck.groups[0]
    lanes = tuple(
        replace(
            lane,
            resource=payload,
            reason=payload,
            quotas=tuple(replace(quota, name=payload, origin=payload) for quota in lane.quotas),
            places=tuple(replace(place, what=payload) for place in lane.places),
        )
        for lane in group.lanes
    )
    line = LogLine(number=1, at=deck.at, level=payload, source=payload, place=1, text=payload, lane=payload)
    failure = replace(deck.failures[0], source=payload, kind=payload, message=payload, sample=payload)
    move = Decision(number=1, at=deck.at, lane=payload, old=2, new=1, reason=payload)
    named = replace(
        group,
        name=payload,
        reason=payload,
        state=State.WAITING,
        lanes=lanes,
        decisions=(move,),
        avoided_by=(Spared(payload, 3),),
        tuning=Tuning(policy=payload, rules=(payload,)),
    )
    return replace(deck, reason=payload, database=payload, groups=(named,), log=(line,), failures=(failure,))
