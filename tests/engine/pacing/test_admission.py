"""Admission: what may start, which bound binds, and what is learned from which refusal."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.lane_state import Bound, Quota
from engine.pacing.admission import Admission
from engine.pacing.budgets.budget import LONGEST, Pacer
from engine.pacing.budgets.configured_window import ConfiguredWindow
from engine.pacing.budgets.learned import Learned
from engine.pacing.concurrency.controller import Controller, LoadSignal
from engine.pacing.concurrency.knee import Knee
from engine.pacing.concurrency.policies import Fixed
from engine.pacing.concurrency.shared_host import HostController
from engine.pacing.penalty_gate import PenaltyGate
from engine.pacing.response.rate_limit_headers import QuotaReading
from engine.pacing.response.throttling import Throttle
from engine.pacing.retry import SHORTEST_PENALTY
from engine.pacing.ticket import Admit, Now, RequestResult, Ticket, Wait
from tests.fuzzing import examples

OK = RequestResult(signal=LoadSignal.OK, latency=0.1)
FAILED = RequestResult(signal=LoadSignal.OVERLOADED, latency=0.1)


def admission(
    controller: Controller | None = None, *, cap: int = 32, configured: tuple[ConfiguredWindow, ...] = ()
) -> Admission:
    controller = controller or Fixed(8)
    return Admission(resource="core", controller=controller, cap=cap, gate=PenaltyGate(), configured=configured)


def refused(throttle: Throttle, wait: float | None, *readings: QuotaReading) -> RequestResult:
    return RequestResult(
        signal=LoadSignal.NEUTRAL,
        latency=0.1,
        readings=readings,
        refused=True,
        throttle=throttle,
        wait=wait,
        reason="429",
    )


def waiting(admitted: Admit) -> Wait:
    assert isinstance(admitted, Wait)
    return admitted


def test_the_limit_binds_and_is_named() -> None:
    one = admission()

    assert one.admit(0.0, 7) == Now()
    assert waiting(one.admit(0.0, 8)).bound is Bound.CONCURRENCY
    assert waiting(one.admit(0.0, 8)).reason == "8 of 8 in flight: fixed at 8"


def test_the_pin_wins_over_the_controller_and_the_cap_over_the_pin() -> None:
    one = admission()
    one.pin = 20
    assert one.admit(0.0, 19) == Now()
    assert waiting(one.admit(0.0, 20)).bound is Bound.PIN
    assert str(one.mode()) == "pin 20"

    one.pin = 40
    assert waiting(one.admit(0.0, 32)).bound is Bound.CAP


def test_a_cap_by_hand_lets_the_controller_choose_less() -> None:
    one = admission(Fixed(8))

    one.manual_cap = 6
    assert (one.limit, str(one.mode())) == (6, "cap 6")
    held = waiting(one.admit(0.0, 6))
    assert (held.bound, held.reason) == (Bound.CAP, "6 of 6 in flight: capped by hand")
    one.manual_cap = 20
    assert one.limit == 8


def test_seconds_between_requests_are_kept_even_where_they_are_short() -> None:
    one = admission()
    one.spacing = 0.5
    one.sent(0.0, 1)

    held = waiting(one.admit(0.2, 0))

    assert held.bound is Bound.PACE
    assert held.seconds == pytest.approx(0.3)
    assert one.admit(0.5, 0) == Now()


class Spread(Fixed):
    """Spreads its sends over a round trip, as the knee does."""

    @property
    def spacing(self) -> float:
        return 0.2


def test_sends_are_spread_over_a_round_trip_while_others_are_in_flight() -> None:
    one = admission(Spread(8))
    one.sent(0.0, 1)

    held = waiting(one.admit(0.05, 1))

    assert held.bound is Bound.PACE
    assert held.seconds == pytest.approx(0.15)
    assert one.admit(0.05, 0) == Now()


def test_a_budget_wins_over_the_pin_and_says_so() -> None:
    one = admission(configured=(ConfiguredWindow("core", 2, 1.0),))
    one.pin = 20
    for in_flight in (1, 2):
        one.sent(0.0, in_flight)

    hold = waiting(one.admit(0.0, 2))

    assert hold.bound is Bound.BUDGET
    assert hold.reason.startswith("pinned 20, running 2: budget core: 2 per 1 s")


def test_whatever_holds_a_pin_back_is_named_beside_it() -> None:
    one = admission()
    one.pin = 40

    by_cap = waiting(one.admit(0.0, 32)).reason
    one.answered(0.1, one.sent(0.0, 1), refused(Throttle.BUSY, 5.0))
    by_penalty = waiting(one.admit(0.1, 0)).reason
    full = waiting(admission_pinned(4).admit(0.0, 4)).reason

    assert by_cap == "pinned 40, running 32: 32 of 32 in flight: the cap of this API"
    assert by_penalty == "pinned 40, running 0: 429; again in 5 s"
    assert full == "4 of 4 in flight: pinned"


def admission_pinned(number: int) -> Admission:
    one = admission()
    one.pin = number
    return one


def test_the_longest_wait_of_all_budgets_counts() -> None:
    one = admission(configured=(ConfiguredWindow("a", 1, 1.0), ConfiguredWindow("b", 1, 4.0)))
    one.sent(0.0, 1)

    assert waiting(one.admit(0.0, 1)).seconds == pytest.approx(4.2)


def test_a_refusal_by_a_known_window_teaches_nothing() -> None:
    one = admission()
    ticket = one.sent(0.0, 1)

    one.answered(
        0.1, ticket, refused(Throttle.PRIMARY, 60.0, QuotaReading(name="core", limit=9, remaining=0, resets_at=60.0))
    )

    assert waiting(one.admit(0.2, 0)).bound is Bound.PENALTY
    assert one.inferred.hidden.ceiling is None
    assert one.inferred.overstated.rate is None


@pytest.mark.parametrize("wait", [60.0, 1.0, None])
def test_a_refusal_by_a_budget_that_earlier_answers_told_of_teaches_nothing(wait: float | None) -> None:
    window = ConfiguredWindow("core", 100, 60.0)
    plain, with_a_limit_by_hand = admission(), admission(configured=(window,))
    told = RequestResult(
        signal=LoadSignal.OK, latency=0.1, readings=[QuotaReading(name="core", limit=9, remaining=4, resets_at=60.0)]
    )

    for one in (plain, with_a_limit_by_hand):
        one.answered(0.1, one.sent(0.0, 1), told)
        one.answered(5.1, one.sent(5.0, 1), refused(Throttle.PRIMARY, wait))
        one.answered(70.1, one.sent(70.0, 1), OK)

    assert (plain.inferred.overstated.rate, plain.inferred.hidden.ceiling) == (None, None)
    assert with_a_limit_by_hand.limit == 8
    assert window.refused() == pytest.approx(93.0)


def test_a_refusal_for_a_budget_nobody_told_of_is_a_lesson() -> None:
    one = admission()
    one.answered(5.1, one.sent(5.0, 1), refused(Throttle.PRIMARY, 60.0))

    one.answered(70.1, one.sent(70.0, 1), OK)

    assert one.inferred.hidden.ceiling is not None


def test_too_many_at_once_caps_at_what_was_served() -> None:
    one = admission(Fixed(32))
    tickets = [one.sent(number / 100, number + 1) for number in range(30)]
    for ticket in tickets[:18]:
        one.answered(0.3, ticket, OK)

    move = one.answered(0.3, tickets[20], refused(Throttle.SECONDARY, 20.0))

    assert one.limit == 18
    assert move is not None
    assert "at once" in move.reason


def test_a_configured_limit_that_refuses_is_tightened() -> None:
    window = ConfiguredWindow("core", 100, 60.0)
    one = admission(configured=(window,))

    one.answered(0.1, one.sent(0.0, 1), refused(Throttle.PLAIN, None))

    assert window.refused() == pytest.approx(100 * 0.93**2)


def test_one_flight_is_one_event() -> None:
    one = admission(Fixed(32))
    tickets = [one.sent(number / 100, number + 1) for number in range(20)]

    for ticket in tickets:
        one.answered(0.5, ticket, refused(Throttle.SECONDARY, 20.0))

    assert one.inferred.events == 1


def test_a_rest_is_ended_by_one_request_that_goes_alone_and_its_refusal_is_no_new_lesson() -> None:
    one = admission(Fixed(32))
    tickets = [one.sent(0.0, number + 1) for number in range(20)]
    for ticket in tickets[:10]:
        one.answered(0.4, ticket, OK)
    for ticket in tickets[10:13]:
        one.answered(0.5, ticket, refused(Throttle.SECONDARY, 20.0))
    cap = one.limit

    assert one.admit(20.8, 0) == Now(canary=True)
    canary = one.sent(20.8, 1)
    alone = waiting(one.admit(20.8, 1))
    moved = one.answered(20.9, canary, refused(Throttle.SECONDARY, 20.0))

    assert (alone.bound, alone.seconds) == (Bound.PENALTY, None)
    assert (moved, one.limit, one.inferred.events) == (None, cap, 1)
    penalty = one.gate.snapshot()
    assert penalty is not None
    assert (penalty.strikes, penalty.refused) == (2, 4)


@pytest.mark.parametrize(
    ("throttle", "rests"), [(Throttle.SECONDARY, True), (Throttle.PLAIN, True), (Throttle.PRIMARY, False)]
)
def test_a_refusal_that_names_no_resource_rests_all_of_the_host(throttle: Throttle, rests: bool) -> None:
    one, other = admission(Fixed(9)), admission(Fixed(9))
    one.siblings = [other]

    one.answered(1.0, one.sent(0.0, 1), refused(throttle, 20.0))

    answer = other.admit(1.0, 0)
    assert isinstance(answer, Wait) is rests
    assert (waiting(answer).bound is Bound.PENALTY) if rests else isinstance(answer, Now)
    assert other.inferred.secondary.limit(1.0) == float("inf")


@pytest.mark.parametrize(("told", "rest"), [(60.0, 60.2), (5.0, 19.2), (None, 19.2)])
def test_one_that_rests_already_rests_as_long_as_the_longer_of_both_refusals_says(
    told: float | None, rest: float
) -> None:
    one, other = admission(), admission()
    one.siblings = [other]
    other.answered(1.0, other.sent(0.0, 1), refused(Throttle.PRIMARY, 20.0))

    one.answered(2.0, one.sent(0.0, 1), refused(Throttle.SECONDARY, told))

    assert waiting(other.admit(2.0, 0)).seconds == pytest.approx(rest)


def test_one_that_rests_with_all_of_the_host_rests_a_second_where_the_server_names_no_time() -> None:
    one, other = admission(), admission()
    one.siblings = [other]

    one.answered(2.0, one.sent(0.0, 1), refused(Throttle.SECONDARY, None))

    assert waiting(other.admit(2.0, 0)).seconds == pytest.approx(1.2)


def test_a_busy_server_rests_the_domain_and_teaches_nothing() -> None:
    window = ConfiguredWindow("core", 100, 60.0)
    one, limited = admission(), admission(configured=(window,))

    for each in (one, limited):
        each.answered(0.1, each.sent(0.0, 1), refused(Throttle.BUSY, 5.0))
        assert waiting(each.admit(0.1, 0)).seconds == pytest.approx(5.2)
        each.answered(5.5, each.sent(5.4, 1), OK)

    assert (one.limit, one.inferred.hidden.ceiling) == (8, None)
    assert window.refused() == pytest.approx(93.0)


def test_an_outage_is_asked_about_by_one_request_at_a_time() -> None:
    one = admission()
    for ticket in [one.sent(0.0, number + 1) for number in range(5)]:
        one.answered(0.1, ticket, FAILED)

    wait = waiting(one.admit(0.1, 0))
    assert wait.seconds is not None
    later = 0.1 + wait.seconds
    assert one.admit(later, 0) == Now(canary=True)
    ticket = one.sent(later, 1)
    assert waiting(one.admit(later, 1)).seconds is None
    one.answered(later + 0.1, ticket, OK)
    assert one.admit(later + 0.1, 0) == Now()


def test_a_server_that_is_back_may_fail_a_few_requests_again_before_it_is_left_alone() -> None:
    one = admission()
    for ticket in [one.sent(0.0, number + 1) for number in range(5)]:
        one.answered(0.1, ticket, FAILED)
    one.answered(2.1, one.sent(2.0, 1), OK)

    for ticket in [one.sent(3.0, number + 1) for number in range(4)]:
        one.answered(3.1, ticket, FAILED)

    assert one.admit(3.1, 7) == Now()


def test_what_an_earlier_process_knew_counts() -> None:
    one = admission(configured=(ConfiguredWindow("core", 3, 60.0),))

    one.recall(
        100.0, [Quota(name="daily", origin="headers", limit=9, remaining=0, resets_in=30.0)], [(50.0, 1), (40.0, 2)]
    )

    hold = waiting(one.admit(100.0, 0))
    assert hold.seconds == pytest.approx(30.3)
    assert {quota.name for quota in one.quotas(100.0)} == {"core", "daily"}


def test_what_was_learned_is_taken_over_by_the_next_run() -> None:
    one = admission(Knee(64), cap=64)

    one.restore(0.0, Learned(at=0.0, knee=30.0, secondary=20.0, confidence=1.0), age=60.0)

    assert one.limit == 15
    assert one.learned(5.0, now=0.0).secondary == 20.0


def test_the_share_of_a_group_that_wants_nothing_is_lent() -> None:
    host = HostController(Fixed(12))
    first, second = host.join(weight=2.0), host.join()
    one, two = admission(first), admission(second)
    one.admit(0.0, 0)
    assert one.limit == 12

    two.admit(0.0, 0)

    assert (one.limit, two.limit) == (8, 4)
    one.admit(5.0, 0)
    assert one.limit == 12


def test_a_lent_share_comes_back_as_answers_land() -> None:
    host = HostController(Fixed(12))
    freed: list[int] = []
    first, second = host.join(), host.join(freed=lambda: freed.append(1))
    one, two = admission(first), admission(second)
    tickets = [one.sent(0.0, number + 1) for number in range(12)]
    two.admit(0.0, 0)

    for ticket in tickets[:6]:
        one.answered(0.1, ticket, OK)

    assert freed
    assert isinstance(one.admit(0.1, 6), Wait)
    assert two.limit == 6


READINGS = st.builds(
    QuotaReading,
    name=st.sampled_from(["", "core", "x"]),
    limit=st.none() | st.floats(0.1, 1e15),
    remaining=st.none() | st.floats(0, 1e15),
    resets_at=st.none() | st.floats(-1e6, 1e12),
    window=st.none() | st.floats(1e-6, 1e9),
)
ANSWERS = st.builds(
    RequestResult,
    signal=st.sampled_from(LoadSignal),
    latency=st.floats(0, 1e6),
    readings=st.lists(READINGS, max_size=2),
    refused=st.booleans(),
    throttle=st.sampled_from(Throttle),
    wait=st.none() | st.floats(0, 1e9),
    chance=st.floats(0, 1),
    lagged=st.booleans(),
)


@examples(200)
@given(
    st.lists(st.tuples(st.floats(0, 100), ANSWERS, st.floats(1, 50), st.booleans()), max_size=60),
    st.integers(1, 64),
    st.booleans(),
)
def test_whatever_a_server_says_the_limit_and_the_waits_stay_in_bounds_and_it_goes_on_in_the_end(
    steps: list[tuple[float, RequestResult, float, bool]], cap: int, configured: bool
) -> None:
    windows = (ConfiguredWindow("core", 5, 10.0),) if configured else ()
    one, now, flying = admission(Knee(cap), cap=cap, configured=windows), 0.0, list[Ticket]()
    for pause, answer, cost, gone in steps:
        now += pause
        admitted = one.admit(now, len(flying), cost)
        if isinstance(admitted, Now):
            flying.append(one.sent(now, len(flying) + 1, cost, "r"))
        else:
            assert admitted.seconds is None or 0 <= admitted.seconds <= 3700
            assert admitted.reason
        if flying and gone:
            one.gone(flying.pop(0))
        elif flying:
            one.answered(now + answer.latency, flying.pop(0), answer)
            now += answer.latency
        assert 1 <= one.limit <= cap
    for ticket in flying:
        one.gone(ticket)

    assert landed(one, now) >= 3


def landed(one: Admission, now: float) -> int:
    """Let the server be well again until three requests are answered; give up after a few months of waiting."""
    done = 0
    for _ in range(3000):
        admitted = one.admit(now, 0)
        if isinstance(admitted, Now):
            full = [QuotaReading(name=name, limit=1e6, remaining=1e6, resets_at=now + 60) for name in ("", "core", "x")]
            ticket = one.sent(now, 1)
            now += 0.1
            one.answered(now, ticket, RequestResult(signal=LoadSignal.OK, latency=0.1, readings=full))
            done += 1
        else:
            assert admitted.seconds is not None, admitted.reason
            now += max(admitted.seconds, 1e-3)
        if done >= 3:
            return done
    return done


def test_what_is_left_of_the_tightest_budget_is_a_share() -> None:
    one = admission()
    ticket = one.sent(0.0, 1)
    told = (
        QuotaReading(name="core", limit=100, remaining=40, resets_at=60.0),
        QuotaReading(name="search", limit=30, remaining=27, resets_at=60.0),
    )

    before = one.left()
    one.answered(0.1, ticket, RequestResult(signal=LoadSignal.OK, latency=0.1, readings=told))

    assert before is None
    assert one.left() == pytest.approx(0.4)


def test_errors_alone_hold_back_before_the_breaker_opens() -> None:
    one = admission(Fixed(20))
    for number in range(6):
        one.answered(number + 0.1, one.sent(float(number), 1), FAILED)

    held = waiting(one.admit(7.0, 19))

    assert held.bound is Bound.CONCURRENCY
    assert held.reason == "19 of 20 in flight: the last answers were all errors"


def test_the_longest_wait_of_several_budgets_counts() -> None:
    one = admission(configured=(ConfiguredWindow("long", 1, 60.0), ConfiguredWindow("short", 1, 10.0)))
    one.sent(0.0, 1)

    held = waiting(one.admit(0.0, 1))

    assert held.seconds is not None
    assert held.seconds > 50
    assert "long" in held.reason


def test_a_cap_found_out_by_refusals_is_named() -> None:
    one = admission(Fixed(20))
    for number in range(10):
        one.sent(0.0, number + 1)
    one.answered(0.2, one.sent(0.1, 10), refused(Throttle.SECONDARY, 1.0))
    one.answered(3.0, one.sent(2.9, 1), OK)

    held = waiting(one.admit(4.0, 9))

    assert held.bound is Bound.CAP
    assert "more were refused as too many at once" in held.reason


def test_a_knee_too_old_changes_nothing() -> None:
    one = admission(Knee(32))
    before = one.limit

    one.restore(0.0, Learned(at=0.0, knee=30.0, confidence=1.0), age=1e9)

    assert one.limit == before


def test_a_rate_of_nothing_waits_as_long_as_anything_may() -> None:
    assert Pacer().wait(0.0, 0.0) == LONGEST


def test_a_server_that_refused_and_then_fails_is_tested_after_the_pauses_of_the_breaker() -> None:
    """Its canary was the gate's alone, so the breaker never paused anew: ten requests a second met a failing server."""
    one = admission(Fixed(8))
    for _ in range(5):
        one.answered(0.1, one.sent(0.0, 1), FAILED)
    one.answered(0.2, one.sent(0.15, 1), refused(Throttle.PLAIN, 1.0))
    assert one.breaker.open
    assert not one.gate.open

    now, sends = 0.2, 0
    while now < 20.0:
        answer = one.admit(now, 0)
        if isinstance(answer, Wait):
            assert answer.seconds is not None
            now += max(answer.seconds, 0.01)
        else:
            one.answered(now + 0.1, one.sent(now, 1), FAILED)
            now, sends = now + 0.1, sends + 1

    assert 4 <= sends <= 8


