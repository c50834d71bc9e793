"""The breaker: failures in a row stop the sending, and one success starts it again."""

import pytest

from engine.model.outside_wait import Cause
from engine.pacing.circuit_breaker import PAUSES, Breaker


def tripped(at: float = 10.0) -> Breaker:
    breaker = Breaker()
    for _ in range(5):
        breaker.failed(at, at - 1, 4, 0.5)
    return breaker


def test_half_of_what_may_be_in_flight_trips_it_but_at_least_five() -> None:
    small, large = Breaker(), Breaker()

    assert [small.failed(1.0, 0.5, 4, 0.5) for _ in range(5)] == [False] * 4 + [True]
    assert [large.failed(1.0, 0.5, 30, 0.5) for _ in range(15)] == [False] * 14 + [True]


def test_a_success_sent_before_the_first_failure_proves_nothing() -> None:
    breaker = Breaker()
    for _ in range(4):
        breaker.failed(1.0, 0.5, 4, 0.5)

    breaker.succeeded(0.4)

    assert breaker.failed(1.0, 0.6, 4, 0.5)


def test_a_later_success_ends_the_row() -> None:
    breaker = Breaker()
    for _ in range(4):
        breaker.failed(1.0, 0.5, 4, 0.5)

    breaker.succeeded(0.6)

    assert not breaker.failed(1.0, 0.6, 4, 0.5)


def test_from_the_fifth_failure_on_none_is_followed_by_a_new_request() -> None:
    breaker = Breaker()

    doubts = []
    for _ in range(7):
        breaker.failed(1.0, 0.5, 30, 0.5)
        doubts.append(breaker.doubt)

    assert doubts == [0, 0, 0, 0, 1, 2, 3]


def test_the_canary_goes_ever_later() -> None:
    breaker, now, waits = tripped(0.0), 0.0, []

    for _ in range(6):
        wait = breaker.blocked(now)
        assert wait is not None
        waits.append(wait)
        now += wait
        assert breaker.sent(now)
        assert breaker.blocked(now) is None
        breaker.failed(now, now, 4, 0.5)

    assert waits == pytest.approx([1, 2, 3, 4, 4, 4])


def test_its_success_closes_the_breaker_and_an_older_one_does_not() -> None:
    breaker = tripped(at=10.0)
    breaker.sent(11.0)

    assert not breaker.succeeded(9.9)
    assert breaker.succeeded(11.0)
    assert breaker.blocked(11.1) == 0.0


def test_once_closed_it_counts_failures_from_the_beginning() -> None:
    breaker = tripped(at=10.0)
    breaker.sent(11.0)
    breaker.succeeded(11.0)

    again = [breaker.failed(12.0, 11.5, 4, 0.5) for _ in range(5)]

    assert again == [False] * 4 + [True]


def test_once_closed_it_leaves_no_place_empty() -> None:
    breaker = tripped(at=10.0)
    breaker.sent(11.0)

    breaker.succeeded(11.0)

    assert breaker.doubt == 0


def test_a_canary_that_was_cancelled_makes_room_for_another() -> None:
    breaker = tripped(at=10.0)
    breaker.sent(11.0)

    breaker.gone(11.0)

    assert breaker.blocked(11.0) == 0.0


def test_it_says_what_it_waits_for() -> None:
    breaker = tripped(at=10.0)

    assert breaker.describe(10.0) == "the server fails every request; asked again in 1 s"
    breaker.sent(11.0)
    assert "one tests whether it is back" in breaker.describe(11.0)
    assert Breaker().describe(0.0) == ""


def test_a_failure_is_excused_until_as_many_canaries_have_failed_as_requests_are_left() -> None:
    breaker, now = Breaker(), 0.0
    breaker.trip(now, 8, 0.5)
    excused = []

    for _ in range(4):
        now += breaker.blocked(now) or 0.0
        assert breaker.sent(now)
        breaker.failed(now, now, 8, 0.5)
        excused.append(breaker.excuses(3))

    assert excused == [True, False, False, False]
    assert breaker.excuses(6)
    assert not Breaker().excuses(1e9)


def test_it_can_be_opened_at_once_and_remembers_the_limit() -> None:
    breaker = Breaker()

    breaker.trip(5.0, 12, 0.5)
    breaker.trip(9.0, 1, 0.5)

    assert breaker.open
    assert breaker.limit_before == 12
    wait = breaker.outside(5.0, "")
    assert wait is not None
    assert (wait.cause, wait.words, wait.since, wait.next_try) == (
        Cause.FAILING,
        "the server fails every request",
        5.0,
        5.0 + PAUSES[0],
    )
    breaker.sent(6.0)
    probing = breaker.outside(6.0, "503")
    assert probing is not None
    assert (probing.words, probing.next_try) == ("503", None)
    assert Breaker().outside(0.0, "") is None
