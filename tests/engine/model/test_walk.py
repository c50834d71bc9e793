"""How a walk ended, against the total that the API tells, and what many walks amount to."""

import pytest

from engine.model.walk import Completeness, WalkEnd, WalkReport, compare_with_total


def end(
    completeness: Completeness,
    arrived: int | None = None,
    total: int | None = None,
    *,
    reason: str = "a short page",
    place: str = "",
) -> WalkEnd:
    return WalkEnd(walk="items", reason=reason, place=place, completeness=completeness, arrived=arrived, total=total)


def test_fewer_than_the_total_cut_a_walk_whose_end_was_inferred() -> None:
    found, note = compare_with_total(end(Completeness.UNCONFIRMED, 40, 94))

    assert (found.completeness, found.reason) == (Completeness.CUT, "40 of 94 arrived: a short page")
    assert not note


def test_fewer_than_the_total_are_a_note_where_the_api_said_that_it_was_the_end() -> None:
    found, note = compare_with_total(end(Completeness.WHOLE, 40, 1094, reason="next names no next page"))

    assert found.completeness is Completeness.WHOLE
    assert note == "items: next names no next page, but 40 of its total of 1,094 arrived"


def test_a_total_that_is_reached_confirms_an_inferred_end() -> None:
    found, note = compare_with_total(end(Completeness.UNCONFIRMED, 94, 94))

    assert (found.completeness, found.reason, note) == (Completeness.WHOLE, "the API's total of 94 is reached", "")


def test_more_than_the_total_confirm_nothing_because_then_the_number_is_no_total() -> None:
    found, note = compare_with_total(end(Completeness.UNCONFIRMED, 1000, 94))

    assert found.completeness is Completeness.UNCONFIRMED
    assert found.reason == "a short page; 1,000 arrived, more than the API's total of 94"
    assert not note


@pytest.mark.parametrize(
    "given",
    [
        end(Completeness.BOUNDED, 40, 94),
        end(Completeness.CUT, 94, 94),
        end(Completeness.UNCONFIRMED, 40, None),
        end(Completeness.UNCONFIRMED, None, 94),
        end(Completeness.WHOLE, 94, 94),
    ],
)
def test_a_total_changes_nothing_else(given: WalkEnd) -> None:
    assert compare_with_total(given) == (given, "")


def test_an_end_is_said_in_one_line() -> None:
    assert str(end(Completeness.CUT, place="page 31", reason="it repeats")) == "items at page 31: it repeats"
    assert str(end(Completeness.CUT, reason="it repeats")) == "items: it repeats"


@pytest.mark.parametrize(
    ("report", "worst", "said"),
    [
        (WalkReport(), None, ""),
        (WalkReport(whole=1), Completeness.WHOLE, "complete (1 walk)"),
        (WalkReport(whole=2, unconfirmed=1), Completeness.UNCONFIRMED, "1 of 3 walks end not confirmed"),
        (
            WalkReport(whole=2, unconfirmed=1, bounded=1),
            Completeness.BOUNDED,
            "1 of 4 walks bounded, 1 end not confirmed",
        ),
        (WalkReport(whole=1, cut=1_001), Completeness.CUT, "1,001 of 1,002 walks cut"),
    ],
)
def test_only_walks_that_are_all_whole_are_complete(report: WalkReport, worst: Completeness | None, said: str) -> None:
    assert (report.worst, str(report)) == (worst, said)