def test_a_penalty_of_this_run_goes_on_in_the_next_and_takes_no_lesson_with_it() -> None:
    one, next_one = admission(), admission()
    ticket = one.sent(0.0, 1)
    one.answered(0.1, ticket, refused(Throttle.SECONDARY, 60.0))

    known = one.learned(1000.0, now=10.1)
    next_one.restore(0.0, known, age=20.0)

    assert known.knee == 8.0
    assert known.resting_until == pytest.approx(1050.2)
    assert next_one.gate.blocked(0.0) == pytest.approx(30.2)


def test_a_rest_that_is_all_but_over_is_not_taken_over() -> None:
    over, left = admission(), admission()

    over.restore(0.0, Learned(at=0.0, resting_until=SHORTEST_PENALTY), age=0.0)
    left.restore(0.0, Learned(at=0.0, resting_until=SHORTEST_PENALTY + 0.1), age=0.0)

    assert (over.gate.open, left.gate.open) == (True, False)


def test_the_chance_that_comes_with_a_refusal_makes_the_rest_longer() -> None:
    one = admission()
    ticket = one.sent(0.0, 1)

    one.answered(0.1, ticket, replace(refused(Throttle.PRIMARY, 60.0), chance=0.5))

    assert one.gate.blocked(0.1) == pytest.approx(60.8)


def test_a_limit_that_only_errors_cut_says_why() -> None:
    one, now, moves = admission(Fixed(8)), 0.0, []

    for _ in range(20):
        now += 0.1
        moves.append(one.answered(now, one.sent(now, 1), FAILED))

    told = [move.reason for move in moves if move is not None]
    assert told[0] == "nothing but errors: one request at a time asks whether the server is back"


def test_the_controller_gets_back_the_tag_it_gave() -> None:
    knee = Knee(8)
    one = admission(knee)
    one.sent(0.0, 1)

    ticket = one.sent(0.0, 2)

    assert ticket.tag == 1


def test_a_refusal_for_too_many_at_once_moves_the_limit_to_what_was_served() -> None:
    one = admission()
    ticket = one.sent(0.0, 5)

    move = one.answered(0.1, ticket, refused(Throttle.SECONDARY, 60.0))

    assert move is not None
    assert (move.old, move.new, move.reason) == (8, 4, "refused as too many at once: at most 4 from now on")
