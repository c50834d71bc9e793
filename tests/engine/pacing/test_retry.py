"""When a request is sent again, after how long, and how often. What becomes of which answer is in test_verdict."""

import pytest

from engine.pacing.retry import (
    DEFAULT_RETRIES,
    FIRST_WAIT,
    Backoff,
    Outcome,
    allowed_bad_body_retries,
    allowed_retries,
    next_wait,
)
from tests.fakes import FakeSource

WINDOWS = [(1, 1.0), (2, 2.0), (3, 4.0), (6, 32.0), (7, 60.0), (5000, 60.0)]


@pytest.mark.parametrize(("attempt", "window"), WINDOWS)
def test_a_wait_is_half_of_its_window_and_a_random_share_of_the_other_half(attempt: int, window: float) -> None:
    shares = iter([0.0, 0.5, 1.0])
    backoff = Backoff(first=0.5, longest=60.0, chance=lambda: next(shares))

    assert [backoff(attempt) for _ in range(3)] == [window / 2, window * 3 / 4, window]


def test_an_attempt_before_the_first_counts_as_the_first() -> None:
    assert Backoff(chance=lambda: 0.0)(0) == FIRST_WAIT


def test_the_person_comes_before_the_source_and_the_source_before_the_default() -> None:
    plain, careful = FakeSource(), FakeSource()
    careful.retries = 1  # type: ignore[attr-defined] # what a source may add

    assert [allowed_retries(plain, None), allowed_retries(careful, None)] == [DEFAULT_RETRIES, 1]
    assert [allowed_retries(plain, 0), allowed_retries(careful, 9)] == [0, 9]


def test_a_broken_body_is_sent_again_once_or_as_often_as_the_person_says() -> None:
    plain, never = FakeSource(), FakeSource()
    never.retries = 0  # type: ignore[attr-defined] # what a source may add

    assert [allowed_bad_body_retries(plain, None), allowed_bad_body_retries(never, None)] == [1, 0]
    assert [allowed_bad_body_retries(plain, 0), allowed_bad_body_retries(plain, 9)] == [0, 9]


@pytest.mark.parametrize("outcome", [Outcome.TRANSIENT, Outcome.NOT_READY])
def test_a_failure_that_passes_is_sent_again_until_its_retries_are_used_up(outcome: Outcome) -> None:
    waits = [next_wait(outcome, attempt=number, retries=2, backoff=float) for number in (1, 2, 3)]

    assert waits == [1.0, 2.0, None]


@pytest.mark.parametrize("outcome", [Outcome.SUCCESS, Outcome.PERMANENT, Outcome.FATAL])
def test_other_outcomes_are_the_last(outcome: Outcome) -> None:
    assert next_wait(outcome, attempt=1, retries=9, backoff=float) is None


def test_a_server_can_make_a_wait_longer_and_never_shorter() -> None:
    asked = [
        next_wait(Outcome.TRANSIENT, attempt=5, retries=9, backoff=float, retry_after=seconds)
        for seconds in (1.0, 60.0)
    ]

    assert asked == [5.0, 60.0]
