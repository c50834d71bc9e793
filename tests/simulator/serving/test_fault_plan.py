import pytest

from simulator.common.settings import FaultRule
from simulator.serving.fault_plan import FaultPlan


def chosen(plan: FaultPlan, requests: int, route: str = "/a") -> list[str]:
    rules = (plan.choose(route) for _ in range(requests))
    return [rule.fault if rule else "" for rule in rules]


def test_every_nth_request_fails() -> None:
    plan = FaultPlan([FaultRule(fault="500", every=3)], seed=1)

    assert chosen(plan, 7) == ["", "", "500", "", "", "500", ""]


def test_the_next_requests_fail_and_then_no_more() -> None:
    plan = FaultPlan([FaultRule(fault="500", next=2)], seed=1)

    assert chosen(plan, 4) == ["500", "500", "", ""]


def test_chance_is_the_same_for_a_seed() -> None:
    rules = [FaultRule(fault="500", rate=0.1)]
    first, second, other = (chosen(FaultPlan(rules, seed=seed), 1000) for seed in (1, 1, 2))

    assert first == second
    assert first != other
    assert 60 < first.count("500") < 140


def test_a_rule_may_concern_some_routes_only() -> None:
    plan = FaultPlan([FaultRule(fault="500", every=1, route="/issues")], seed=1)

    assert chosen(plan, 1, "/repos/{owner}/{repo}/issues") == ["500"]
    assert chosen(plan, 1, "/orgs/{login}") == [""]


def test_the_first_rule_that_fires_decides() -> None:
    plan = FaultPlan([FaultRule(fault="500", every=2), FaultRule(fault="reset", every=1)], seed=1)

    assert chosen(plan, 4) == ["reset", "500", "reset", "500"]


def test_rules_can_be_exchanged() -> None:
    plan = FaultPlan([FaultRule(fault="500", every=1)], seed=1)
    rule = FaultRule(fault="502", every=1)

    plan.replace([rule])

    assert plan.rules == (rule,)
    assert chosen(plan, 1) == ["502"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"fault": "flood"}, "there is no fault 'flood'; known: 429"),
        ({"fault": "500", "rate": 2}, "between 0 and 1"),
        ({"fault": "500", "every": -1}, "never below 0"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        FaultRule(**wrong)  # type: ignore[arg-type]  # the point of the test
