"""Every shape of paging: configured by hand or found out, it brings the whole list, or says what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec
import pytest

from engine.model.source import Request, Response
from engine.model.walk import Completeness, WalkEnd
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests.sources.driver import Driver
from tests.sources.rest import paged_apis as apis
from tests.sources.rest.paged_apis import MANY, Handler, PagedApi, ids, walk

ALL: Final = [str(item["id"]) for item in MANY]
QUERY: Final = (
    "query($after: String) { items(first: 20, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A paged API, how it is configured by hand, and what must be said even for `auto`."""

    handler: Handler
    paging: Mapping[str, Any]
    items: str = "auto"
    post: Any = None
    auto: Completeness = Completeness.WHOLE
    by_hand: Completeness = Completeness.WHOLE
    endpoint: Mapping[str, Any] = field(default_factory=dict)


SHAPES: Final = {
    "pokeapi": Shape(handler=apis.pokeapi, paging={"style": "cursor", "next": "next"}),
    "confluence": Shape(handler=apis.confluence, paging={"style": "cursor", "next": "_links.next"}),
    "stripe": Shape(
        handler=apis.stripe,
        paging={"style": "keyset", "param": "starting_after", "item": "id", "more": "has_more"},
    ),
    "slack": Shape(
        handler=apis.slack, paging={"style": "cursor", "next": "response_metadata.next_cursor", "param": "cursor"}
    ),
    "wordpress link": Shape(handler=apis.wordpress, paging={"style": "link_header"}),
    "wordpress headers": Shape(
        handler=apis.wordpress_without_link, paging={"style": "page_number", "pages_header": "X-WP-TotalPages"}
    ),
    "wordpress silent": Shape(
        handler=apis.wordpress_without_headers,
        paging={"style": "page_number"},
        auto=Completeness.UNCONFIRMED,
        by_hand=Completeness.UNCONFIRMED,
    ),
    "elasticsearch": Shape(
        handler=apis.elasticsearch,
        paging={"style": "keyset", "item": "sort", "in_body": "search_after"},
        items="hits.hits",
        post={"size": 20, "sort": [{"id": "asc"}]},
        endpoint={"columns": {"id": "_id:integer"}},
        auto=Completeness.UNCONFIRMED,
        by_hand=Completeness.UNCONFIRMED,
    ),
    "graphql": Shape(
        handler=apis.graphql,
        paging={
            "style": "cursor",
            "next": "data.items.pageInfo.endCursor",
            "more": "data.items.pageInfo.hasNextPage",
            "in_body": "variables.after",
        },
        items="data.items.nodes",
        post={"query": QUERY, "variables": {"kept": 1}},
    ),
    "odata": Shape(handler=apis.odata, paging={"style": "cursor", "next": "@odata.nextLink"}, items="value"),
    "atlassian": Shape(
        handler=apis.atlassian,
        paging={"style": "offset", "param": "startAt", "size_param": "maxResults", "size": 20, "total": "total"},
    ),
    "atlassian above the cap": Shape(
        handler=apis.atlassian,
        paging={"style": "offset", "param": "startAt", "size_param": "maxResults", "size": 500, "end": "isLast"},
        endpoint={"params": {"maxResults": 500}},
    ),
    "json:api": Shape(
        handler=apis.json_api,
        paging={"style": "page_number", "param": "page[number]"},
        by_hand=Completeness.UNCONFIRMED,
    ),
    "spring": Shape(
        handler=apis.spring,
        paging={"style": "page_number", "start": 0, "pages": "page.totalPages"},
        items="_embedded.items",
    ),
    "spring flag": Shape(handler=apis.spring_flag, paging={"style": "page_number", "start": 0, "end": "last"}),
    "airtable": Shape(handler=apis.airtable, paging={"style": "cursor", "next": "offset", "param": "offset"}),
    "x-total-count": Shape(
        handler=apis.total_count, paging={"style": "page_number", "param": "_page", "total_header": "X-Total-Count"}
    ),
    "azure": Shape(
        handler=apis.azure,
        paging={"style": "cursor", "header": "x-ms-continuation", "in_header": "x-ms-continuation"},
        items="Documents",
    ),
    "notion": Shape(
        handler=apis.notion,
        paging={"style": "cursor", "next": "next_cursor", "in_body": "start_cursor"},
        post={"page_size": 20},
    ),
    "page numbers": Shape(handler=apis.page_numbers, paging={"style": "page_number", "last": "total_pages"}),
    "a capped page": Shape(
        handler=apis.silent_offsets,
        paging={"style": "offset", "size": 100},
        auto=Completeness.UNCONFIRMED,
        by_hand=Completeness.UNCONFIRMED,
        endpoint={"params": {"limit": 100}},
    ),
    "silent pages": Shape(
        handler=apis.silent_pages,
        paging={"style": "page_number", "size": 20},
        auto=Completeness.UNCONFIRMED,
        by_hand=Completeness.UNCONFIRMED,
    ),
}


