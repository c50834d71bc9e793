"""The result of a harvest, and its summary that `--json` prints."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from engine.config.differences import Difference
from engine.model import completeness
from engine.model.events import Event, RunEnded, RunStarted
from engine.model.outside_wait import OutsideWait
from engine.model.snapshot import DeckState, GroupState
from engine.model.walk import Completeness
from tui.common.config_watch import ConfigEdit
from tui.common.exit_codes import exit_code


class Stopwatch:
    """Measures how long each source took, by the times of its events. It may be read after the harvest has ended."""

    def __init__(self) -> None:
        self._started: dict[str, float] = {}
        self._ended: dict[str, float] = {}

    def on_event(self, event: Event) -> None:
        """Record when a source starts and when it ends."""
        if isinstance(event, RunStarted):
            self._started.setdefault(event.source, event.at)
        elif isinstance(event, RunEnded):
            self._ended[event.source] = event.at

    def durations(self) -> Mapping[str, float]:
        """Return the seconds of each source that has started and ended."""
        return {
            source: max(self._ended[source] - began, 0.0)
            for source, began in self._started.items()
            if source in self._ended
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestResult:
    """How a harvest ended."""

    deck: DeckState | None = None
    """The last snapshot; None if nothing was started."""
    interrupted: bool = False
    """Whether it was asked to end before it was done."""
    by: signal.Signals | None = None
    """The signal that asked; None if the user did."""
    crashed: bool = False
    """Whether the screen crashed; the harvest was then ended cleanly."""
    durations: Mapping[str, float] = field(default_factory=dict)
    """Seconds by source."""
    edit: ConfigEdit | None = None
    """How the configuration in the file differs from the one that was in force; None if it does not."""


Rows = Mapping[str, Mapping[str, int]]
"""The number of rows in the database, by source and table."""


class BudgetLeft(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of one budget; null means unknown."""

    resource: str
    name: str
    limit: float | None
    remaining: float | None
    resets_in: float | None
    """Seconds."""


class CutWalk(msgspec.Struct, frozen=True, kw_only=True):
    """A walk that ended before its end."""

    walk: str
    part: str
    reason: str
    place: str
    arrived: int | None
    total: int | None


class SourceSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one source."""

    state: str
    reason: str
    completeness: str | None
    """"whole", "unconfirmed", "bounded" or "cut"; null if no walk ended and nothing else is known."""
    walks: Mapping[str, int]
    """Walks of this run by completeness, including the parts before it was resumed."""
    cut: tuple[CutWalk, ...]
    """The newest walks that are cut; `walks` counts all of them."""
    requests: int
    """Requests that completed in this run of the program."""
    run_requests: int
    """Requests that completed in this run, including the parts before it was resumed."""
    rows: Mapping[str, int]
    """Rows now in the database, by table."""
    written: int
    """Rows written in this run of the program, including those that were stored before."""
    new: int
    """Rows added in this run of the program: those that were not stored before."""
    changes: Mapping[str, int]
    """Rows that were new, changed, renamed or gone in this run, including the parts before it was resumed."""
    retries: int
    throttled: int
    failed: int
    notes: int
    """Answers that the source left a note on, in this run of the program."""
    skipped: int
    """Requests that a client without any optimization would have sent."""
    avoided: Mapping[str, int]
    """The skipped requests by reason: "unchanged since last time (304)", "reviews came with their pull requests"."""
    bytes: int
    duration: float | None
    """Seconds; null if the source never started."""
    budget: tuple[BudgetLeft, ...]
    waits: tuple[OutsideWait, ...]
    """What it waited for at the end: cause, words, since and next try, in seconds since the epoch."""


class EditedConfiguration(msgspec.Struct, frozen=True, kw_only=True):
    """What the file of the configuration has become while the harvest ran."""

    noticed_at: float
    """Seconds since the epoch."""
    problem: str | None
    """Why a restart would refuse it; null if it would not."""
    changes: tuple[Difference, ...]
    """What a restart would change: keys, with values as texts."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a harvest."""

    version: str
    database: str
    state: str
    exit_code: int
    duration: float
    """Seconds."""
    sources: Mapping[str, SourceSummary]
    configuration: EditedConfiguration | msgspec.UnsetType = msgspec.UNSET
    """Only if the file no longer has what was in force."""
    simulator: Mapping[str, Any] | msgspec.UnsetType = msgspec.UNSET
    """The counters of the demo's simulator, including violations of its limits."""


def summarize(
    deck: DeckState,
    *,
    version: str,
    interrupted: bool,
    by: signal.Signals | None = None,
    rows: Rows,
    durations: Mapping[str, float],
    simulator: Mapping[str, Any] | None = None,
    changes: Mapping[str, Mapping[str, int]] | None = None,
    edit: ConfigEdit | None = None,
) -> Summary:
    """Return the summary of a harvest, from its last snapshot."""
    return Summary(
        version=version,
        database=deck.database,
        state=deck.state.value,
        exit_code=exit_code(deck, interrupted=interrupted, by=by),
        duration=round(deck.uptime, 3),
        sources={
            group.name: _source(
                group, rows.get(group.name, {}), (changes or {}).get(group.name, {}), durations.get(group.name)
            )
            for group in deck.groups
        },
        configuration=msgspec.UNSET
        if edit is None
        else EditedConfiguration(noticed_at=edit.at, problem=edit.problem or None, changes=edit.changes),
        simulator=msgspec.UNSET if simulator is None else simulator,
    )


def to_json(summary: Summary) -> str:
    return msgspec.json.encode(summary).decode()


def _source(
    group: GroupState, rows: Mapping[str, int], changes: Mapping[str, int], seconds: float | None
) -> SourceSummary:
    return SourceSummary(
        state=group.state.value,
        reason=group.reason,
        completeness=completeness.of_source(group),
        walks={one.value: group.walks.many(one) for one in Completeness},
        cut=tuple(
            CutWalk(
                walk=end.walk,
                part=end.part,
                reason=end.reason,
                place=end.place,
                arrived=end.arrived,
                total=end.total,
            )
            for end in group.walks.named
        ),
        requests=group.requests,
        run_requests=group.done,
        rows=rows,
        written=group.written,
        new=group.rows,
        changes=changes,
        retries=group.retries,
        throttled=group.throttled,
        failed=group.failed,
        notes=group.notes,
        skipped=group.avoided,
        avoided={each.why: each.requests for each in group.avoided_by},
        bytes=group.bytes,
        duration=None if seconds is None else round(seconds, 3),
        budget=tuple(_budget(group)),
        waits=group.outside,
    )


def _budget(group: GroupState) -> list[BudgetLeft]:
    return [
        BudgetLeft(
            resource=lane.resource,
            name=quota.name,
            limit=quota.limit,
            remaining=quota.remaining,
            resets_in=quota.resets_in,
        )
        for lane in group.lanes
        for quota in lane.quotas
    ]
