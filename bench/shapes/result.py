"""What the runs of one shape showed, and which promises they broke. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench.shapes.process import Outcome

Rows = Mapping[str, Sequence[tuple[Any, ...]]]
MOST_CUT: Final = 6
"""Shapes that `auto` may leave cut, as long as it says so."""
SPARED: Final = 10
"""A second run may get one body for so many requests of the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run, and what was stored after it."""

    outcome: Outcome
    rows: Rows

    @property
    def many(self) -> int:
        return sum(len(rows) for rows in self.rows.values())

    def source(self) -> Mapping[str, Any]:
        """Return what `--json` says of the source."""
        return next(iter(self.outcome.summary.get("sources", {}).values()), {})

    @property
    def cut(self) -> Sequence[Mapping[str, Any]]:
        """The walks that `--json` names as cut."""
        found: Sequence[Mapping[str, Any]] = self.source().get("cut", ())
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The runs of one shape."""

    name: str
    truth: Rows
    grown: Rows
    """The truth after the list has grown by two pages."""
    remembers: bool
    by_hand: Run
    again: Run
    later: Run
    """A third run, after the list has grown; a full one where windows of the past are kept."""
    killed: Outcome
    resumed: Run
    auto: Run
    dlt: Outcome | None = None

    @property
    def is_cut(self) -> bool:
        """Whether `auto` did not find everything, and said so."""
        return not equal(self.auto.rows, self.truth) and self.auto.outcome.code == 1 and bool(self.auto.cut)


def equal(rows: Rows, truth: Rows) -> bool:
    """Say whether both have the same rows, in any order, none of them twice."""
    return {name: sorted(each, key=repr) for name, each in rows.items()} == {
        name: sorted(each, key=repr) for name, each in truth.items()
    }


def problems(result: Result) -> Iterator[str]:
    """Yield each broken promise."""
    yield from _found("by hand", result.by_hand, result.truth)
    yield from _again(result)
    yield from _found("after the list has grown", result.later, result.grown)
    if result.killed.code is not None:
        yield f"it was not killed in the middle: it ended with {result.killed.code}"
    yield from _found("killed and resumed", result.resumed, result.truth)
    if not result.is_cut:
        yield from _found("auto", result.auto, result.truth)


def _found(what: str, run: Run, truth: Rows) -> Iterator[str]:
    if not equal(run.rows, truth):
        wanted = sum(len(rows) for rows in truth.values())
        yield f"{what}: {run.many} of {wanted} rows with exit code {run.outcome.code}; {_why(run)}"
    elif run.outcome.code != 0:
        yield f"{what}: all rows, but exit code {run.outcome.code}; {_why(run)}"


def _again(result: Result) -> Iterator[str]:
    changes = result.again.source().get("changes", {})
    moved = {name: many for name, many in changes.items() if many}
    if moved or not equal(result.again.rows, result.by_hand.rows):
        yield f"a second run changed rows: {moved}"
    bodies, asked = result.again.outcome.bodies, result.by_hand.outcome.requests
    if result.remembers and bodies * SPARED > asked:
        yield f"a second run got {bodies} bodies, after {asked} requests of the first"


def _why(run: Run) -> str:
    if run.cut:
        return "; ".join(f"{one['walk']}: {one['reason']}" for one in run.cut)[:300]
    return " ".join(run.outcome.said.split())[-300:] or "nothing was said"