def end_of(driver: Driver) -> WalkEnd:
    (end,) = [end for page in driver.pages for end in page.ends]
    return end


def harvest(shape: Shape, paging: Mapping[str, Any], items: Any = MANY) -> tuple[Driver, PagedApi]:
    api = PagedApi(shape.handler, items)
    endpoint = {"items": shape.items, **shape.endpoint, "paging": paging}
    return walk(api, endpoint, post=shape.post), api


@pytest.mark.parametrize("name", SHAPES)
def test_a_configured_list_is_read_to_its_end(name: str) -> None:
    shape = SHAPES[name]

    driver, _ = harvest(shape, shape.paging)

    assert ids(driver) == ALL
    assert end_of(driver).completeness is shape.by_hand, end_of(driver)
    assert driver.notes == []


@pytest.mark.parametrize("name", SHAPES)
def test_a_list_of_which_nothing_is_configured_is_read_to_its_end(name: str) -> None:
    shape = SHAPES[name]

    driver, _ = harvest(shape, {})

    assert ids(driver) == ALL
    assert end_of(driver).completeness is shape.auto, end_of(driver)
    assert driver.notes == []


@pytest.mark.parametrize("count", [0, 1, 19, 20, 40, 100])
@pytest.mark.parametrize("name", SHAPES)
def test_lists_of_every_length_are_read_to_their_end(name: str, count: int) -> None:
    shape, items = SHAPES[name], tuple({"id": number} for number in range(1, count + 1))

    for paging in (shape.paging, {}):
        driver, _ = harvest(shape, paging, items)

        assert ids(driver) == [str(item["id"]) for item in items], paging
        assert end_of(driver).completeness in {Completeness.WHOLE, Completeness.UNCONFIRMED}, end_of(driver)


# Shapes with something to lose.


def test_an_empty_page_with_a_cursor_that_is_an_object_goes_on() -> None:
    paging = {"style": "cursor", "next": "LastEvaluatedKey", "in_body": "ExclusiveStartKey"}

    for given in (paging, {}):
        driver = walk(PagedApi(apis.dynamodb), {"items": "Items", "paging": given}, post={"TableName": "items"})

        assert ids(driver) == [id for id in ALL if not 20 < int(id) <= 60]
        assert end_of(driver).completeness is Completeness.WHOLE
        assert driver.sent[1].json == {"TableName": "items", "ExclusiveStartKey": {"id": {"N": "20"}}}


@pytest.mark.parametrize(
    "paging",
    [
        {"style": "offset", "size": 20},
        {"style": "offset", "size": 100},
        {"style": "offset", "size": 20, "total": "total"},
        {"style": "offset", "size": 100, "total": "total"},
        {"style": "offset", "size": 20, "total": "total", "parallel": False},
        {},
    ],
)
def test_pages_with_items_that_may_not_be_seen_lose_no_other(paging: dict[str, Any]) -> None:
    driver = walk(PagedApi(apis.filtered_offsets), {"paging": paging})

    assert ids(driver) == [id for id in ALL if int(id) % 7 and not 40 < int(id) <= 60]
    assert end_of(driver).completeness is Completeness.WHOLE


NAMES: Final = tuple({"id": f"{'aB'[number % 2]}{number:02}"} for number in range(50))


def test_an_order_that_takes_upper_and_lower_case_for_the_same_loses_nothing() -> None:
    driver = walk(PagedApi(apis.by_name, NAMES), {"paging": {"style": "keyset", "param": "after", "item": "id"}})

    assert sorted(ids(driver)) == sorted(item["id"] for item in NAMES)


