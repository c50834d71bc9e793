"""What a run would cost: sums by resource, and the time that budgets and quotas impose."""

from typing import Any

import pytest

from engine.model.capabilities import Estimate
from engine.model.lane_state import Quota
from engine.model.source import RateBudget
from engine.pacing.cost_plan import LATENCY, Limits, costs, seconds


def _estimate(low: int, high: int | None, naive: int, **more: Any) -> Estimate:
    return Estimate(requests_low=low, requests_high=high, naive_requests=naive, why=f"{naive}", **more)


def _quota(remaining: float | None, resets_in: float | None = 600.0) -> Quota:
    return Quota(name="core", origin="headers", limit=5000, remaining=remaining, resets_in=resets_in)


def test_nothing_takes_no_time() -> None:
    assert seconds(0, Limits()) == 0.0


def test_without_a_limit_latency_and_concurrency_decide() -> None:
    assert seconds(100, Limits(concurrency=10)) == pytest.approx(10 * LATENCY)


@pytest.mark.parametrize(("requests", "took"), [(60, 60 * LATENCY), (120, 60.0), (300, 240.0)])
def test_a_budget_lets_a_windowful_start_at_once_and_the_rest_at_its_pace(requests: int, took: float) -> None:
    limits = Limits(budgets=[RateBudget(requests=60, per=60.0)], concurrency=1)

    assert seconds(requests, limits) == pytest.approx(max(took, requests * LATENCY))


@pytest.mark.parametrize(("requests", "waited"), [(100, 0), (101, 600), (5100, 600), (5101, 4200)])
def test_a_quota_that_runs_out_costs_its_reset_and_then_whole_windows(requests: int, waited: float) -> None:
    limits = Limits(quotas=[_quota(100)], window=3600, concurrency=100_000)

    assert seconds(requests, limits) == pytest.approx(max(waited, LATENCY))


def test_a_documented_quota_counts_until_headers_have_told_of_it() -> None:
    documented = Limits(documented=5000, window=3600, concurrency=100_000)
    told = Limits(documented=5000, window=3600, quotas=[_quota(None)], concurrency=100_000)

    assert seconds(5001, documented) == seconds(5001, told) == 3600
    assert seconds(5000, documented) == LATENCY


def test_estimates_of_one_resource_are_summed_up() -> None:
    found = [_estimate(1, 2, 3), _estimate(10, 20, 30), _estimate(5, 5, 9, resource="graphql")]

    core, graphql = costs(found, [RateBudget(requests=60, per=60.0, concurrency=4)], {})

    assert (core.requests_low, core.requests_high, core.naive_requests) == (11, 22, 33)
    assert core.limits == ("60 per 60 s", "4 at once")
    assert core.why == ("3", "30")
    assert (graphql.resource, graphql.requests_low, graphql.limits) == ("graphql", 5, ("32 at once",))


def test_one_part_that_nobody_knows_leaves_the_upper_end_open() -> None:
    (cost,) = costs([_estimate(1, 2, 3), _estimate(1, None, 3)], [], {})

    assert (cost.requests_high, cost.seconds_high) == (None, None)


def test_what_takes_an_unknown_time_counts_by_its_limits_alone() -> None:
    (free,) = costs([_estimate(10, 20, 30, timed=False)], [], {})
    (paced,) = costs([_estimate(11, 20, 30, timed=False)], [RateBudget(requests=10, per=60.0)], {})
    (nothing,) = costs([_estimate(0, 0, 30, timed=False)], [], {})

    assert (free.timed, free.seconds_low, free.seconds_high) == (False, 0.0, None)
    assert paced.seconds_low == pytest.approx(6.0)
    assert paced.seconds_high is None
    assert nothing.seconds_high == 0.0


def test_a_plain_client_of_which_a_part_is_unknown_is_open() -> None:
    (cost,) = costs([_estimate(1, 2, 3), _estimate(1, None, 3, naive_open=True)], [], {})

    assert (cost.naive_requests, cost.naive_open) == (6, True)


def test_fewer_workers_than_the_cap_are_slower() -> None:
    (cost,) = costs([_estimate(100, 100, 100)], [RateBudget(concurrency=50)], {}, workers=5)

    assert cost.seconds_low == pytest.approx(20 * LATENCY)


def test_what_headers_told_stands_among_the_limits() -> None:
    (cost,) = costs([_estimate(1, 1, 1, quota=5000)], [], {"core": [_quota(4000)]})

    assert cost.limits == ("4,000 of 5,000 left", "32 at once")
    (cost,) = costs([_estimate(1, 1, 1, quota=5000)], [], {})
    assert cost.limits == ("5,000 per 3600 s as documented", "32 at once")


def test_lanes_that_share_a_budget_wait_for_each_other() -> None:
    shared = [RateBudget(resource=lane, requests=10, per=10.0, shared="rate") for lane in ("core", "graphql")]
    estimates = [_estimate(50, 50, 50), _estimate(50, None, 50, resource="graphql")]

    core, graphql = costs(estimates, shared, {})

    assert (core.seconds_low, graphql.seconds_low) == (90.0, 90.0)
    assert (core.seconds_high, graphql.seconds_high) == (40.0, None)
    assert core.limits[0] == "10 per 10 s for all lanes together"
