"""The budgets that the lanes of one host and credential share."""

import pytest

from engine.model.source import RateBudget
from engine.pacing.budgets.budget import Ask
from engine.pacing.budgets.configured_window import WorkSeconds
from engine.pacing.credential_budgets import CredentialBudgets

PLAIN = RateBudget(resource="core", requests=60)
HOST = RateBudget(resource="rest", cpu_seconds=90.0)
STRICT = RateBudget(resource="search", cpu_seconds=30.0, per=30.0)


def words(budget: WorkSeconds) -> str:
    """Use the budget up and return what it says then."""
    budget.sent(0.0, 1.0)
    budget.answered(1000.0, 0.0, 1.0)
    hold = budget.wait_for(1000.0, Ask(1.0, 0.0))
    assert hold is not None
    return hold.reason


def test_lanes_with_the_same_budget_draw_on_one_window() -> None:
    pool = CredentialBudgets()

    one = pool.window(RateBudget(resource="core", requests=60))

    assert pool.window(RateBudget(resource="core", requests=60)) is one
    assert pool.window(RateBudget(resource="other", requests=60, shared="core")) is one
    assert pool.window(RateBudget(resource="core", requests=60, per=1.0)) is not one
    assert pool.window(RateBudget(resource="core")) is None


def test_a_lane_without_cpu_time_has_no_budget_of_it() -> None:
    assert CredentialBudgets().work([PLAIN], [PLAIN, HOST, STRICT]) == ()


def test_the_largest_cpu_time_holds_for_all_and_a_stricter_one_of_the_lane_as_well() -> None:
    pool = CredentialBudgets()

    of_host = pool.work([PLAIN, HOST], [STRICT, HOST, PLAIN])
    of_strict = pool.work([STRICT], [STRICT, HOST, PLAIN])

    assert (len(of_host), len(of_strict)) == (1, 2)
    assert of_host[0] is of_strict[0]
    assert words(of_strict[0]).startswith("work-seconds: 90 s of CPU a minute")
    assert words(of_strict[1]).startswith("work-seconds: 30 s of CPU in 30 s")


@pytest.mark.parametrize("budget", [HOST, STRICT])
def test_a_group_that_comes_later_draws_on_the_same_cpu_time(budget: RateBudget) -> None:
    pool = CredentialBudgets()

    assert pool.work([budget], [budget]) == pool.work([budget], [budget])
