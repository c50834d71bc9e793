"""Rounds and baselines: what latencies say of a queue."""

import pytest

from engine.pacing.concurrency.rounds import Baseline, Round, find, size


def filled(latencies: list[float], *, route: str = "r", in_flight: int = 4, limit: int = 4) -> Round:
    done = Round(first=0, limit=limit, size=len(latencies))
    for latency in latencies:
        tag = done.sent(0.0, in_flight, route)
        done.left(tag)
        done.answered(route, latency, in_flight)
    return done


def known(route: str, base: float, baseline: Baseline | None = None) -> Baseline:
    baseline = baseline or Baseline()
    baseline.meet(route, [base] * 40, 0.0, extend=True)
    return baseline


def test_the_queue_is_the_median_of_what_is_above_the_baseline() -> None:
    found = find(filled([0.25, 0.3, 0.9]), known("r", 0.2), 1.0)

    assert found.queue == pytest.approx(0.1)
    assert found.base == pytest.approx(0.2)
    assert found.in_flight == 4


def test_routes_are_compared_with_themselves_only() -> None:
    baseline = known("slow", 0.8, known("fast", 0.05))
    done = filled([0.15, 0.15], route="fast")
    done.latencies += [("slow", 0.9), ("slow", 0.9)]

    assert find(done, baseline, 1.0).queue == pytest.approx(0.1)


def test_a_route_nobody_knows_has_no_queue() -> None:
    assert find(filled([0.2, 0.4, 0.9]), Baseline(), 1.0).queue == 0.0


def test_what_is_under_way_for_longer_than_usual_counts_as_slow() -> None:
    done = filled([0.2, 0.2, 0.3])
    for _ in range(3):
        done.sent(0.0, 4, "r")

    assert find(done, known("r", 0.2), 0.9).queue == pytest.approx(0.4)
    assert find(done, known("r", 0.2), 0.1).queue == pytest.approx(0.0)


def test_a_round_is_limited_when_three_in_ten_found_the_limit_reached() -> None:
    done = Round(first=0, limit=5, size=10)
    for in_flight in (5, 5, 4, 3, 3, 3):
        done.sent(0.0, in_flight, "r")

    assert done.limited
    done.sent(0.0, 1, "r")
    assert not done.limited


def test_the_wider_the_spread_the_longer_the_round() -> None:
    assert size(20, 0.0, starting=False) == 10
    assert size(20, 0.16, starting=False) == 17
    assert size(20, 5.0, starting=False) == 60
    assert size(2, 0.0, starting=True) == 4
    assert size(20, 5.0, starting=True) == 20


def test_a_young_route_learns_from_its_first_answers_less_the_queue() -> None:
    baseline = Baseline()
    baseline.meet("r", [0.5, 0.6], 0.3, extend=True)
    assert baseline.get("r") is None

    baseline.meet("r", [0.5, 0.6], 0.3, extend=True)

    assert baseline.get("r") == pytest.approx(0.25)
    assert baseline.support("r") == 4


def test_a_grown_baseline_moves_in_small_steps() -> None:
    baseline = known("r", 0.2)

    baseline.move({"r": [5.0] * 10}, most=0.5)

    assert baseline.get("r") == pytest.approx(0.2 + 0.5 * 0.3 * 0.2)


def test_a_shift_is_taken_over_whole_and_by_every_route() -> None:
    baseline = known("other", 0.5, known("r", 0.2))

    baseline.shift({"r": [0.4] * 10}, 0.4)

    assert baseline.get("r") == pytest.approx(0.6)
    assert baseline.get("other") == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("latencies", "base"),
    [
        ([0.21] * 4, 0.202),  # a twentieth of the way for each sample
        ([0.21] * 40, 0.205),  # half of the way at most
        ([1.0] * 40, 0.23),  # no step is longer than 0.3 of the baseline
        ([0.01] * 40, 0.17),
    ],
)
def test_a_round_moves_the_baseline_further_with_more_samples(latencies: list[float], base: float) -> None:
    baseline = known("r", 0.2)

    baseline.move(find(filled(latencies), baseline, 1.0).residuals, most=0.5)

    assert baseline.get("r") == pytest.approx(base)
