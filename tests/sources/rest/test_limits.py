"""Limits by path: lanes of a REST source that stand side by side."""

from typing import Any

import msgspec
import pytest

from engine.model.source import Memory, Request
from engine.pacing.cost_plan import costs
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests.sources.driver import STARTED, Driver, respond

MEMORY = Memory(started=STARTED)
EXPORTS = {"requests": 10, "per": 60, "concurrency": 1}
READS = {"requests": 2500, "per": 300}


def make(resources: dict[str, Any], *, cost: float = 1.0, **options: Any) -> Rest:
    endpoints = {
        "tickets": {"path": "/tickets", "key": ["id"], "resource": "reads"},
        "reports": {"path": "/tickets/{parent.id}/export", "parent": "tickets", "resource": "exports", "cost": cost},
        "teams": {"path": "/teams"},
    }
    base = {"base_url": "https://api.example.com", "endpoints": endpoints, "resources": resources}
    return Rest(msgspec.convert({**base, **options}, RestOptions), name="desk")


def lanes(source: Rest) -> list[tuple[str, int | None, float, int, str]]:
    return [(one.resource, one.requests, one.per, one.concurrency, one.shared) for one in source.budgets]


def test_ten_exports_a_minute_and_2500_reads_in_five_minutes_are_lanes_of_their_own() -> None:
    source = make({"exports": EXPORTS, "reads": READS}, requests_per_second=5)

    assert lanes(source) == [("core", 5, 1.0, 4, ""), ("exports", 10, 60.0, 1, ""), ("reads", 2500, 300.0, 4, "")]
    assert [request.resource for request in source.seed(MEMORY)] == ["reads", "core"]


def test_a_request_takes_what_its_endpoint_costs_from_its_own_lane() -> None:
    source = make({"exports": EXPORTS, "reads": READS}, cost=2.5)

    page = source.parse(next(iter(source.seed(MEMORY))), respond([{"id": 1}]), MEMORY)

    assert [(request.resource, request.cost) for request in page.more] == [("exports", 2.5)]


def test_a_refused_export_lets_the_reads_go_on() -> None:
    sites = {one.resource: one.site for one in make({"exports": EXPORTS, "reads": READS}).budgets}

    assert sites["core"] == ""
    assert len({sites["exports"], sites["reads"], ""}) == 3


def test_a_resource_within_the_total_draws_on_both_limits_and_rests_with_the_others() -> None:
    source = make({"exports": {**EXPORTS, "in_total": True}, "reads": READS}, requests_per_second=5)

    assert lanes(source) == [
        ("core", 5, 1.0, 4, "all"),
        ("exports", 10, 60.0, 1, ""),
        ("exports", 5, 1.0, 1, "all"),
        ("reads", 2500, 300.0, 4, ""),
    ]
    assert {one.site for one in source.budgets if one.resource == "exports"} == {""}


def test_a_source_whose_endpoints_all_name_a_resource_has_no_lane_beside() -> None:
    endpoints = {"items": {"path": "/items", "resource": "reads"}}
    base = {"base_url": "https://api.example.com", "endpoints": endpoints, "resources": {"reads": READS}}

    assert [one.resource for one in Rest(msgspec.convert(base, RestOptions)).budgets] == ["reads"]


@pytest.mark.parametrize(
    ("resources", "says"),
    [
        (
            {"reads": READS},
            r'reports\.resource: there is no resource "exports"; add a table resources\.exports, or use core or reads',
        ),
        (
            {"exports": EXPORTS, "reads": READS, "writes": {}},
            r'resources\.writes: no endpoint uses it; give one of them resource = "writes"',
        ),
        ({"exports": EXPORTS, "reads": READS, "core": READS}, r"resources\.core: the limits of core are those"),
        ({"exports": {"per": 0}, "reads": READS}, r"`\$\.resources\[\.\.\.\]\.per`"),
    ],
)
def test_a_resource_that_means_nothing_is_one_line(resources: dict[str, Any], says: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=says):
        make(resources)


def test_limits_are_no_part_of_the_scope() -> None:
    slow = make({"exports": EXPORTS, "reads": READS}, requests_per_second=1)
    fast = make({"exports": {"requests": 99}, "reads": READS}, cost=3)

    assert slow.scope() == fast.scope()


def test_the_plan_shows_each_lane_with_the_time_that_its_limits_take() -> None:
    source = make({"exports": EXPORTS, "reads": READS}, cost=2)
    rows = [{"id": number} for number in range(100)]

    def answer(request: Request) -> Any:
        return respond(rows if request.url in {"/tickets", "/teams"} else {"done": True})

    driver = Driver(source, answer)
    driver.run()
    memory = driver.remember(STARTED, full=False)
    known: dict[str, int] = {}
    for probe in source.probes(memory):
        known |= source.learn(probe, answer(probe))
    plan = {cost.resource: cost for cost in costs(source.estimate(memory, known), source.budgets, {})}

    assert set(plan) == {"reads", "exports", "core"}
    assert plan["exports"].requests_low == 100
    # 200 units at 10 a minute: ten at once, and the other 190 one by one
    assert plan["exports"].seconds_low == pytest.approx(19 * 60)
    assert plan["reads"].limits == ("2,500 per 300 s", "4 at once")
