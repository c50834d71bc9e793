from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from simulator.common.settings import Budget, Capacity, FaultRule, Limits
from simulator.config import demo
from simulator.serving.service import Service
from tests.simulator.fakes import FakeClock, api_config, get, service

ORG = "/orgs/aurora"
PULLS = "/repos/{owner}/{repo}/pulls"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def github(clock: FakeClock) -> Callable[..., Service]:
    def make(limits: Limits | None = None, **settings: Any) -> Service:
        api = api_config("github")
        return service(replace(api, limits=limits or api.limits, **settings), clock)

    return make


def limited(requests: int, **others: Any) -> Limits:
    return Limits(budget=Budget(requests, 10), known="headers", unchanged_is_free="authorized", **others)


async def test_a_spent_budget_is_refused_until_the_second_that_was_announced(
    github: Callable[..., Service], clock: FakeClock
) -> None:
    api = github(limited(2))
    answers = [await get(api, ORG, token="t") for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 403]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
    assert b"API rate limit exceeded for user ID" in answers[2].content
    assert "retry-after" not in answers[2].headers

    reset = float(answers[2].headers["x-ratelimit-reset"])
    clock.now = reset - 0.01
    early = await get(api, ORG, token="t")
    clock.now = reset
    in_time = await get(api, ORG, token="t")

    assert (early.status, in_time.status) == (403, 200)
    assert api.snapshot()["violations"] == {"primary": 2}
    assert api.snapshot()["refused"] == {"primary": 2}


async def test_a_refusal_may_be_429_as_well(github: Callable[..., Service]) -> None:
    api = github(limited(1, status=429))
    await get(api, ORG)

    answer = await get(api, ORG)

    assert answer.status == 429
    assert b"Authenticated requests get a higher rate limit" in answer.content


async def test_an_unchanged_answer_has_no_body_no_link_and_costs_nothing(github: Callable[..., Service]) -> None:
    api = github(limited(10))
    path, query = "/orgs/aurora/repos", "per_page=5"
    full = await get(api, path, query=query, token="t")

    for known in (full.headers["etag"], "*", f'"other", {full.headers["etag"]}', full.headers["etag"][2:]):
        answer = await get(api, path, query=query, token="t", if_none_match=known)

        assert (answer.status, answer.content) == (304, b"")
        assert answer.headers["x-ratelimit-remaining"] == "9"
        assert answer.headers["etag"] == full.headers["etag"]
        assert not {"link", "content-length", "content-type"} & set(answer.headers)
    assert "link" in full.headers
    assert api.snapshot()["unchanged"] == 4
    assert api.snapshot()["statuses"] == {"200": 1, "304": 4}


async def test_an_unchanged_answer_costs_a_stranger_a_request(github: Callable[..., Service]) -> None:
    api = github(limited(10))
    etag = (await get(api, ORG)).headers["etag"]

    answer = await get(api, ORG, if_none_match=etag)

    assert (answer.status, answer.headers["x-ratelimit-remaining"]) == (304, "8")


async def test_an_etag_depends_on_the_address_and_on_the_token(github: Callable[..., Service]) -> None:
    api = github()
    etags = [
        (await get(api, ORG, query=query, token=token)).headers["etag"]
        for query, token in (("", "a"), ("", "a"), ("", "b"), ("x=1", "a"), ("", ""))
    ]

    assert etags[0] == etags[1]
    assert len(set(etags)) == 4


async def test_asking_how_much_is_left_is_free(github: Callable[..., Service], clock: FakeClock) -> None:
    api = github(limited(10))
    await get(api, ORG, token="t")

    answers = [await get(api, "/rate_limit", token="t") for _ in range(20)]

    assert {answer.status for answer in answers} == {200}
    assert b'"rate":{"limit":10,"used":1,"remaining":9' in answers[-1].content
    assert b'"search":' in answers[-1].content
    assert "etag" not in answers[-1].headers


async def test_points_are_counted_by_endpoint_and_told_with_retry_after(
    github: Callable[..., Service], clock: FakeClock
) -> None:
    api = github(Limits(points=Budget(2, 60), penalty=7))
    for _ in range(2):
        await get(api, ORG, token="t")

    exceeded = await get(api, "/orgs/basalt", token="t")
    clock.now += 3
    again = await get(api, "/users/ada-0", token="t")
    clock.now += 4
    after = await get(api, "/users/ada-0", token="t")

    assert (exceeded.status, exceeded.headers["retry-after"]) == (403, "7")
    assert b"You have exceeded a secondary rate limit." in exceeded.content
    assert (again.status, again.headers["retry-after"]) == (403, "4")
    assert after.status == 200
    assert api.snapshot()["violations"] == {"points": 1, "retry-after": 1}


