"""The scenarios: their oracles, worked out by hand, and what a client can reach of them."""

from random import Random

import pytest

from bench.laws.catalogue import OURS
from bench.laws.measure import burst, measure, percentile
from bench.laws.peers.peer import Peer, PeerSettings
from bench.laws.picture import knees, picture
from bench.laws.trace import Trace, per_second
from bench.simulation.capacity_scenarios import MIXED, SLOWING
from bench.simulation.scenarios import SCENARIOS
from bench.simulation.station import Station
from bench.sockets.cases import CASES


def test_there_are_twenty_and_the_variants_of_the_headers() -> None:
    numbers = {name[:2] for name in SCENARIOS}

    assert numbers == {f"{number:02}" for number in range(1, 21)} | {"22"}


def test_a_mix_of_endpoints_gives_workers_over_mean_service() -> None:
    assert [MIXED.rate(12, 0.0), MIXED.rate(12, 40.0)] == pytest.approx([96.0, 24.0])
    assert SCENARIOS["11-bimodal"].oracle == pytest.approx(3 * 40 * (96 + 24))


def test_a_ramp_is_halfway_in_its_middle() -> None:
    assert [SLOWING.service_at(at) for at in (0, 30, 120, 210, 300)] == pytest.approx([0.1, 0.1, 0.2, 0.3, 0.3])


def test_the_knee_moves_with_the_workers() -> None:
    knee = knees(SCENARIOS["02-knee-up"])

    assert [knee[59], knee[60]] == pytest.approx([50 * 0.25375, 200 * 0.25375])


@pytest.mark.parametrize("name", ["01-knee", "03-knee-down", "05-latency-step", "18-ramp"])
def test_who_always_asks_enough_has_the_oracle_and_no_more(name: str) -> None:
    scenario = SCENARIOS[name]
    rng = Random(1)
    law = Peer(PeerSettings(rng=rng, cap=128, wall=lambda now: now), limit=128)
    station = Station(server=scenario.server, clients=[(0.0, law)], seconds=scenario.seconds, rng=rng)

    station.run()

    assert 0.99 <= len(station.latencies[0]) / scenario.oracle <= 1.005


def test_the_same_seed_measures_the_same() -> None:
    scenario = SCENARIOS["08-jikan"]

    assert measure(OURS, scenario, 3) == measure(OURS, scenario, 3)


def test_a_told_budget_is_never_refused() -> None:
    measured = measure(OURS, SCENARIOS["08-jikan"], 1)

    assert measured.refused == 0
    assert measured.ratio >= 0.98


def test_a_percentile_is_a_latency_that_was_seen() -> None:
    assert percentile([0.4, 0.1, 0.3, 0.2], 0.5) == 0.2
    assert percentile([0.4, 0.1, 0.3, 0.2], 0.95) == 0.4


def test_a_burst_counts_one_second_from_each_send() -> None:
    assert burst([0.0, 0.5, 0.9, 1.2, 3.0]) == 3
    assert burst([]) == 0


def test_a_second_without_an_answer_keeps_the_last_latency() -> None:
    assert per_second([0.2, 0.4, 2.5], [1.0, 3.0, 5.0], 3) == [2.0, 2.0, 5.0]


def test_the_picture_draws_a_line_per_law_and_the_knee_in_both_panels() -> None:
    flat = [1.0] * 150

    svg = picture(SCENARIOS["02-knee-up"], [Trace(limit=flat, latency=flat)] * 4)

    assert svg.count("<polyline") == 2 * (4 + 1)
    assert "prefers-color-scheme: dark" in svg


def test_a_case_gives_the_simulation_and_the_simulator_the_same_numbers() -> None:
    for case in CASES:
        scenario, api = case.scenario(), case.config().api(case.api)

        assert scenario.server.median == api.capacity.latency, case.name
        assert scenario.server.network == api.capacity.delay, case.name
        assert [at for at, _ in scenario.server.workers[1:]] == [step.after for step in api.steps], case.name
        assert len(scenario.rules(Random(1))) == (api.limits.budget is not None) + (api.limits.concurrency is not None)
