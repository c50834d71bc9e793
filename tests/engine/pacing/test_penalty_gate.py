"""The penalty gate: one reaction per flight, one canary, and only its success opens the gate."""

import pytest

from engine.pacing.penalty_gate import LONG, PenaltyGate
from engine.pacing.retry import LONGEST_PENALTY, SHORTEST_PENALTY, penalty_wait


def shut(*, at: float = 10.0, wait: float | None = 5.0) -> PenaltyGate:
    gate = PenaltyGate()
    gate.on_refused(at, at - 1, wait, "429")
    return gate


def test_an_open_gate_holds_nothing_up() -> None:
    gate = PenaltyGate()

    assert gate.blocked(0.0) == 0.0
    assert not gate.on_sent(0.0)
    assert gate.snapshot() is None
    assert gate.describe(0.0) == ""


def test_a_refusal_rests_the_domain_as_long_as_the_server_says() -> None:
    gate = shut(at=10.0, wait=5.0)

    assert gate.blocked(10.0) == pytest.approx(5.2)
    assert gate.blocked(15.1) == pytest.approx(0.1)
    assert gate.blocked(15.2) == 0.0


def test_the_rest_of_the_flight_only_counts() -> None:
    gate = shut(at=10.0)

    trips = [gate.on_refused(10.5, sent_at, 500.0, "429") for sent_at in (9.1, 9.5, 10.0)]

    state = gate.snapshot()
    assert trips == [False, False, False]
    assert state is not None
    assert (state.until, state.refused, state.strikes) == (15.2, 4, 1)


def test_a_success_of_the_flight_does_not_open_the_gate() -> None:
    gate = shut(at=10.0)

    assert not gate.on_success(9.9)
    assert not gate.on_success(10.0)  # sent in the moment of the refusal
    assert gate.blocked(11.0) == pytest.approx(4.2)


def test_after_the_pause_exactly_one_canary_goes() -> None:
    gate = shut(at=10.0)

    assert gate.on_sent(15.3)
    assert gate.blocked(15.3) is None
    assert not gate.on_sent(15.3)


def test_a_request_sent_too_early_is_no_canary() -> None:
    gate = shut(at=10.0)

    assert not gate.on_sent(12.0)
    assert gate.blocked(12.0) == pytest.approx(3.2)


def test_the_canarys_success_opens_the_gate() -> None:
    gate = shut(at=10.0)
    gate.on_sent(15.3)

    assert gate.on_success(15.3)
    assert gate.blocked(15.4) == 0.0
    assert not gate.on_success(15.3)


def test_a_refused_canary_makes_the_pause_longer() -> None:
    gate, lengths = shut(at=0.0, wait=None), []

    for _ in range(7):
        state = gate.snapshot()
        assert state is not None
        gate.on_sent(state.until)
        assert gate.on_refused(state.until + 0.1, state.until, None, "429")
        lengths.append(round(gate.blocked(state.until + 0.1) or 0, 1))

    assert lengths == [2.2, 4.2, 8.2, 16.2, 30.2, 30.2, 30.2]


def test_a_penalty_counts_every_refusal_its_canaries_included() -> None:
    gate = shut(at=10.0)
    gate.on_refused(10.5, 9.5, 5.0, "429")
    gate.on_sent(15.3)

    gate.on_refused(15.4, 15.3, 5.0, "429")
    gate.on_refused(15.5, 9.9, 5.0, "429")

    state = gate.snapshot()
    assert state is not None
    assert (state.strikes, state.refused) == (2, 4)


def test_a_canary_that_failed_otherwise_frees_its_seat() -> None:
    gate = shut(at=10.0)
    gate.on_sent(15.3)

    gate.on_gone(9.0)
    held = gate.blocked(16.0)
    gate.on_gone(15.3)

    assert held is None
    assert gate.blocked(16.0) == 0.0
    assert gate.on_sent(16.0)


def test_a_straggler_of_an_old_flight_does_not_close_the_gate_again() -> None:
    gate = shut(at=10.0)
    gate.on_sent(15.3)
    gate.on_success(15.3)

    assert not gate.on_refused(16.0, 9.9, 60.0, "429")
    assert gate.blocked(16.0) == 0.0


def test_a_new_refusal_after_an_opening_starts_from_the_beginning() -> None:
    gate = shut(at=0.0, wait=None)
    gate.on_sent(2.0)
    gate.on_refused(2.1, 2.0, None, "429")
    gate.on_sent(5.0)
    gate.on_success(5.0)

    gate.on_refused(8.0, 7.0, None, "429")

    state = gate.snapshot()
    assert state is not None
    assert (state.strikes, state.refused, round(state.until, 1)) == (1, 1, 9.2)


def test_a_gate_that_joins_a_rest_keeps_a_longer_one_of_its_own() -> None:
    gate, resting = PenaltyGate(), shut(at=10.0, wait=60.0)

    for one in (gate, resting):
        one.join(11.0, 5.0, "graphql: 429")

    assert gate.blocked(11.0) == pytest.approx(5.2)
    assert gate.describe(11.0) == "graphql: 429; again in 5 s"
    assert resting.blocked(11.0) == pytest.approx(59.2)


def test_a_gate_that_rests_joins_a_longer_rest_whether_its_canary_is_under_way_or_not() -> None:
    resting, asking = shut(at=10.0, wait=5.0), shut(at=10.0, wait=5.0)
    asking.on_sent(15.2)

    resting.join(11.0, 60.0, "graphql: 429")
    asking.join(15.3, 60.0, "graphql: 429")

    assert resting.blocked(11.0) == pytest.approx(60.2)
    assert asking.blocked(15.3) == pytest.approx(60.2)


