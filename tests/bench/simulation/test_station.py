"""The simulated server: what it serves, when it refuses, and how it counts."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from bench.simulation.rules import SlidingLog
from bench.simulation.servers import Erring, Server
from bench.simulation.station import Sent, Station


class Steady:
    """Keeps so many in flight; a refused one holds its slot for `sleep` seconds, or is dropped."""

    def __init__(self, many: int, sleep: float | None = None) -> None:
        self.many = many
        self.sleep = sleep
        self.seen: list[tuple[int, int, Mapping[str, Any]]] = []
        self.held = 0

    def gate(self, now: float, in_flight: int) -> float | None:
        return 0.0 if in_flight < self.many else None

    def on_send(self, now: float, request: Sent) -> None:
        self.held = max(self.held, request.inflight)

    def on_resp(self, now: float, request: Sent, status: int, latency: float, headers: Any) -> float | None:
        self.seen.append((status, request.attempt, headers))
        return self.sleep if status != 200 else None


def run(law: Steady, server: Server, seconds: float, **settings: Any) -> Station:
    station = Station(server=server, clients=[(0.0, law)], seconds=seconds, rng=Random(1), **settings)
    station.run()
    return station


def test_one_worker_of_a_tenth_of_a_second_gives_ten_answers_a_second() -> None:
    station = run(Steady(3), Server(workers=((0.0, 1),), median=0.1, network=0.0), 1.05)

    assert len(station.latencies[0]) == 10
    assert station.latencies[0][-1] == pytest.approx(0.3)


def test_workers_that_join_serve_from_then_on() -> None:
    station = run(Steady(4), Server(workers=((0.0, 1), (1.0, 2)), median=0.1, network=0.0), 2.05)

    assert len(station.latencies[0]) == pytest.approx(30, abs=1)


def test_an_outage_answers_everything_with_503_and_without_work() -> None:
    law = Steady(1, sleep=0.25)
    server = Server(workers=((0.0, 1),), median=0.1, network=0.0, outages=((0.0, 1.0),))

    station = run(law, server, 2.0)

    assert station.failed[0] == 4
    assert {status for status, _, _ in law.seen[:4]} == {503}
    assert station.answered_at[0][0] == pytest.approx(1.008 + 0.1)


def test_a_refused_request_holds_its_slot_and_is_tried_again() -> None:
    law = Steady(2, sleep=0.5)
    server = Server(workers=((0.0, 9),), median=0.01, network=0.0)

    station = run(law, server, 0.9, rules=[SlidingLog(1, 10)])

    assert law.held == 2
    assert len(station.latencies[0]) == 1
    assert max(attempt for _, attempt, _ in law.seen) == 1


def test_another_client_draws_on_the_same_limits() -> None:
    law = Steady(1, sleep=100.0)
    server = Server(workers=((0.0, 1),), median=0.1, network=0.0)

    station = run(law, server, 10.0, rules=[SlidingLog(5, 100)], foreign=1.0)

    assert (station.foreign_sent, len(station.latencies[0])) == (10, 5)
    assert station.foreign_refused == 10


def test_a_share_of_answers_are_errors_while_the_server_errs() -> None:
    server = Erring(workers=((0.0, 1),), median=0.01, network=0.0, share=0.0, worse=1.0, spell=(0.5, 1.0))

    station = run(Steady(1), server, 1.5)

    assert station.failed[0] == pytest.approx(50, abs=2)
    assert len(station.latencies[0]) == pytest.approx(100, abs=2)


def test_answers_carry_a_date_unless_told_otherwise() -> None:
    server = Server(workers=((0.0, 1),), median=0.1, network=0.0)
    dated, undated = Steady(1), Steady(1)

    run(dated, server, 0.3)
    run(undated, server, 0.3, dated=False)

    assert dated.seen[0][2] == {"date": 1_700_000_000}
    assert undated.seen[0][2] == {}
