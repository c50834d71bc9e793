"""The clauses of the bars about time."""

import math

from bench.laws.clauses import settled, spent


def test_latency_has_settled_when_two_seconds_of_it_are_near_the_idle_one() -> None:
    at = [float(second) / 2 for second in range(200)]
    latencies = [1.0 if 60 <= moment < 63 else 0.25 for moment in at]

    assert settled(at, latencies, 60.0, 0.25) == 3.0
    assert math.isinf(settled(at, [1.0] * 200, 60.0, 0.25))


def test_a_burst_is_spent_when_a_tenth_of_it_is_left() -> None:
    at_once, evenly = [0.0] * 90, [float(second) for second in range(90)]

    assert spent(at_once, 90.0, 1.5) == 0.0
    assert math.isinf(spent(evenly, 90.0, 1.5))