def test_a_gate_joins_a_rest_of_no_length_only_while_it_is_open() -> None:
    gate, over = PenaltyGate(), shut(at=10.0, wait=5.0)

    gate.join(20.0, None, "graphql: 429")
    over.join(20.0, None, "graphql: 429")

    assert gate.blocked(20.0) == pytest.approx(1.2)
    assert over.blocked(20.0) == 0.0


def test_what_was_under_way_when_a_gate_joined_says_nothing_new() -> None:
    gate = PenaltyGate()
    gate.join(10.0, 5.0, "graphql: 429")

    assert not gate.on_refused(10.5, 9.9, 500.0, "429")
    assert not gate.on_success(9.9)
    assert gate.blocked(10.5) == pytest.approx(4.7)


def test_the_gate_says_what_it_waits_for() -> None:
    gate = shut(at=10.0)

    assert gate.describe(10.2) == "429; again in 5 s"
    assert gate.describe(20.0) == "429; the next request tests it"
    gate.on_sent(20.0)
    assert gate.describe(20.0) == "429; one request tests whether it is over"
    assert repr(gate) == "<PenaltyGate shut until 15.2, strike 1: 429>"
    assert repr(PenaltyGate()) == "<PenaltyGate open>"


def test_a_gate_at_rest_joins_a_rest_of_half_a_second_once_its_own_is_over() -> None:
    over = shut(at=10.0, wait=5.0)

    over.join(20.0, 0.5, "graphql: 429")

    assert over.blocked(20.0) == pytest.approx(2.2)  # the second strike: at least two seconds


def test_chance_makes_a_rest_longer_also_one_that_is_joined() -> None:
    refused, joined, plain = PenaltyGate(), PenaltyGate(), PenaltyGate()

    refused.on_refused(10.0, 9.0, 60.0, "429", chance=0.5)
    joined.join(10.0, 60.0, "graphql: 429", chance=0.5)
    plain.join(10.0, 60.0, "graphql: 429")

    assert refused.blocked(10.0) == joined.blocked(10.0) == pytest.approx(60.8)
    assert plain.blocked(10.0) == pytest.approx(60.2)


@pytest.mark.parametrize(
    ("wait", "length"), [(None, 0.0), (60.0, 60.0), (0.0, SHORTEST_PENALTY), (1e9, LONGEST_PENALTY)]
)
def test_a_gate_knows_how_long_the_server_asked_it_to_rest(wait: float | None, length: float) -> None:
    gate = PenaltyGate()
    before = gate.length

    gate.on_refused(10.0, 9.0, wait, "429")

    assert (before, gate.length) == (0.0, length)


def test_a_penalty_says_why_and_whether_its_canary_is_in_flight() -> None:
    gate = shut(at=10.0)
    before = gate.snapshot()
    gate.on_sent(15.3)
    after = gate.snapshot()

    assert before is not None
    assert after is not None
    assert (before.reason, before.canary, after.canary) == ("429", False, True)


def test_a_rest_of_an_earlier_run_goes_on_and_its_canary_opens_the_gate() -> None:
    gate = PenaltyGate()

    gate.rest(10.0, 60.0)

    state = gate.snapshot()
    assert state is not None
    assert (state.until, state.strikes, state.refused, state.canary) == (70.0, 1, 0, False)
    assert state.reason == "the API asked an earlier run to wait"
    assert gate.length == 60.0
    assert not gate.on_success(10.0)
    assert gate.on_sent(70.0)
    assert gate.on_success(70.0)


def test_a_rest_of_an_earlier_run_keeps_to_the_bounds_of_a_penalty_and_to_the_strikes_of_this_run() -> None:
    short, long = PenaltyGate(), shut(at=0.0, wait=None)
    long.on_sent(2.0)
    long.on_refused(2.1, 2.0, None, "429")
    long.on_sent(5.0)

    short.rest(10.0, 0.0)
    long.rest(10.0, 1e9)

    state = long.snapshot()
    assert state is not None
    assert short.blocked(10.0) == short.length == SHORTEST_PENALTY
    assert long.blocked(10.0) == long.length == LONGEST_PENALTY
    assert state.strikes == 2


def test_a_domain_is_parked_only_while_a_rest_of_more_than_ten_minutes_lasts() -> None:
    ten, more, over = PenaltyGate(), PenaltyGate(), PenaltyGate()
    ten.rest(0.0, LONG)
    more.rest(0.0, LONG + 1)
    over.rest(0.0, LONG + 1)

    assert ten.parked(0.0) is None
    assert more.parked(1.0) == LONG
    assert over.parked(LONG + 1) is None
    over.on_sent(LONG + 1)
    assert over.parked(LONG + 1) is None
    assert PenaltyGate().parked(0.0) is None


@pytest.mark.parametrize(
    ("wait", "strikes", "chance", "length"),
    [
        (60.0, 1, 0.0, 60.2),
        (60.0, 1, 1.0, 61.4),
        (1000.0, 1, 1.0, 1002.2),
        (0.0, 1, 0.0, SHORTEST_PENALTY),
        (1e9, 1, 1.0, LONGEST_PENALTY),
        (None, 1, 0.0, 1.2),
        (None, 500, 0.0, 30.2),
        (1.0, 4, 0.0, 8.2),
        (60.0, 9, 0.0, 60.2),
    ],
)
def test_a_pause_is_what_the_server_says_with_a_margin(
    wait: float | None, strikes: int, chance: float, length: float
) -> None:
    assert penalty_wait(wait, strikes, chance) == pytest.approx(length)