async def test_pr0gramm_refuses_with_an_empty_object_and_no_hint(clock: FakeClock) -> None:
    config = api_config("pr0gramm")
    api = service(replace(config, limits=replace(config.limits, budget=Budget(2, 60, "sliding"))), clock)
    for _ in range(2):
        await get(api, "/api/items/get", query="flags=1")

    refused = await get(api, "/api/items/get", query="flags=1")
    clock.now += 60
    later = await get(api, "/api/items/get", query="flags=1")

    assert (refused.status, refused.content) == (429, b"{}")
    assert not [name for name in refused.headers if "ratelimit" in name or name == "retry-after"]
    assert later.status == 200
    assert api.snapshot()["violations"] == {"primary": 1}


async def test_pr0gramm_may_be_told_to_say_when_to_return(clock: FakeClock) -> None:
    config = api_config("pr0gramm")
    limits = replace(config.limits, budget=Budget(1, 60, "sliding"), retry_after=True)
    api = service(replace(config, limits=limits), clock)
    await get(api, "/api/items/get")

    assert (await get(api, "/api/items/get")).headers["retry-after"] == "60"


async def test_an_injected_429_is_no_violation_but_ignoring_it_is(
    github: Callable[..., Service], clock: FakeClock
) -> None:
    api = github(faults=(FaultRule(fault="429", next=1, wait=5),))

    refused = await get(api, ORG, token="t")
    before = api.snapshot()
    clock.now += 2
    early = await get(api, ORG, token="t")
    clock.now += 3
    await get(api, ORG, token="t")

    assert (refused.status, refused.headers["retry-after"]) == (429, "5")
    assert before["violations"] == {}
    assert before["faults"] == {"429": 1}
    assert early.status == 200
    assert api.snapshot()["violations"] == {"retry-after": 1}


async def test_a_bare_429_tells_nothing(github: Callable[..., Service]) -> None:
    api = github(faults=(FaultRule(fault="429-bare", next=1),))

    refused = await get(api, ORG)

    assert refused.status == 429
    assert not [name for name in refused.headers if "ratelimit" in name or name == "retry-after"]


async def test_a_503_with_retry_after_holds_for_its_address(github: Callable[..., Service], clock: FakeClock) -> None:
    api = github(faults=(FaultRule(fault="503-retry-after", next=1, wait=5),))

    failed = await get(api, ORG)
    clock.now += 1
    await get(api, "/orgs/basalt")
    elsewhere = api.snapshot()["violations"]
    await get(api, ORG)

    assert (failed.status, failed.headers["retry-after"]) == (503, "5")
    assert elsewhere == {}
    assert api.snapshot()["violations"] == {"retry-after": 1}


async def test_requests_are_counted_by_route_and_status(github: Callable[..., Service]) -> None:
    api = github()
    repos = ["/repos/aurora/nothing/pulls", "/repos/aurora/neither/pulls"]
    for path in [ORG, ORG, *repos, "/nothing"]:
        await get(api, path)

    stats = api.snapshot()

    assert stats["routes"] == {"/orgs/{login}": 2, PULLS: 2, "(none)": 1}
    assert stats["statuses"] == {"200": 2, "404": 3}
    assert stats["requests"] == 5
    assert stats["bytes"] > 500
    assert (stats["max_concurrency"], stats["in_flight"], stats["crashes"]) == (1, 0, 0)


async def test_a_reset_goes_back_to_the_start(github: Callable[..., Service]) -> None:
    api = github(limited(1))
    await get(api, ORG)
    api.faults.add([FaultRule(fault="500", every=1)])
    api.capacity = Capacity(workers=1)

    api.reset()

    assert api.snapshot()["requests"] == 0
    assert api.faults.rules == ()
    assert api.capacity == Capacity()
    assert (await get(api, ORG)).status == 200
    assert repr(api) == "<Service github: 1 requests, 0 in flight>"


async def test_rendered_pages_are_kept_within_a_bound(github: Callable[..., Service]) -> None:
    small, none = github(cache_bytes=20_000), github(cache_bytes=0)
    for api in (small, none):
        queries = [f"per_page=3&page={page}" for page in range(1, 6)]
        first = [(await get(api, "/orgs/aurora/repos", query=query)).content for query in queries]

        assert [(await get(api, "/orgs/aurora/repos", query=query)).content for query in queries] == first
        assert len(set(first)) == 5


async def test_a_handler_that_breaks_is_counted_and_not_hidden(
    github: Callable[..., Service], caplog: pytest.LogCaptureFixture
) -> None:
    api = github(faults=(FaultRule(fault="reset", every=1),))

    with pytest.raises(AttributeError):  # the fake wire has no connection to reset
        await get(api, ORG)

    assert api.snapshot()["crashes"] == 1
    assert "the simulator failed at /github/orgs/aurora" in caplog.text


async def test_the_demo_s_github_budget_bites_within_twenty_seconds(clock: FakeClock) -> None:
    api = service(replace(demo().api("github"), capacity=Capacity(), steps=(), faults=()), clock)

    statuses = [(await get(api, ORG, token="t")).status for _ in range(151)]

    assert statuses == [200] * 150 + [403]
