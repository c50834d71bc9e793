"""What a request costs, measured while other clients spend from the same budget."""

import pytest

from engine.pacing.budgets.request_cost import Decrease, cost_of


def steps(cost: float, others: float, *gaps: float) -> list[Decrease]:
    return [Decrease(gap, cost + others * gap) for gap in gaps]


def test_an_expensive_request_costs_the_same_after_any_gap() -> None:
    assert cost_of(steps(3.0, 0.0, 0.2, 0.9, 0.3, 5.0, 2.0), usual=1.0) == 3.0
    assert cost_of(steps(3.0, 0.0, 0.5, 0.5, 0.5, 0.5, 0.5), usual=1.0) == 3.0


def test_what_others_spend_in_longer_gaps_is_not_counted_as_cost() -> None:
    assert cost_of(steps(1.0, 8.0, 0.2, 0.9, 0.3, 5.0, 2.0), usual=1.0) == pytest.approx(1.0)


def test_the_cost_of_an_expensive_request_is_separated_from_what_others_spend() -> None:
    assert cost_of(steps(3.0, 8.0, 0.2, 0.9, 0.3, 5.0, 2.0), usual=1.0) == pytest.approx(3.0)


def test_long_gaps_of_equal_length_leave_the_usual_cost() -> None:
    assert cost_of(steps(1.0, 8.0, *[5.0] * 10), usual=1.0) == 1.0


def test_a_cost_falls_only_if_most_decreases_are_smaller() -> None:
    assert cost_of([Decrease(5.0, 0.0)] * 7 + [Decrease(5.0, 1.0)] * 3, usual=1.0) == 1.0
    assert cost_of([Decrease(5.0, 0.0)] * 8 + [Decrease(5.0, 1.0)] * 2, usual=1.0) == 0.0


def test_a_measured_cost_is_a_whole_number() -> None:
    sizes = [(0.2, 2.0), (0.6, 2.0), (1.1, 2.0), (1.6, 3.0), (2.2, 2.0), (2.9, 3.0)]
    noisy = [Decrease(gap, size) for gap, size in sizes]

    assert cost_of(noisy, usual=1.0) == 2.0
