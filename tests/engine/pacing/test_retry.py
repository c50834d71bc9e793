"""Backoff grows, stays under its longest wait, and differs between two askers."""

import pytest

from engine.pacing.retry import Backoff, jitter


@pytest.mark.parametrize(("attempt", "window"), [(1, 1.0), (2, 2.0), (3, 4.0), (6, 32.0), (7, 60.0), (5000, 60.0)])
def test_a_wait_lies_in_the_upper_half_of_its_window(attempt: int, window: float) -> None:
    backoff = Backoff(first=1.0, longest=60.0)

    waits = [backoff(attempt) for _ in range(200)]

    assert min(waits) >= window / 2
    assert max(waits) <= window
    assert len(set(waits)) > 100


def test_an_attempt_before_the_first_counts_as_the_first() -> None:
    assert 0.5 <= Backoff()(0) <= 1.0


def test_jitter_is_a_share() -> None:
    shares = {jitter() for _ in range(100)}

    assert len(shares) > 90
    assert all(0 <= share < 1 for share in shares)
