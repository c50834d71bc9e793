"""What others use of the same budget, and what that leaves to us."""

import pytest

from engine.pacing.budgets.window_usage import CLAIM, FLOOR, GREEDY_FLOOR, ForeignUse

WHOLE = 8.0


def met(*rates: float) -> ForeignUse:
    """See others use so much a second, four seconds each, of a budget that is far from used up."""
    foreign, left = ForeignUse(), 10_000.0
    foreign.observe(0.0, left, 60.0)
    for number, rate in enumerate(rates, start=1):
        left -= 4 * rate
        foreign.observe(4.0 * number, left, 60.0)
    return foreign


def test_what_others_use_is_what_we_did_not() -> None:
    foreign = ForeignUse()
    foreign.observe(0.0, 100.0, 60.0)
    for _ in range(4):
        foreign.answered(1.0)

    foreign.observe(4.0, 80.0, 60.0)

    assert foreign.rate == pytest.approx((20 - 4) / 4)


def test_the_first_estimate_is_believed_and_the_next_by_half() -> None:
    assert met(8.0).rate == pytest.approx(8.0)
    assert met(8.0, 4.0).rate == pytest.approx(6.0)
    assert met(0.0, 4.0).rate == pytest.approx(2.0)


def test_a_budget_that_is_used_up_does_not_hide_how_much_they_want() -> None:
    foreign = ForeignUse()
    foreign.observe(0.0, 100.0, 60.0)
    foreign.observe(4.0, 52.0, 60.0)

    foreign.observe(24.0, 0.0, 60.0)

    assert foreign.rate == pytest.approx(12.0)


def test_what_they_took_since_is_counted_from_the_last_answer() -> None:
    foreign = met(8.0)
    foreign.observe(5.0, 9_960.0, 60.0)

    assert foreign.since(4.0) == 0.0
    assert foreign.since(7.5) == pytest.approx(2.5 * 8)


def test_without_others_all_is_ours() -> None:
    assert ForeignUse().ours(8.0, WHOLE) == 8.0


def test_a_neighbour_that_fits_is_left_what_it_uses() -> None:
    foreign = met(6.0)

    assert foreign.ours(8.0, WHOLE) == pytest.approx(8.0 - 6.0 + CLAIM * (6 / 8) ** 2 * 6.0)
    assert foreign.ours(5.0, WHOLE) == pytest.approx(FLOOR * 5.0)


@pytest.mark.parametrize(("asks", "floor"), [(1.1, FLOOR), (1.2, (FLOOR + GREEDY_FLOOR) / 2), (1.3, GREEDY_FLOOR)])
def test_beside_one_that_asks_for_more_than_there_is_more_is_ours(asks: float, floor: float) -> None:
    assert met(asks * WHOLE).ours(8.0, WHOLE) == pytest.approx(floor * 8.0)
    assert met(asks * WHOLE).ours(8.0, None) == pytest.approx(FLOOR * 8.0)


def test_two_that_adapt_come_to_use_the_same() -> None:
    """Each sees the other's rate, and both spend the same budget evenly."""
    first, second, even = 7.5, 0.5, 8.0
    for _ in range(400):
        first, second = met(second).ours(even, WHOLE), met(first).ours(even, WHOLE)
        even *= 8.0 / (first + second)

    assert first == pytest.approx(second, rel=0.05)
