"""What a harvest may say of its completeness: the one decision that every output repeats."""

import pytest

from engine.model import completeness
from engine.model.coverage import Part, PartState
from engine.model.snapshot import State
from engine.model.walk import Completeness, WalkEnd, WalkReport
from tests.tui.cli_fakes import group

CUT = WalkEnd(walk="items", completeness=Completeness.CUT, reason="it repeats", place="page 3")


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ({}, None),
        ({"walks": WalkReport(whole=3)}, Completeness.WHOLE),
        ({"walks": WalkReport(whole=3, unconfirmed=1)}, Completeness.UNCONFIRMED),
        ({"walks": WalkReport(whole=3, bounded=1)}, Completeness.BOUNDED),
        ({"walks": WalkReport(whole=3, cut=1)}, Completeness.CUT),
        ({"walks": WalkReport(whole=3), "failed": 1}, Completeness.CUT),
        ({"walks": WalkReport(whole=3), "state": State.STOPPED}, Completeness.BOUNDED),
        ({"walks": WalkReport(cut=3), "state": State.STOPPED}, Completeness.CUT),
        ({"walks": WalkReport(whole=3), "state": State.FAILED}, Completeness.CUT),
    ],
)
def test_a_source_is_as_complete_as_its_least_complete_walk(
    given: dict[str, object], known: Completeness | None
) -> None:
    assert completeness.of_source(group(**given)) is known


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"walks": WalkReport(whole=3)}, "complete (3 walks)"),
        ({"walks": WalkReport(whole=3), "state": State.STOPPED}, "3 walks whole"),
        ({"walks": WalkReport(whole=1), "failed": 1}, "1 walk whole"),
        ({"walks": WalkReport(cut=1)}, "1 of 1 walk cut"),
        ({}, ""),
    ],
)
def test_only_a_source_that_is_complete_is_called_so(given: dict[str, object], said: str) -> None:
    assert completeness.describe(group(**given)) == said


def test_the_reason_of_a_run_names_a_cut_walk() -> None:
    assert completeness.run_reason("", WalkReport(whole=2, cut=1, named=(CUT,))) == (
        "1 of 3 walks cut: items at page 3: it repeats"
    )
    assert completeness.run_reason("nothing new", WalkReport(whole=1)) == "nothing new"


@pytest.mark.parametrize(
    ("state", "walks", "expected"),
    [
        (PartState.COMPLETE, None, PartState.COMPLETE),
        (PartState.COMPLETE, WalkReport(whole=1), PartState.COMPLETE),
        (PartState.COMPLETE, WalkReport(whole=1, unconfirmed=1), PartState.UNCONFIRMED),
        (PartState.COMPLETE, WalkReport(bounded=1), PartState.BOUNDED),
        (PartState.COMPLETE, WalkReport(cut=1), PartState.CUT),
        (PartState.UNKNOWN, WalkReport(cut=1), PartState.CUT),
        (PartState.STALE, WalkReport(cut=1), PartState.CUT),
        (PartState.STALE, WalkReport(bounded=1), PartState.STALE),
        (PartState.FAILED, WalkReport(cut=1), PartState.FAILED),
        (PartState.QUEUED, WalkReport(cut=1), PartState.QUEUED),
        (PartState.MISSING, WalkReport(bounded=1), PartState.MISSING),
        (PartState.MISSING, WalkReport(cut=1), PartState.CUT),
    ],
)
def test_a_part_is_no_more_complete_than_its_walks(
    state: PartState, walks: WalkReport | None, expected: PartState
) -> None:
    assert completeness.of_part(Part(key="a", name="a", state=state), walks).state is expected


def test_a_cut_part_says_where_and_why() -> None:
    part = completeness.of_part(Part(key="a", name="a", state=PartState.COMPLETE), WalkReport(cut=1, named=(CUT,)))

    assert part.detail == "items at page 3: it repeats"