# What ends a walk, and what is said of it.


def replies(*bodies: Any, **headers: str) -> Handler:
    """Answer with one body after another, and with the last one for ever."""
    left = list(bodies)
    return lambda _asked, _items: (left.pop(0) if len(left) > 1 else left[0], headers)


def numbered(*counts: int) -> list[list[dict[str, int]]]:
    """Make pages of so many items each, all different."""
    return [[{"id": 100 * page + n} for n in range(count)] for page, count in enumerate(counts)]


CURSOR: Final = {"style": "cursor", "next": "next", "param": "c"}
WHOLE, UNCONFIRMED, BOUNDED, CUT = Completeness
ENDS: Final[Mapping[str, tuple[Mapping[str, Any], list[Any], Completeness, str]]] = {
    "no next cursor after one": (
        CURSOR, [{"data": [{"id": 1}], "next": "a"}, {"data": [{"id": 2}]}], WHOLE, "next names no next page",
    ),
    "a null cursor on the only page": (CURSOR, [{"data": [{"id": 1}], "next": None}], WHOLE, "next names no next page"),
    "no sign of a cursor": (CURSOR, [{"data": [{"id": 1}]}], UNCONFIRMED, "the only page"),
    "a sign that is not followed": (
        CURSOR, [{"data": [{"id": 1}], "next_cursor": "b"}], CUT, "next_cursor names a next page, which",
    ),
    "a flag": ({**CURSOR, "more": "more"}, [{"data": [{"id": 1}], "next": "a", "more": False}], WHOLE, "more says"),
    "a flag without a cursor": (
        {**CURSOR, "more": "more"}, [{"data": [{"id": 1}], "more": True}], CUT, "more says that there is more, but",
    ),
    "the same cursor": (
        CURSOR, [{"data": [{"id": 1}], "next": "a"}, {"data": [{"id": 2}], "next": "a"}], CUT, "the one just used",
    ),
    "a cursor that is no text": (CURSOR, [{"data": [{"id": 1}], "next": {"a": 1}}], CUT, "no cursor that can be sent"),
    "an empty page": ({"style": "page_number"}, [*numbered(3, 3, 0)], UNCONFIRMED, "an empty page"),
    "a short page": (
        {"style": "page_number", "size": 3, "short_page_ends": True}, [*numbered(3, 2)], UNCONFIRMED, "fewer than 3",
    ),
    "the same page again": (
        {"style": "page_number"}, [[{"id": 1}], [{"id": 1, "new": 2}]], CUT, "the page repeats the one before",
    ),
    "a parameter that nobody knows": (
        {"style": "page_number", "param": "pg"}, [[{"id": 1}], [{"id": 1}]], CUT,
        'the page repeats the one before: the API does not seem to know the parameter "pg"; check paging.param',
    ),
    "an offset that nobody knows": (
        {"style": "offset", "size": 1}, [[{"id": 1}], [{"id": 1}]], CUT, 'does not seem to know the parameter "offset"',
    ),
    "a repeated page behind others": (
        {"style": "page_number"}, [[{"id": 1}], [{"id": 2}], [{"id": 2}]], CUT, "the page repeats the one before",
    ),
    "pages in a circle": (
        {"style": "page_number"}, [[{"id": n % 3}] for n in range(9)], CUT, "the pages go in circles",
    ),
    "a written bound": ({"style": "page_number", "max_pages": 2}, [*numbered(3, 3, 3)], BOUNDED, "after 2 pages"),
    "one page by configuration": ({"style": "none"}, [[{"id": 1}]], WHOLE, "a list of one page"),
    "one page of more by configuration": (
        {"style": "none"}, [{"data": [{"id": 1}], "next": f"{apis.BASE}/items?c=1"}], BOUNDED, "reads one page",
    ),
    "the last page's number": (
        {"style": "page_number", "last": "last"}, [{"data": [{"id": 1}], "last": 1}], WHOLE, "page 1 of 1",
    ),
    "a total that is reached": (
        {"style": "offset", "size": 2, "total": "n"}, [{"data": [{"id": 1}, {"id": 2}], "n": 2}], WHOLE, "total of 2",
    ),
    "a total that is too high": (
        {"style": "page_number", "total": "n"},
        [{"data": [{"id": n} for n in range(page, page + 2)], "n": 5} for page in (0, 2)] + [{"data": [], "n": 5}],
        CUT, "tells 5 items, but the last page is empty",
    ),
    "a flag that never ends": (
        {"style": "page_number", "more": "more"}, [{"data": [{"id": 1}], "more": True}, {"data": [], "more": True}],
        CUT, "10 pages in a row are empty",
    ),
    "another host": (
        {"style": "cursor", "next": "next"}, [{"data": [{"id": 1}], "next": "https://evil.test/"}], CUT, "leaves",
    ),
    "no item to go on from": (
        {"style": "keyset", "param": "after", "item": "key"}, [[{"id": 1}]], CUT, "the last item has no key",
    ),
    "a cursor that no header may hold": (
        {"style": "cursor", "next": "next", "in_header": "X-After"}, [{"data": [{"id": 1}], "next": "a\r\nx: y"}],
        CUT, "no header may hold",
    ),
    "a cursor that is too long for a header": (
        {"style": "cursor", "next": "next", "in_header": "X-After"}, [{"data": [{"id": 1}], "next": "a" * 10_000}],
        CUT, "too long for a header: 10,000 characters",
    ),
    "numbers from 0 that are taken for numbers from 1": (
        {"style": "page_number", "pages": "pages"},
        [{"data": [{"id": 1}], "pages": 2}, {"data": [], "pages": 2}], UNCONFIRMED, "page 2 of 2 is empty",
    ),
    "a sign that auto cannot follow": (
        {}, [{"data": [{"id": 1}], "link": [{"relation": "next", "url": "x"}]}], CUT, "configure paging",
    ),
    "a sign that no way of asking leads on from": (
        {}, [{"data": [{"id": 1}], "has_more": True}], CUT, "has_more is true, but the API does not answer to any way",
    ),
    "a query without a variable": (
        {"style": "auto"},
        [{"data": {"items": {"nodes": [{"id": 1}], "pageInfo": {"hasNextPage": True, "endCursor": "x"}}}}],
        CUT, "no variable for `after`",
    ),
    "ten items and nothing else": ({}, [*numbered(10)], UNCONFIRMED, "10 items, a usual size of a page"),
    "seven items and nothing else": ({}, [*numbered(7)], UNCONFIRMED, "does not say that it is all"),
    "a total of one page": ({}, [{"data": [{"id": 1}, {"id": 2}], "total": 2}], WHOLE, "total is reached"),
    "one object": ({}, [{"id": 1, "next": f"{apis.BASE}/other", "pages": 300}], WHOLE, "one object"),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDS)
