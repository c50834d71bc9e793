from statistics import median

from simulator.common.settings import Capacity, CapacityStep
from simulator.serving.station import Station


def test_an_idle_station_takes_its_latency_and_the_network() -> None:
    station = Station(Capacity(workers=2, latency=0.1, delay=0.03))

    assert station.serve(50) == 0.13


def test_a_request_that_finds_every_worker_busy_waits_for_the_first_free_one() -> None:
    station = Station(Capacity(workers=2, latency=1))

    waits = [station.serve(10) for _ in range(5)]

    assert waits == [1, 1, 2, 2, 3]


def test_with_unlimited_workers_no_request_waits() -> None:
    station = Station(Capacity(latency=1))

    assert [station.serve(0) for _ in range(100)] == [1] * 100


def test_without_latency_a_request_takes_no_time() -> None:
    assert Station(Capacity()).serve(0) == 0


def test_added_workers_serve_the_next_requests() -> None:
    station = Station(Capacity(workers=1, latency=1))
    station.serve(0)

    station.change(Capacity(workers=2, latency=1), 0)

    assert station.serve(0) == 1
    assert station.serve(0) == 2


def test_with_fewer_workers_requests_queue() -> None:
    station = Station(Capacity(workers=4, latency=1))

    station.change(Capacity(workers=1, latency=1), 0)

    assert [station.serve(0) for _ in range(3)] == [1, 2, 3]


def test_latencies_are_lognormal_around_the_median_and_the_same_for_one_seed() -> None:
    first, second, other = (Station(Capacity(latency=0.1, spread=0.4), seed=seed) for seed in (1, 1, 2))

    times = [first.serve(0) for _ in range(2000)]

    assert times == [second.serve(0) for _ in range(2000)]
    assert times[:10] != [other.serve(0) for _ in range(10)]
    assert 0.095 < median(times) < 0.105
    assert max(times) > 0.2


def test_steps_count_from_the_first_request() -> None:
    steps = (CapacityStep(20, Capacity(latency=3)), CapacityStep(10, Capacity(latency=2)))
    station = Station(Capacity(latency=1), steps=steps)

    assert [station.serve(now) for now in (1000, 1009, 1010, 1020)] == [1, 1, 2, 3]
