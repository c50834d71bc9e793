import pytest

from engine.harvest.meter import KEPT, Meter
from engine.model.source import Avoided


def test_it_counts_what_landed() -> None:
    meter = Meter(0.0)
    meter.landed(0.5, rows=3, size=100)
    meter.landed(0.6, rows=2, size=50)

    assert (meter.requests, meter.rows, meter.bytes) == (2, 5, 150)


def test_a_second_is_told_when_it_is_over() -> None:
    meter = Meter(0.0)
    meter.landed(0.5, rows=3, size=100)
    running = meter.seconds()
    meter.roll(2.1, limit=8, in_flight=4)

    assert running == ()
    assert [(s.requests, s.rows, s.bytes) for s in meter.seconds()] == [(1, 3, 100), (0, 0, 0)]


def test_a_second_keeps_the_most_seen_in_flight() -> None:
    meter = Meter(0.0)
    meter.roll(0.1, limit=8, in_flight=7)
    meter.roll(0.2, limit=9, in_flight=2)
    meter.roll(1.1, limit=9, in_flight=1)

    (second,) = meter.seconds()
    assert (second.limit, second.in_flight) == (9, 7)


def test_a_long_silence_costs_no_more_than_what_is_kept() -> None:
    meter = Meter(0.0)
    meter.roll(1e9, limit=1, in_flight=0)

    assert len(meter.seconds()) == KEPT


def test_the_rate_is_that_of_the_last_ten_seconds() -> None:
    meter = Meter(0.0)
    for second in range(30):
        for _ in range(100 if second < 15 else 20):
            meter.landed(second + 0.5, rows=1, size=1)

    meter.roll(30.0, limit=1, in_flight=0)

    assert meter.rate(30.0) == pytest.approx(20.0)


def test_the_rate_of_a_young_meter_is_that_of_its_life() -> None:
    meter = Meter(0.0)
    for number in range(20):
        meter.landed(number / 10, rows=1, size=1)

    assert meter.rate(2.0) == pytest.approx(10.0, rel=0.1)
    assert Meter(5.0).rate(5.0) == 0.0


def test_percentiles_are_unknown_before_the_first_answer() -> None:
    meter = Meter(0.0)

    assert meter.percentile(0.5) is None
    for latency in range(1, 101):
        meter.answered(0.0, latency)
    assert (meter.percentile(0.5), meter.percentile(0.95), meter.percentile(1.0)) == (50, 95, 100)


def test_a_second_without_answers_has_no_latency_and_the_last_budget_told() -> None:
    meter = Meter(0.0)
    meter.answered(0.1, 0.2)
    meter.answered(0.2, 0.4)
    meter.roll(0.5, limit=1, in_flight=1, left=0.5)
    meter.roll(1.5, limit=1, in_flight=1, left=0.4)
    meter.roll(2.5, limit=1, in_flight=0)
    meter.roll(3.5, limit=1, in_flight=0)

    assert [(one.p50, one.p95, one.left) for one in meter.seconds()] == [
        (0.2, 0.4, 0.5),
        (None, None, 0.4),
        (None, None, None),
    ]


def test_what_was_avoided_is_told_by_reason_the_most_first() -> None:
    meter = Meter(0.0)
    meter.count_avoided([Avoided(1, "unchanged"), Avoided(99, "batched")])
    meter.count_avoided([Avoided(2, "unchanged"), Avoided(-4, "batched")])

    assert meter.avoided() == (Avoided(95, "batched"), Avoided(3, "unchanged"))


def test_what_is_taken_back_never_makes_less_than_none() -> None:
    meter = Meter(0.0)
    meter.count_avoided([Avoided(2, "tree"), Avoided(-5, "tree"), Avoided(1, "304")])

    assert meter.avoided() == (Avoided(1, "304"),)


def test_a_reason_is_shown_as_plain_text() -> None:
    meter = Meter(0.0)
    meter.count_avoided([Avoided(1, "\x1b[31mred")])

    assert "\x1b" not in meter.avoided()[0].why