def test_every_walk_says_why_it_ended_and_whether_the_api_said_so(name: str) -> None:
    paging, bodies, completeness, reason = ENDS[name]
    endpoint = {"items": "data.items.nodes"} if "query" in name else {}

    driver = walk(PagedApi(replies(*bodies)), {"paging": paging, **endpoint})

    end = end_of(driver)
    assert end.completeness is completeness, end
    assert reason in end.reason
    assert (end.walk, end.part) == ("items /items", "items")
    assert bool(driver.notes) is (completeness in {CUT, BOUNDED})


@pytest.mark.parametrize("cursor", [2**63 - 1, 2**63, -(2**63) - 1, 2**64, 12345678901234567890123])
@pytest.mark.parametrize("place", ["param", "in_header", "in_body"])
@pytest.mark.parametrize("style", ["cursor", "keyset"])
def test_a_cursor_that_is_a_large_number_is_sent_with_all_of_its_digits(cursor: int, place: str, style: str) -> None:
    sent: list[Any] = []

    def answered(asked: apis.Asked, _items: Any) -> apis.Reply:
        sent.append(asked.params.get("c", asked.headers.get("c", (asked.json or {}).get("c"))))
        if len(sent) > 1:
            return {"data": [], "next": None}, {}
        return {"data": [{"id": cursor}], "next": cursor}, {}

    named = {"next": "next"} if style == "cursor" else {"item": "id"}
    driver = walk(PagedApi(answered), {"paging": {"style": style, **named, place: "c"}}, post={})

    assert [str(one) for one in sent[1:]] == [str(cursor)]
    assert all(not isinstance(request.page, float) for request in driver.sent)


