"""What many looks at a lane say: when its limit settled, and how evenly a budget was spent."""

import pytest

from bench.demo.lane_samples import LaneSample, phases, spending
from engine.model.lane_state import Bound


def limits(*moves: tuple[float, int], until: float) -> list[LaneSample]:
    """LaneSample ten times a second at a limit that moves at the given seconds."""
    looks = []
    for tenth in range(round(10 * until)):
        limit = [limit for at, limit in moves if at <= tenth / 10 + 1e-9][-1]
        looks.append(LaneSample(at=100 + tenth / 10, limit=limit, bound=Bound.CONCURRENCY))
    return looks


def window(began: float, left: float, *points: tuple[float, float]) -> list[LaneSample]:
    """See a window of ten seconds and a hundred requests at some seconds of it; its last look finds `left`."""
    return [
        LaneSample(at=began + at, limit=1, bound=Bound.BUDGET, allowed=100, remaining=remaining, resets_in=10 - at)
        for at, remaining in (*points, (9.9, left))
    ]


def test_a_limit_has_settled_when_it_stays_near_where_it_ends_up() -> None:
    (phase,) = phases(limits((0.0, 2), (1.0, 4), (2.0, 7), (2.5, 16), (3.0, 10), until=20), [0.0])

    assert phase.limit == 10
    assert phase.after == pytest.approx(3.0)


def test_a_limit_that_only_passes_by_has_not_settled() -> None:
    (phase,) = phases(limits((0.0, 2), (1.0, 10), (1.5, 30), (6.0, 10), until=20), [0.0])

    assert phase.after == pytest.approx(6.0)


def test_a_step_is_answered_from_when_it_happened() -> None:
    before, after = phases(limits((0.0, 10), (13.0, 7), (14.0, 5), until=30), [0.0, 12.0])

    assert (before.limit, before.after) == (10, 0.0)
    assert after.limit == 5
    assert after.after == pytest.approx(2.0)


def test_a_limit_that_swings_never_settles() -> None:
    swings = [(float(second), 2 if second % 2 else 30) for second in range(20)]

    (phase,) = phases(limits(*swings, until=20), [0.0])

    assert phase.after is None


def test_a_budget_spent_evenly_is_on_the_line() -> None:
    even = window(10, 1, (0, 100), (2.5, 75), (5, 50))

    (found,) = spending([*window(0, 0, (0, 100)), *even, *window(20, 0, (0, 100))])

    assert found.farthest == pytest.approx(0.0)
    assert found.left == 1


def test_a_budget_spent_at_once_is_far_from_the_line() -> None:
    burst = window(10, 0, (0, 100), (2, 20), (5, 0))

    (found,) = spending([*window(0, 0, (0, 100)), *burst, *window(20, 0, (0, 100))])

    assert found.farthest == pytest.approx(0.6)


def test_windows_that_were_not_seen_whole_are_left_out() -> None:
    assert spending([*window(0, 0, (0, 100)), *window(10, 0, (0, 100))]) == []
