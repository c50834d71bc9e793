"""Two requests in a row without an answer, and one asks for all of them until the host answers."""

import pytest

from engine.model.outside_wait import Cause
from engine.pacing.reachability import PAUSES, Reachability

EVEN = 0.5
"""The chance that leaves a pause as it is."""


def offline(at: float = 10.0) -> Reachability:
    reach = Reachability()
    for _ in range(2):
        reach.unanswered(at, "refused", EVEN, probe=False)
    return reach


def test_one_connection_that_breaks_is_no_outage() -> None:
    reach = Reachability()

    reach.unanswered(1.0, "closed", EVEN, probe=False)

    assert not reach.offline
    assert reach.blocked(1.0) == 0.0
    assert reach.outside(1.0) is None


def test_an_answer_between_two_failures_means_that_the_host_is_there() -> None:
    reach = Reachability()

    reach.unanswered(1.0, "closed", EVEN, probe=False)
    reach.answered(2.0)
    reach.unanswered(3.0, "closed", EVEN, probe=False)

    assert not reach.offline


def test_after_two_one_request_asks_and_the_others_wait_for_it() -> None:
    reach = offline()

    assert reach.blocked(10.0) == PAUSES[0]
    assert not reach.sent(10.5)
    assert reach.sent(11.0)
    assert reach.blocked(11.0) is None
    assert not reach.sent(11.0)


def test_the_pauses_double_up_to_half_a_minute() -> None:
    reach, now, waits = offline(), 10.0, []

    for _ in range(8):
        wait = reach.blocked(now)
        assert wait is not None
        waits.append(wait)
        now += wait
        assert reach.sent(now)
        reach.unanswered(now, "refused", EVEN, probe=True)

    assert waits == pytest.approx([1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0])


def test_the_rest_of_a_flight_does_not_make_the_pause_longer() -> None:
    reach = offline()

    for _ in range(30):
        reach.unanswered(10.1, "refused", EVEN, probe=False)

    assert reach.blocked(10.0) == PAUSES[0]


def test_an_answer_of_any_request_brings_all_back_and_tells_them() -> None:
    reach, told = offline(), list[int]()
    reach.changed.append(lambda: told.append(1))

    assert reach.answered(10.2)

    assert told == [1]
    assert reach.blocked(10.2) == 0.0
    assert not reach.answered(10.3)


def test_a_probe_that_was_cancelled_lets_another_one_go() -> None:
    reach = offline()
    assert reach.sent(11.0)

    reach.gone(probe=True)

    assert reach.blocked(11.0) == 0.0


def test_the_wait_says_since_when_why_and_when_it_asks_next() -> None:
    reach = offline()

    wait = reach.outside(10.4)

    assert wait is not None
    assert (wait.cause, wait.words, wait.since, wait.next_try) == (Cause.OFFLINE, "refused", 10.0, 11.0)
    reach.sent(11.0)
    probing = reach.outside(11.0)
    assert probing is not None
    assert probing.next_try is None
    assert repr(reach) == "<Reachability offline, 2 without an answer>"


def test_it_knows_whether_an_answer_came_since_a_time() -> None:
    reach = Reachability()
    reach.answered(5.0)

    assert reach.answers_since(4.9)
    assert not reach.answers_since(5.0)
