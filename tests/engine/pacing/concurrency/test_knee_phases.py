"""The start of the tracker, what tells a slower server from a queue, and the test of a sudden queue."""

from dataclasses import replace

import pytest

from engine.pacing.concurrency.knee_phases import SlowStart, Suspicion, Throughput
from engine.pacing.concurrency.rounds import Finding

CALM = Finding(
    queue=0.0,
    base=0.1,
    latency=0.1,
    in_flight=4.0,
    spread=0.0,
    variation=0.0,
    count=8,
    support=8,
    limited=True,
    latencies={},
    residuals={},
)


def test_the_start_doubles_while_nothing_queues() -> None:
    step = SlowStart(64).decide(CALM, 4.0, dead=0.005, enough=5.0)

    assert (step.limit, step.over) == (8.0, False)


def test_the_start_ends_at_the_cap_or_the_threshold() -> None:
    start = SlowStart(64)
    start.again(10.0)

    assert SlowStart(6).decide(CALM, 4.0, dead=0.005, enough=5.0).over
    assert start.decide(CALM, 8.0, dead=0.005, enough=9.0).limit == 10.0


def test_a_short_queue_is_asked_about_once_more_and_a_long_one_is_not() -> None:
    start = SlowStart(64)
    short, long = replace(CALM, queue=0.03), replace(CALM, queue=0.07)

    first = start.decide(short, 8.0, dead=0.005, enough=6.0)
    second = start.decide(short, 8.0, dead=0.005, enough=6.0)

    assert (first.limit, first.over) == (8.0, False)
    assert (second.limit, second.over) == (6.0, True)
    assert SlowStart(64).decide(long, 8.0, dead=0.005, enough=6.0).over


def test_a_start_that_something_else_holds_back_stays() -> None:
    step = SlowStart(64).decide(replace(CALM, limited=False), 4.0, dead=0.005, enough=5.0)

    assert (step.limit, step.over) == (4.0, False)


@pytest.mark.parametrize(("latency", "fell"), [(0.1, False), (0.109, False), (0.2, True)])
def test_a_loss_of_a_tenth_is_noticed(latency: float, fell: bool) -> None:
    throughput = Throughput()
    throughput.note(CALM, restart=True)

    throughput.note(replace(CALM, latency=latency), restart=False)

    assert throughput.fell is fell


def test_a_queue_of_ours_costs_no_throughput() -> None:
    throughput = Throughput()
    throughput.note(CALM, restart=True)

    throughput.note(replace(CALM, in_flight=8.0, latency=0.2, queue=0.1), restart=False)

    assert not throughput.fell


def test_the_wider_latencies_vary_the_more_must_be_lost() -> None:
    throughput = Throughput()
    throughput.note(CALM, restart=True)

    throughput.note(replace(CALM, latency=0.2, variation=1.0, count=9), restart=False)

    assert not throughput.fell


@pytest.mark.parametrize(("queue", "ours"), [(0.04, True), (0.1, False)])
def test_a_queue_that_does_not_follow_two_cuts_is_the_servers(queue: float, ours: bool) -> None:
    suspicion = Suspicion()
    suspicion.begin(replace(CALM, in_flight=10.0, queue=0.1, latency=0.2))

    first = suspicion.weigh(replace(CALM, in_flight=8.0, queue=0.1, latency=0.2))
    second = suspicion.weigh(replace(CALM, in_flight=6.4, queue=queue, latency=0.1 + queue))

    assert first is None
    assert second is ours


def test_a_queue_that_still_built_up_while_the_first_cut_was_made_is_judged_by_its_peak() -> None:
    suspicion = Suspicion()
    suspicion.begin(replace(CALM, in_flight=10.0, queue=0.1, latency=0.2))

    suspicion.weigh(replace(CALM, in_flight=8.0, queue=0.3, latency=0.4))
    ours = suspicion.weigh(replace(CALM, in_flight=5.0, queue=0.19, latency=0.29))

    assert ours is True


def test_the_usual_throughput_follows_the_rounds_slowly() -> None:
    throughput, fell = Throughput(), list[bool]()
    throughput.note(replace(CALM, in_flight=4.0), restart=True)
    for _ in range(50):
        throughput.note(replace(CALM, in_flight=8.0), restart=False)

    for in_flight in (7.9, 5.0):
        throughput.note(replace(CALM, in_flight=in_flight), restart=False)
        fell.append(throughput.fell)

    assert fell == [False, True]
