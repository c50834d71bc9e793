"""A control that remembers commands and serves the decks it is given, and builders for small decks."""

import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import cast

from textual.pilot import Pilot

from bench.screen.sample import deck as sample
from engine.common.errors import StoreUnusable
from engine.model.changes import Changes
from engine.model.commands import Command, Done, Fill, Outcome, Refused, Tune
from engine.model.control import Control
from engine.model.coverage import Part
from engine.model.snapshot import (
    Decision,
    DeckState,
    FailedDetail,
    FailedRequest,
    GroupState,
    LogLine,
    State,
)
from engine.model.source import Avoided
from engine.model.source_card import SourceCard
from engine.model.tuning import Tuning
from tui.app.app import FetchdeckApp
from tui.app.background_jobs import BackgroundJobs
from tui.app.clipboard import Clipboard
from tui.app.data_pages import StoredData
from tui.app.saving import SettingsWriter
from tui.common.config_watch import ConfigWatch
from tui.screens.base import BaseScreen
from tui.screens.changes.last_seen import LastSeen, LastVisit
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


def answered(outcome: Outcome) -> Future[Outcome]:
    answer: Future[Outcome] = Future()
    answer.set_result(outcome)
    return answer


class FakeControl:
    """Serves one deck until it is given another; `fails` is raised instead."""

    def __init__(self, deck: DeckState | None = None) -> None:
        self.deck = deck or sample.deck()
        self.commands: list[Command] = []
        self.fails: Exception | None = None
        self.snapshots = 0
        self.refuses = ""
        """Why it refuses every command; "" where it carries them out."""
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

    def send(self, command: Command) -> Future[Outcome]:
        if self.refuses:
            return answered(Refused(self.refuses))
        self.commands.append(command)
        if isinstance(command, Tune):
            source, tuning = command.source, command.tuning
            groups = tuple(replace(one, tuning=tuning) if one.name == source else one for one in self.deck.groups)
            self.deck = replace(self.deck, groups=groups)
        return answered(Done(len(command.parts) if isinstance(command, Fill) else 0))

    def failed(self, source: str, failure: str) -> Sequence[FailedRequest]:
        if self.unreadable is not None:
            raise self.unreadable
        return sample.failed(source, failure) if self.requests is None else self.requests

    def inspect(self, id: int) -> FailedDetail | None:
        if self.unreadable is not None:
            raise self.unreadable
        return sample.detail(id) if self.detail is None else self.detail

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


class Copies:
    """A clipboard that remembers; it says what it was given."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def copy(self, text: str, terminal: Callable[[str], None]) -> str:
        self.texts.append(text)
        return f"copied {len(text)}"


class FakeLastSeen:
    """Remembers looks in a list; the last look is the one it is made with."""

    def __init__(self, visit: LastVisit | None = None) -> None:
        self.visit = visit
        self.marked: list[tuple[str, Changes]] = []

    def last(self, database: str, changes: Changes) -> LastVisit | None:
        return self.visit

    def mark(self, database: str, changes: Changes, now: float) -> None:
        self.marked.append((database, changes))


def background_jobs(folder: Path | None = None, copies: Copies | None = None) -> BackgroundJobs:
    clipboard = cast("Clipboard", copies or Copies())
    return BackgroundJobs(clipboard=clipboard, exports=folder or Path("/nonexistent"), clock=lambda: sample.NOW)


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
    jobs: BackgroundJobs | None = None,
    keys: Mapping[str, str] | None = None,
    settings_writer: SettingsWriter | None = None,
    config: ConfigWatch | None = None,
    opening: Callable[[Frame], BaseScreen] | None = None,
    set_up: Callable[[], object] | None = None,
    greeting: str = "",
    stored_data: StoredData | None = None,
    last_seen: LastSeen | None = None,
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
        jobs=jobs or background_jobs(),
        keys=keys,
        settings_writer=settings_writer,
        config=config,
        opening=opening,
        set_up=set_up,
        greeting=greeting,
        stored_data=stored_data,
        last_seen=last_seen or FakeLastSeen(),
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
            slots=tuple(replace(slot, what=payload) for slot in lane.slots),
        )
        for lane in group.lanes
    )
    line = LogLine(number=1, at=deck.at, level=payload, source=payload, slot=1, text=payload, lane=payload)
    failure = replace(deck.failures[0], source=payload, kind=payload, message=payload, sample=payload)
    move = Decision(number=1, at=deck.at, lane=payload, old=2, new=1, reason=payload)
    named = replace(
        group,
        name=payload,
        reason=payload,
        state=State.WAITING,
        lanes=lanes,
        decisions=(move,),
        avoided_by=(Avoided(3, payload),),
        tuning=Tuning(policy=payload, rules=(payload,)),
    )
    return replace(deck, reason=payload, database=payload, groups=(named,), log=(line,), failures=(failure,))