@pytest.mark.parametrize("link", ["/items?q=a b&page={}", "?q=café&page={}", f"{apis.BASE}/items?q=x — ü&page={{}}"])
@pytest.mark.parametrize("style", ["link_header", "cursor", "auto"])
def test_a_link_with_a_space_or_a_letter_beyond_ascii_is_followed(link: str, style: str) -> None:
    def linked(asked: apis.Asked, items: Any) -> apis.Reply:
        found, page, pages = apis.cut(asked, items)
        onward = link.format(page + 1) if page < pages else ""
        header = {"link": f'<{onward}>; rel="next"'} if onward and style == "link_header" else {}
        return {"data": found, "next": onward if style != "link_header" else None}, header

    paging = {"style": style, **({"next": "next"} if style == "cursor" else {})}
    driver = walk(PagedApi(linked), {"paging": paging})

    assert ids(driver) == ALL
    assert end_of(driver).completeness is WHOLE
    assert all(request.url.isascii() and " " not in request.url for request in driver.sent)


@pytest.mark.parametrize(
    "link",
    [
        "https://api.example.com .evil.test/x", "https://api.example.com @evil.test/", "https://äpi.example.com/",
        "https://api.example.com\u00a0@evil.test/", "//evil.test/ü", "/items?page=2\x00", "/items?page=2\x7f",
    ],
)  # fmt: skip
def test_a_link_that_leaves_the_host_is_cut_whatever_its_letters_are(link: str) -> None:
    driver = walk(
        PagedApi(replies({"data": [{"id": 1}], "next": link})), {"paging": {"style": "cursor", "next": "next"}}
    )

    assert len(driver.sent) == 1
    assert end_of(driver).completeness is CUT


def test_a_default_bound_cuts() -> None:
    driver = walk(PagedApi(replies(*([{"id": n}] for n in range(1001)))), {"paging": {"style": "page_number"}})

    assert len(driver.sent) == 1000
    assert end_of(driver).completeness is CUT
    assert end_of(driver).place == "page 1,000"


def test_an_end_counts_what_arrived_and_what_the_api_told() -> None:
    driver = walk(
        PagedApi(apis.page_numbers), {"paging": {"style": "page_number", "last": "total_pages", "parallel": False}}
    )

    assert (end_of(driver).arrived, end_of(driver).total, end_of(driver).place) == (95, 95, "page 5")


@pytest.mark.parametrize("status", [400, 404, 416])
def test_a_refused_page_behind_an_exact_last_one_is_the_end_and_no_failure(status: int) -> None:
    def pages(asked: apis.Asked, items: Any) -> apis.Reply:
        found, page, last = apis.cut(asked, items)
        return (found, {}) if page <= last else ({}, {}, status)

    driver = walk(PagedApi(pages, MANY[:40]), {"paging": {"style": "page_number"}})

    assert (ids(driver), end_of(driver).completeness) == (ALL[:40], UNCONFIRMED)
    assert f"({status})" in end_of(driver).reason


def test_a_refused_page_that_the_api_told_of_is_a_failure() -> None:
    def pages(asked: apis.Asked, items: Any) -> apis.Reply:
        body, headers = apis.page_numbers(asked, items)[:2]
        return (body, headers) if asked.number("page", 1) < 3 else ({}, {}, 404)

    with pytest.raises(AssertionError, match="404 is not accepted"):
        walk(PagedApi(pages), {"paging": {"style": "page_number", "last": "total_pages"}})


def test_every_request_of_a_list_names_its_walk_and_part() -> None:
    below = {"path": "/items", "params": {"page": 5, "of": "{parent.id}"}, "parent": "items", "key": ["id"]}
    said = {"base_url": apis.BASE, "endpoints": {"items": {"path": "/items", "key": ["id"]}, "below": below}}
    driver = Driver(Rest(msgspec.convert(said, RestOptions)), PagedApi(apis.page_numbers, MANY[:30]))

    driver.run()

    assert {(request.walk, request.part) for request in driver.sent} == {
        ("items /items", "items"), *((f"below /items?of={id}", "below") for id in ALL[:30])
    }  # fmt: skip


