"""What one request took, told apart from what others took."""

import pytest

from engine.pacing.budgets.request_cost import Decrease, cost_of


def steps(cost: float, others: float, *gaps: float) -> list[Decrease]:
    return [Decrease(gap, cost + others * gap) for gap in gaps]


def test_a_dear_request_takes_the_same_however_long_the_gap() -> None:
    assert cost_of(steps(3.0, 0.0, 0.2, 0.9, 0.3, 5.0, 2.0), usual=1.0) == 3.0
    assert cost_of(steps(3.0, 0.0, 0.5, 0.5, 0.5, 0.5, 0.5), usual=1.0) == 3.0


def test_others_take_more_in_a_longer_gap_and_make_no_request_dearer() -> None:
    assert cost_of(steps(1.0, 8.0, 0.2, 0.9, 0.3, 5.0, 2.0), usual=1.0) == pytest.approx(1.0)


def test_a_dear_request_is_told_apart_from_what_others_take() -> None:
    assert cost_of(steps(3.0, 8.0, 0.2, 0.9, 0.3, 5.0, 2.0), usual=1.0) == pytest.approx(3.0)


def test_long_gaps_of_one_length_prove_nothing() -> None:
    assert cost_of(steps(1.0, 8.0, *[5.0] * 10), usual=1.0) == 1.0


def test_a_request_is_cheaper_where_most_steps_are_shorter() -> None:
    assert cost_of([Decrease(5.0, 0.0)] * 7 + [Decrease(5.0, 1.0)] * 3, usual=1.0) == 1.0
    assert cost_of([Decrease(5.0, 0.0)] * 8 + [Decrease(5.0, 1.0)] * 2, usual=1.0) == 0.0


def test_what_was_learned_is_a_whole_number() -> None:
    sizes = [(0.2, 2.0), (0.6, 2.0), (1.1, 2.0), (1.6, 3.0), (2.2, 2.0), (2.9, 3.0)]
    noisy = [Decrease(gap, size) for gap, size in sizes]

    assert cost_of(noisy, usual=1.0) == 2.0
