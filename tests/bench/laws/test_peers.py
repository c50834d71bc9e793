"""Each law of another system, on an example worked out by hand."""

import math
from random import Random

import pytest

from bench.laws.catalogue import PEERS, peer
from bench.laws.peers.aimd import Aimd
from bench.laws.peers.arc import Arc
from bench.laws.peers.autothrottle import AutoThrottle
from bench.laws.peers.botocore import Botocore, plateau
from bench.laws.peers.envoy import Envoy
from bench.laws.peers.fixed import FixedEight
from bench.laws.peers.gradient2 import Gradient2
from bench.laws.peers.octokit import Octokit
from bench.laws.peers.peer import PeerSettings
from bench.laws.peers.vegas import Vegas, step
from bench.simulation.scenarios import SCENARIOS
from bench.simulation.station import Sent

TOLD = PeerSettings(rng=Random(1), cap=128, wall=lambda now: 1000.0 + now)
REQUEST = Sent(t_send=0.0, inflight=8)


def test_fixed_eight_lets_eight_in_flight() -> None:
    law = FixedEight(TOLD)

    assert (law.gate(0.0, 7), law.gate(0.0, 8)) == (0.0, None)


def test_the_cap_binds_every_peer() -> None:
    for name in PEERS:
        law = peer(name, SCENARIOS["04-no-knee"], Random(1))

        assert law.gate(100.0, 64) is None, name


def test_a_failed_worker_sleeps_as_told_or_twice_as_long_each_time() -> None:
    law = FixedEight(TOLD)

    told = law.on_resp(0.0, REQUEST, 429, 0.1, {"retry-after": 7})
    guessed = [law.on_resp(0.0, Sent(0.0, 1, attempt=attempt), 500, 0.1, {}) or 0.0 for attempt in (0, 3, 20)]

    assert told == 7.0
    for seconds, least in zip(guessed, (0.5, 4.0, 30.0), strict=True):
        assert least <= seconds <= 1.25 * least
    assert law.on_resp(0.0, REQUEST, 200, 0.1, {}) is None


def test_aimd_adds_one_for_an_answer_and_takes_a_tenth_for_a_failure() -> None:
    law = Aimd(TOLD)

    law.learn(0.0, 0.1, 20, dropped=False)
    up = law.limit
    law.learn(0.0, 0.1, 9, dropped=False)
    unused = law.limit
    law.learn(0.0, 0.1, 20, dropped=True)

    assert (up, unused, law.limit) == (21, 21, 18)


def test_aimd_takes_five_seconds_for_a_failure() -> None:
    law = Aimd(TOLD)

    law.learn(0.0, 5.1, 20, dropped=False)

    assert law.limit == 18


def test_vegas_moves_by_the_length_of_the_queue() -> None:
    law = Vegas(TOLD)
    limits = []

    for latency in (0.1, 0.1, 0.2, 0.12):
        law.learn(0.0, latency, 26, dropped=False)
        limits.append(law.limit)

    # The first is the new noload; no queue: +6; ceil(26 / 2) = 13 queue: -1; ceil(25 / 6) = 5 queue: stay.
    assert limits == [20, 26, 25, 25]


def test_the_step_of_vegas_is_a_whole_logarithm() -> None:
    assert [step(limit) for limit in (1, 20, 99, 100, 1000)] == [1, 1, 1, 2, 3]


def test_gradient2_shrinks_by_how_far_latency_is_over_one_and_a_half_of_its_average() -> None:
    law = Gradient2(TOLD)

    law.window(0.2, 20)
    first = law.limit
    law.window(0.8, 20)

    # 0.8 * 20 + 0.2 * (20 + 4); then the average is 0.5 and the gradient 1.5 * 0.5 / 0.8.
    assert first == pytest.approx(20.8)
    assert law.limit == pytest.approx(0.8 * 20.8 + 0.2 * (20.8 * 0.9375 + 4))


def test_gradient2_does_not_move_while_less_than_half_is_used() -> None:
    law = Gradient2(TOLD)

    law.window(0.2, 9)

    assert law.limit == 20


def test_envoy_grows_by_the_gradient_and_a_root() -> None:
    law = Envoy(TOLD)

    law.window(0.25, 0.25)

    assert law.limit == int(3.75 + math.sqrt(3.75))


def test_envoy_measures_the_idle_latency_with_three_in_flight_and_fifty_answers() -> None:
    law = Envoy(TOLD)

    for _ in range(50):
        law.on_resp(0.5, Sent(0.0, 3), 200, 0.25, {})
    probed = law.limit
    law.on_resp(0.6, Sent(0.3, 3), 200, 0.25, {})
    law.tick(1.6)

    assert (probed, law.limit) == (3, 5)


def test_arc_adds_one_a_round_trip_and_takes_a_tenth_when_pushed_back() -> None:
    law = Arc(TOLD)
    law.learn(0.0, 0.1, 1, dropped=False)

    law.on_send(0.05, Sent(0.05, 1))
    law.learn(0.15, 0.1, 1, dropped=False)
    up = law.limit
    law.limit = 20
    law.learn(0.30, 0.1, 1, dropped=True)

    assert (up, law.limit) == (2, 18)


def test_autothrottle_goes_halfway_to_the_latency_and_errors_do_not_hurry_it() -> None:
    law = AutoThrottle(TOLD)

    law.on_resp(0.0, REQUEST, 500, 1.0, {})
    after_error = law.delay
    law.on_resp(0.0, REQUEST, 200, 1.0, {})
    after_answer = law.delay
    law.on_resp(0.0, REQUEST, 500, 9.0, {})

    assert (after_error, after_answer, law.delay) == (5.0, 3.0, 9.0)


def test_autothrottle_waits_between_half_and_one_and_a_half_delays() -> None:
    law = AutoThrottle(TOLD)
    law.on_send(10.0, REQUEST)

    wait = law.gate(10.0, 1)

    assert wait is not None
    assert 2.5 <= wait <= 7.5


def test_the_cubic_of_botocore_starts_at_seven_tenths_and_is_back_after_its_plateau() -> None:
    law = Botocore(TOLD)
    law._most = 32 / 3

    assert plateau(32 / 3) == pytest.approx(2.0)
    assert law.cubic(0.0) == pytest.approx(0.7 * 32 / 3)
    assert law.cubic(2.0) == pytest.approx(32 / 3)


def test_botocore_paces_from_the_first_throttling_on() -> None:
    law = Botocore(TOLD)
    for number in range(1, 21):
        law.on_resp(number / 10, Sent(0.0, 1), 200, 0.1, {})
    before = law.gate(2.0, 1)
    law.on_resp(2.05, Sent(0.0, 1), 429, 0.1, {})

    law.on_send(2.1, REQUEST)
    law.on_send(2.1, REQUEST)
    after = law.gate(2.1, 1)

    assert before == 0.0
    assert after is not None
    assert after > 0.0


def test_octokit_waits_for_the_reset_by_the_local_clock_and_a_second_more() -> None:
    law = Octokit(TOLD)

    spent = law.backoff(90.5, REQUEST, {"x-ratelimit-remaining": 0, "x-ratelimit-reset": 1100})
    past = law.backoff(200.0, REQUEST, {"x-ratelimit-remaining": 0, "x-ratelimit-reset": 1100})

    assert (spent, past) == (11.0, 0.0)


def test_octokit_waits_a_minute_for_a_secondary_limit_that_names_no_time() -> None:
    law = Octokit(TOLD)

    assert law.backoff(0.0, REQUEST, {"secondary": 1}) == 60.0
    assert law.backoff(0.0, REQUEST, {"secondary": 1, "retry-after": 20}) == 20.0
