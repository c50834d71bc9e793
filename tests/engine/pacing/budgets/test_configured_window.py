"""Seconds a server works for us: bounded by how long answers take."""

import pytest

from engine.model.lane_state import Bound
from engine.pacing.admission import Admission
from engine.pacing.budgets.budget import Ask
from engine.pacing.budgets.configured_window import CPU_SHARE, WorkSeconds
from engine.pacing.concurrency.controller import LoadSignal
from engine.pacing.concurrency.policies import Fixed
from engine.pacing.penalty_gate import PenaltyGate
from engine.pacing.ticket import Now, RequestResult, Wait

MANY = Ask(1.0, 0.0)


def worked(work: WorkSeconds, until: float, latency: float, at_once: int) -> float:
    """Keep so many under way, as far as it lets; return the seconds of work asked for."""
    now, flying, total = 0.0, list[float](), 0.0
    while now < until:
        while flying and flying[0] + latency <= now + 1e-9:
            work.answered(now, flying.pop(0), 1.0)
        while len(flying) < at_once and work.wait_for(now, MANY) is None:
            work.sent(now, 1.0)
            flying.append(now)
            total += latency
        now += 0.05
    return total


def test_the_work_of_any_minute_stays_within_twice_the_cpu_time() -> None:
    assert CPU_SHARE == 0.5

    assert worked(WorkSeconds(90.0, 60.0), 60.0, latency=1.0, at_once=90) <= 180 + 10


def test_by_littles_law_three_are_in_flight_on_average() -> None:
    total = worked(WorkSeconds(90.0, 60.0), 600.0, latency=1.0, at_once=90)

    assert total / 600 == pytest.approx(3.0, rel=0.05)


def test_a_server_that_answers_at_once_is_never_held_back() -> None:
    work = WorkSeconds(90.0, 60.0)

    for number in range(200):
        assert work.wait_for(number / 20, MANY) is None
        work.sent(number / 20, 1.0)
        work.answered(number / 20 + 0.03, number / 20, 1.0)


def test_what_fits_into_the_window_is_not_spread() -> None:
    work = WorkSeconds(90.0, 60.0)

    for number in range(100):
        assert work.wait_for(0.0, Ask(1.0, 0.0, backlog=100 - number)) is None
        work.sent(0.0, 1.0)


def test_an_answer_that_takes_longer_than_is_allowed_at_all_stops_nothing_for_ever() -> None:
    work = WorkSeconds(1.0, 60.0)
    for number in range(50):
        work.sent(100.0 * number, 1.0)
        work.answered(100.0 * number + 90, 100.0 * number, 1.0)

    hold = work.wait_for(5000.0, MANY)

    assert hold is None or (hold.seconds is not None and hold.seconds <= 61)
    assert work.wait_for(5100.0, MANY) is None


def test_it_is_a_bound_with_words_of_its_own() -> None:
    one = Admission(
        resource="core", controller=Fixed(90), cap=90, gate=PenaltyGate(), work=[WorkSeconds(90.0, 60.0)], pin=40
    )
    now, held = 0.0, list[Wait]()
    while now < 30:
        admitted = one.admit(now, 0)
        if isinstance(admitted, Now):
            ticket = one.sent(now, 1)
            one.answered(now + 2.0, ticket, RequestResult(signal=LoadSignal.OK, latency=2.0))
        else:
            held.append(admitted)
        now += 0.1

    assert held[-1].bound is Bound.BUDGET
    assert held[-1].reason == "pinned 40, running 0: work-seconds: 90 s of CPU a minute, about 2.0 s an answer"
    assert one.quotas(30.0) == ()


def test_a_request_it_never_saw_leave_changes_nothing() -> None:
    work = WorkSeconds(90.0, 60.0)

    work.answered(1.0, 0.5, 1.0)

    assert work.wait_for(1.0, MANY) is None
