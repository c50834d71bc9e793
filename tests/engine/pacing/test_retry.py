"""Backoff grows, stays under its longest wait, and differs between two askers."""

import pytest

from engine.pacing.retry import Backoff

WINDOWS = [(1, 1.0), (2, 2.0), (3, 4.0), (6, 32.0), (7, 60.0), (5000, 60.0)]


@pytest.mark.parametrize(("attempt", "window"), WINDOWS)
def test_a_wait_is_half_of_its_window_and_a_random_share_of_the_other_half(attempt: int, window: float) -> None:
    shares = iter([0.0, 0.5, 1.0])
    backoff = Backoff(first=1.0, longest=60.0, chance=lambda: next(shares))

    assert [backoff(attempt) for _ in range(3)] == [window / 2, window * 3 / 4, window]


def test_an_attempt_before_the_first_counts_as_the_first() -> None:
    assert Backoff(chance=lambda: 0.0)(0) == 0.5
