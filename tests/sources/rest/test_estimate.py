"""What a configured API says of a run before it begins, held against what it then asks for."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import pytest

from engine.model.source import Request, Response
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests.sources import rest_styles
from tests.sources.driver import Driver, respond
from tests.sources.look_alike import Simulated
from tests.sources.planning import LATER, asked, naive, planned, probed, within
from tests.sources.rest_styles import EVENTS, STYLES, users

POSTS = {**rest_styles.POSTS, "paging": {"style": "none"}}
EVERY = {*STYLES, "found out"}
TOLD = {"links", "pages", "offsets", "all", "found out"}
"""Where the API says how long the list is."""


def _driver(**endpoints: Any) -> Driver:
    simulated = Simulated("rest")
    options = msgspec.convert({"base_url": simulated.base_url, "endpoints": endpoints}, RestOptions)
    return Driver(Rest(options), simulated)


def _users(style: str, **paging: Any) -> dict[str, Any]:
    return users(style, **paging) if style in STYLES else users("pages", configured=False)


def _answered(body: Any, headers: Mapping[str, str] | None = None, **paging: Any) -> Driver:
    """Play against an API whose every answer is the same."""
    endpoints = {"users": {"path": "/users", "key": ["id"], "paging": {"style": "page_number", **paging}}}
    options = msgspec.convert({"base_url": "https://api.example.com", "endpoints": endpoints}, RestOptions)
    given = respond(body)
    answer = Response(
        status=200, headers={**given.headers, **(headers or {})}, body=given.body, url=given.url, elapsed=given.elapsed
    )
    return Driver(Rest(options), lambda _: answer)


@pytest.mark.parametrize("style", sorted(EVERY))
def test_every_style_lies_between_its_ends(style: str) -> None:
    driver = _driver(users=_users(style), posts=POSTS)

    first = planned(driver)
    driver.run()
    sent = asked(driver, "core")
    again = planned(driver)
    driver.run(LATER)

    for estimates, made in ((first, sent), (again, asked(driver, "core"))):
        low, high = within(estimates, "core")
        assert low <= made
        assert high is None or made <= high
    assert within(again, "core")[0] == sent


@pytest.mark.parametrize("style", sorted(TOLD))
def test_a_list_that_tells_its_length_is_told_to_the_page(style: str) -> None:
    driver = _driver(users=_users(style))

    (users,) = planned(driver)
    driver.run()

    assert users.requests_low == asked(driver, "core")
    assert not users.naive_open


@pytest.mark.parametrize("style", sorted(EVERY - TOLD))
def test_a_list_that_does_not_tell_is_bounded_by_max_pages(style: str) -> None:
    (users,) = planned(_driver(users=_users(style)))

    assert (users.requests_high, users.naive_open) == (1000, True)
    assert "at most 1,000 pages (max_pages)" in users.why


def test_one_first_page_is_asked_for_where_nothing_is_known_and_none_where_rows_are() -> None:
    driver = _driver(users=_users("links"), posts=POSTS)
    assert probed(driver) == 1

    driver.run()

    assert probed(driver) == 0


def test_a_list_of_one_page_without_children_needs_no_probe() -> None:
    driver = _driver(users=_users("all"))

    assert probed(driver) == 0
    assert within(planned(driver), "core") == (1, 1)


def test_children_are_counted_by_the_rows_of_their_parent() -> None:
    driver = _driver(users=_users("links"), posts=POSTS)
    driver.run()

    users, posts = planned(driver)

    assert posts.requests_low == driver.count("users")
    assert posts.requests_high == driver.count("users") + 30
    assert posts.naive_requests == driver.count("users")
    assert users.naive_requests + posts.naive_requests == asked(driver, "core")


def test_what_changed_since_is_at_least_a_page_and_the_plain_client_reads_them_all() -> None:
    driver = _driver(events=EVENTS)
    driver.run()
    pages = asked(driver, "core")

    estimates = planned(driver)
    driver.run(LATER)

    assert within(estimates, "core") == (1, 1000)
    assert asked(driver, "core") == 1
    assert naive(estimates, "core") == pages > 1
    assert probed(driver) == 0
    assert within(planned(driver, full=True), "core")[0] == pages


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"data": [{"id": 1}, {"id": 2}], "total": 9}, {}),
        ({"data": [{"id": 1}, {"id": 2}], "meta": {"total": 9}}, {}),
        ([{"id": 1}, {"id": 2}], {"x-total": "9"}),
        ([{"id": 1}, {"id": 2}], {"x-total-count": "9"}),
        ([{"id": 1}, {"id": 2}], {"x-total-pages": "5"}),
        ([{"id": 1}, {"id": 2}], {"link": '<https://api.example.com/users?page=5>; rel="last"'}),
    ],
)
def test_a_total_in_a_usual_place_is_read(body: Any, headers: dict[str, str]) -> None:
    (users,) = planned(_answered(body, headers))

    assert users.requests_low == 5
    assert not users.naive_open


BASE: Final = "https://api.example.com"
ITEMS: Final = [{"id": number} for number in range(10)]


@pytest.mark.parametrize(
    ("paging", "answer", "headers", "pages"),
    [
        ({"start": 0, "last": "last"}, {"data": ITEMS, "last": 9}, {}, 10),
        ({"pages": "n.pages"}, {"data": ITEMS, "n": {"pages": 12}}, {}, 12),
        ({"pages_header": "X-Pages"}, ITEMS, {"x-pages": "7"}, 7),
        ({"total_header": "X-All"}, ITEMS, {"x-all": "130"}, 13),
        ({"total_header": "Content-Range"}, ITEMS, {"content-range": "items 0-9/130"}, 13),
        ({"total": "@odata.count"}, {"data": ITEMS, "@odata.count": 230}, {}, 23),
        ({"total": "'n.all'"}, {"data": ITEMS, "n.all": 230}, {}, 23),
        ({}, {"data": ITEMS, "totalElements": 230}, {}, 23),
        ({"style": "link_header"}, ITEMS, {"x-total-pages": "5", "link": f'<{BASE}/users?page=2>; rel="next"'}, 5),
        ({"style": "keyset", "item": "id", "param": "after"}, {"data": ITEMS, "total": 50}, {}, 5),
        ({"style": "cursor", "next": "c", "param": "c"}, {"data": ITEMS, "c": "x", "hits": {"total": 50}}, {}, None),
    ],
)
def test_a_plan_reads_a_length_where_the_walk_reads_it(
    paging: dict[str, Any], answer: Any, headers: dict[str, str], pages: int | None
) -> None:
    (users,) = planned(_answered(answer, headers, **paging))

    assert users.naive_open is (pages is None)
    assert users.requests_low == (pages or 2)


@pytest.mark.parametrize("total", [2, 0, -1, "many", True, None, 10**30])
def test_a_total_that_can_be_none_is_not_believed(total: Any) -> None:
    (users,) = planned(_answered({"data": [{"id": 1}, {"id": 2}], "total": total}))

    assert users.naive_open


def test_a_cut_list_says_where() -> None:
    driver = _driver(users=_users("offsets", max_pages=2))

    (estimate,) = planned(driver)
    driver.run()

    assert (estimate.requests_low, estimate.requests_high) == (2, 2)
    assert asked(driver, "core") == 2
    assert "cut after 2 pages (max_pages)" in estimate.why


def test_a_link_that_is_no_address_tells_nothing() -> None:
    (users,) = planned(_answered([{"id": 1}], {"link": '<http://[>; rel="last"'}))

    assert users.naive_open


def test_an_empty_list_has_no_children() -> None:
    endpoints = {"users": {"path": "/users", "key": ["id"]}, "posts": POSTS}
    options = msgspec.convert({"base_url": "https://api.example.com", "endpoints": endpoints}, RestOptions)

    def nothing(_: Request) -> Response:
        return respond([])

    assert within(planned(Driver(Rest(options), nothing)), "core") == (1, 1)