@pytest.mark.parametrize(("count", "asked_again"), [(40, True), (37, False)])
def test_the_last_page_is_asked_for_again_where_only_its_link_may_have_changed(count: int, asked_again: bool) -> None:
    """An ETag stands for the body: a full page is unchanged when another one follows it."""
    stored = PagedApi(apis.wordpress, MANY[:count])
    grown = PagedApi(apis.wordpress, MANY[: count + 3])

    def unchanged(request: Request) -> Response:
        before, now = stored(request), grown(request)
        return replace(before, unchanged=True) if request.conditional and before.body == now.body else now

    driver = walk(unchanged, {"paging": {"style": "link_header"}})

    assert ids(driver) == ALL[: count + 3]
    assert end_of(driver).completeness is WHOLE
    assert any(request.key.endswith("again to 2") for request in driver.sent) is asked_again


@pytest.mark.parametrize("path", ["@odata.nextLink", "'@odata.nextLink'", '"@odata.nextLink"'])
def test_a_next_link_that_is_null_says_that_it_is_the_end_however_its_path_is_quoted(path: str) -> None:
    driver = walk(
        PagedApi(lambda _asked, items: ({"data": items, "@odata.nextLink": None}, {})),
        {"paging": {"style": "cursor", "next": path}},
    )

    assert end_of(driver).completeness is WHOLE


def test_a_link_below_a_quoted_name_may_be_a_text_or_an_object() -> None:
    def linked(asked: apis.Asked, items: Any) -> apis.Reply:
        found, page, pages = apis.cut(asked, items)
        target = f"/items?page={page + 1}"
        links = {} if page >= pages else {"a.next": target if page == 2 else {"href": target}}
        return {"data": found, "links": links}, {}

    driver = walk(PagedApi(linked), {"paging": {"style": "cursor", "next": "links.'a.next'.href"}})

    assert ids(driver) == ALL


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("'a.b'.c", {"q": [{"x": 1}], "a.b": {"c": "more"}}),
        ("q[0].x", {"q": [{"x": "more"}]}),
    ],
)
def test_a_cursor_goes_into_the_body_at_a_quoted_name_and_at_a_position(path: str, asked: Any) -> None:
    sent: list[Any] = []

    def answered(call: apis.Asked, _items: Any) -> apis.Reply:
        sent.append(call.json)
        return {"data": [{"id": len(sent)}], "next": "more" if len(sent) == 1 else None}, {}

    walk(
        PagedApi(answered),
        {"paging": {"style": "cursor", "next": "next", "in_body": path}},
        post={"q": [{"x": 1}]},
    )

    assert sent == [{"q": [{"x": 1}]}, asked]


@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        ({"paging": {"style": "cursor", "next": "n", "in_body": "q.*"}}, r'paging\.in_body: "q\.\*" is no place'),
        ({"paging": {"style": "cursor", "next": "n", "in_body": "q[3]"}}, r"no element \[3\] in an array of 1; name"),
        ({"paging": {"style": "cursor", "next": "n", "in_body": "$"}}, r"is the whole body; name one member"),
        ({"paging": {"style": "cursor", "next": "n", "more": "a.*"}}, r'more: "a\.\*" may be several values, and it'),
        ({"paging": {"style": "cursor", "next": "a.*", "param": "c"}}, r'next: "a\.\*" may be several values'),
        ({"paging": {"style": "page_number", "total": "a[*].n"}}, r'total: "a\[\*\]\.n" may be several values'),
        ({"since": {"item": "at", "in_body": "q.*"}}, r'since\.in_body: "q\.\*" is no place in the body'),
        ({"since": {"item": "a.*", "param": "c"}}, r'since\.item: "a\.\*" may be several values'),
    ],
)
def test_a_path_that_cannot_be_one_value_is_refused_with_the_way_out(endpoint: dict[str, Any], says: str) -> None:
    options = {"base_url": apis.BASE, "endpoints": {"items": {"path": "/items", "json": {"q": [1]}, **endpoint}}}

    with pytest.raises(msgspec.ValidationError, match=says):
        msgspec.convert(options, RestOptions)
