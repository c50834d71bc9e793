from datetime import timedelta
from typing import Any

import msgspec
import pytest

from engine.common.errors import BadBody, SourceError
from engine.model.source import Memory, Page, Request, Response
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests.sources.driver import STARTED, respond

MEMORY = Memory(started=STARTED)
BASE = "https://api.example.com/v1"


def make(endpoint: dict[str, Any] | None = None, **options: Any) -> Rest:
    endpoints = {"items": {"path": "/items", "key": ["id"], **(endpoint or {})}}
    return Rest(msgspec.convert({"base_url": BASE, "endpoints": endpoints, **options}, RestOptions), name="shop")


def first(source: Rest, memory: Memory = MEMORY) -> Request:
    return next(iter(source.seed(memory)))


def ask(source: Rest, body: object, request: Request | None = None, **respond_with: Any) -> Page:
    request = request or first(source)
    response = respond(body, url=f"{BASE}{request.url}", **respond_with)
    assert response.status < 300 or source.accepts(request, response)
    return source.parse(request, response, MEMORY)


def test_a_key_column_needs_no_mention_and_raw_holds_the_item() -> None:
    page = ask(make(), b'{"data": [{"id": 7, "deep": {"a": [1]}}]}')

    assert [(dict(record.data), record.raw) for record in page.records] == [
        ({"id": "7"}, b'{"id": 7, "deep": {"a": [1]}}')
    ]


def test_columns_take_paths_and_types_and_a_text_column_any_json() -> None:
    columns = {
        "id": "id:integer",
        "tag": "tags.0",
        "tags": "tags",
        "price": "price.eur:real",
        "gone": "a.b.c",
        "whole": "$",
    }

    page = ask(make({"columns": columns}), [{"id": 7, "tags": ["x", 1], "price": {"eur": 2}}])

    assert page.records[0].data == {
        "id": 7, "tag": "x", "tags": '["x",1]', "price": 2.0, "gone": None,
        "whole": '{"id":7,"tags":["x",1],"price":{"eur":2}}',
    }  # fmt: skip


def test_without_a_key_equal_items_are_one_row() -> None:
    page = ask(make({"key": [], "columns": {"name": "name"}}), [{"name": "a"}, {"name": "b"}, {"name": "a"}])

    assert sorted(record.data["name"] for record in page.records) == ["a", "b"]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ([{"id": 1}, {"id": 2}], 2),
        ({"results": [{"id": 1}], "others": [1, 2]}, 1),
        ({"ships": [{"id": 1}, {"id": 2}], "count": 2}, 2),
        ({"id": 1, "name": "one object"}, 1),
        ([], 0),
    ],
)
def test_items_are_found_where_they_usually_stand(body: object, found: int) -> None:
    assert len(ask(make(), body).records) == found


def test_one_item_without_its_key_costs_only_itself() -> None:
    page = ask(make(), [{"id": 1}, {"id": None}])

    assert len(page.records) == 1
    assert page.note == "1 items have no key and were left out"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"7", b'"x"', b'{"data": 7, "id": {}, "x": [', b'[{"name": 1}, {"name": 2}]']
)
def test_what_holds_no_items_is_a_bad_body(body: bytes) -> None:
    with pytest.raises(BadBody):
        ask(make(), body)


def test_a_missing_path_to_the_items_is_a_bad_body() -> None:
    with pytest.raises(BadBody, match=r"no items at data\.list"):
        ask(make({"items": "data.list"}), {"data": {}})


def test_an_error_inside_a_200_is_a_bad_body_with_its_words() -> None:
    with pytest.raises(BadBody, match="quota of the day"):
        ask(make({"error": "error.message"}), {"error": {"message": "quota of the day"}, "data": []})


def test_statuses_mean_what_the_configuration_says() -> None:
    source = make({"skip": [404], "stop": [403], "retry": [418]})

    assert ask(source, b"", status=404).note == "items /items: 404, nothing there"
    with pytest.raises(SourceError, match="shop: 403 at /items"):
        ask(source, b"", status=403)
    with pytest.raises(BadBody, match="status 418"):
        ask(source, b"", status=418)
    assert not source.accepts(first(source), respond(b"", 410))


@pytest.mark.parametrize("status", [404, 410, 451])
def test_a_list_without_a_parent_that_is_not_there_has_failed(status: int) -> None:
    source = make()

    assert not source.accepts(first(source), respond(b"", status))


@pytest.mark.parametrize("status", [404, 410, 451])
def test_below_a_parent_nothing_may_be_there_except_in_the_middle_of_a_list(status: int) -> None:
    source = _family(paging={"style": "keyset", "param": "after", "item": "id"})
    (child,) = ask(source, [{"id": 1}]).more

    (second,) = ask(source, [{"id": 2}], child).more

    assert ask(source, b"", child, status=status).note == f"posts /users/1/posts: {status}, nothing there"
    assert not source.accepts(second, respond(b"", status))


def test_a_status_that_is_written_down_is_skipped_on_every_page() -> None:
    source = make({"skip": [404], "paging": {"style": "page_number", "size": 1}})
    (second,) = ask(source, [{"id": 2}]).more

    assert ask(source, b"", second, status=404).note == "items /items: 404, nothing there"


def test_a_run_from_before_skip_had_this_default_is_resumed() -> None:
    assert make().scope() == make({"skip": [404, 410, 451]}).scope()


def test_parameters_of_the_api_and_the_list_are_sent() -> None:
    source = make({"params": {"lang": "en", "deep": True}}, params={"v": 2, "lang": "de"}, headers={"X-App": "a"})

    assert dict(first(source).params) == {"v": 2, "lang": "en", "deep": "true"}
    assert dict(source.headers) == {"accept": "application/json", "x-app": "a"}


def _family(**posts: Any) -> Rest:
    endpoints = {
        "users": {"path": "/users", "key": ["id"]},
        "posts": {"path": "/users/{parent.id}/posts", "parent": "users", "key": ["id"], **posts},
        "notes": {
            "path": "/posts/{parent.id}/notes",
            "parent": "posts",
            "columns": {"user": "parent.parent.name"},
            "params": {"lang": "{parent.parent.lang}"},
        },
    }
    return Rest(msgspec.convert({"base_url": BASE, "endpoints": endpoints}, RestOptions))


def test_a_value_from_an_item_stays_one_segment_of_a_path() -> None:
    page = ask(_family(), [{"id": "../a?b#c d", "lang": "x", "name": "n"}])

    assert page.more[0].url == "/users/..%2Fa%3Fb%23c%20d/posts"


@pytest.mark.parametrize("value", [None, "", ".", "..", [1], {"a": 1}, True])
def test_an_item_whose_value_names_nothing_is_not_asked_about(value: object) -> None:
    page = ask(_family(), [{"id": "1", "lang": "x"}, {"other": 1, "id": value, "lang": "x"}])

    assert [request.url for request in page.more] == ["/users/1/posts"]


def test_values_reach_lists_two_levels_down() -> None:
    source = _family()
    posts = ask(source, [{"id": 1, "name": "ada", "lang": "en"}]).more[0]

    notes = ask(source, [{"id": 5}], posts).more[0]
    page = ask(source, [{"text": "x"}], notes)

    assert (notes.url, dict(notes.params)) == ("/posts/5/notes", {"lang": "en"})
    assert page.records[0].data["user"] == "ada"
    assert [first(source).priority, posts.priority, notes.priority] == [0, -1, -2]


def _pages(paging: dict[str, Any], *bodies: object, link: str = "", cursor: str = "") -> tuple[Page, Request]:
    source = make({"paging": paging, "items": "auto"})
    request = first(source)
    for body in bodies[:-1]:
        request = ask(source, body, request, link=link).more[0]
    return ask(source, bodies[-1], request, link=link), request


def test_the_last_page_number_is_believed_before_a_flag() -> None:
    paging = {"style": "page_number", "last": "p.last", "more": "p.more"}

    page, _ = _pages(paging, {"data": [{"id": 1}], "p": {"last": 1, "more": True}})

    assert (page.more, page.note) == ([], "")


@pytest.mark.parametrize("start", [0, 1, 5])
def test_numbered_pages_begin_where_they_are_said_to(start: int) -> None:
    paging = {"style": "page_number", "start": start, "param": "p", "size": 1, "size_param": "n"}

    page, request = _pages(paging, [{"id": 1}], [{"id": 2}])

    assert dict(request.params) == {"p": start + 1, "n": 1}
    assert dict(page.more[0].params) == {"p": start + 2, "n": 1}


def test_an_empty_page_is_the_end_of_numbered_ones() -> None:
    page, _ = _pages({"style": "page_number"}, [{"id": 1}], [])

    assert (page.more, page.note) == ([], "")


@pytest.mark.parametrize("total", [4, "4"])
def test_offsets_end_at_the_total(total: object) -> None:
    paging = {"style": "offset", "size": 2, "total": "count"}

    page, request = _pages(
        paging, {"data": [{"id": 1}, {"id": 2}], "count": total}, {"data": [{"id": 3}, {"id": 4}], "count": total}
    )

    assert dict(request.params) == {"limit": 2, "offset": 2}
    assert page.more == []


@pytest.mark.parametrize("end", [None, False, "", [], {}])
def test_a_cursor_ends_where_there_is_none(end: object) -> None:
    page, _ = _pages({"style": "cursor_body", "next": "next", "param": "c"}, {"data": [{"id": 1}], "next": end})

    assert (page.more, page.note) == ([], "")


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("https://evil.test/items?c=2", "leaves"),
        ("//evil.test/x", "leaves"),
        ("http://[", "no address"),
        (f"{BASE}/items", "the one just read"),
    ],
)
def test_an_address_that_must_not_be_followed_ends_the_walk_with_a_note(target: str, why: str) -> None:
    page, _ = _pages({"style": "cursor_body", "next": "next"}, {"data": [{"id": 1}], "next": target})

    assert page.more == []
    assert why in page.note
    assert page.note.endswith("stopped at page 1")


@pytest.mark.parametrize("ids", [(3, 9), (9, 3), ("b", "A"), ("B", "a")])
def test_a_keyset_goes_on_in_any_order_of_its_ids(ids: tuple[int | str, int | str]) -> None:
    page, _ = _pages({"style": "keyset", "param": "after", "item": "id"}, [{"id": ids[0]}], [{"id": ids[1]}])

    assert dict(page.more[0].params) == {"after": ids[1]}


def test_a_keyset_that_brings_the_last_item_again_ends_with_a_note() -> None:
    paging = {"style": "keyset", "param": "after", "item": "id"}

    page, _ = _pages(paging, [{"id": 1}, {"id": 2}], [{"id": 2}])

    assert page.more == []
    assert "the next cursor is the one just used: 2" in page.note


def test_pages_that_go_in_circles_are_found_out_however_long_the_circle() -> None:
    source = make({"paging": {"style": "cursor_body", "next": "next", "param": "c"}})
    request, notes, seen = first(source), "", 0
    while not notes and seen < 100:
        page = ask(source, {"data": [{"id": seen}], "next": f"c{(seen + 1) % 7}"}, request)
        notes, seen = page.note, seen + 1
        request = page.more[0] if page.more else request

    assert "go in circles" in notes
    assert seen < 30


def test_an_empty_page_that_names_a_next_one_goes_on() -> None:
    page, _ = _pages({"style": "cursor_body", "next": "next", "param": "c"}, {"data": [], "next": "x"})

    assert dict(page.more[0].params) == {"c": "x"}


SINCE = {"param": "since", "item": "at", "look_back": 60}


def _since(source: Rest, cursors: dict[str, str], *, full: bool = False) -> Any:
    return first(source, Memory(started=STARTED, cursors=cursors, full=full)).params.get("since")


@pytest.mark.parametrize(
    ("shape", "value", "asked"),
    [
        ("iso", "2025-01-02T03:04:05Z", "2025-01-02T03:03:05Z"),
        ("iso", "2025-01-02T03:04:05.678+01:00", "2025-01-02T02:03:05Z"),
        ("date", "2025-01-02", "2025-01-01"),
        ("unix", 1_735_787_045, 1_735_786_985),
        ("unix_ms", 1_735_787_045_000, 1_735_786_985_000),
        ("number", 500, 440),
    ],
)
def test_a_later_run_asks_for_what_came_since_less_the_look_back(shape: str, value: object, asked: object) -> None:
    source = make({"since": {**SINCE, "format": shape}, "paging": {"style": "none"}})

    cursors = dict(ask(source, [{"id": 1, "at": value}, {"id": 2, "at": None}]).cursors)

    assert _since(source, {}) is None
    assert _since(source, cursors) == asked
    assert _since(source, cursors, full=True) is None


NEXT = {"style": "cursor", "next": "next", "param": "c"}


def _second_run(endpoint: dict[str, Any], at: Any = "2025-01-02T03:04:05Z") -> tuple[Request, Request, Request]:
    """Return the request of a first run, and those of the first and second page of the run after it."""
    source = make({"paging": NEXT, **endpoint})
    body = {"data": [{"id": 1, "at": at}]}
    memory = Memory(started=STARTED, cursors=dict(ask(source, body).cursors))
    later = first(source, memory)
    page = source.parse(later, respond({**body, "next": "x"}, url=f"{BASE}/items"), memory)
    return first(source), later, page.more[0]


def test_since_is_sent_in_a_header() -> None:
    before, *later = _second_run({"since": {"in_header": "X-Since", "item": "at", "look_back": 5}})

    assert dict(before.headers) == {}
    assert [dict(each.headers) for each in later] == [{"x-since": "2025-01-02T03:04:00Z"}] * 2
    assert [dict(each.params) for each in later] == [{}, {"c": "x"}]


def test_since_is_sent_in_the_body() -> None:
    json = {"query": "...", "variables": {"first": 50}}
    since = {"in_body": "variables.after", "item": "at", "format": "unix", "look_back": 0}

    before, *later = _second_run({"json": json, "since": since}, 1_735_787_045)

    asked = {"query": "...", "variables": {"first": 50, "after": 1_735_787_045}}
    assert (before.json, [each.json for each in later]) == (json, [asked] * 2)
    assert before.key == later[0].key != later[1].key


def test_since_is_a_field_of_the_form() -> None:
    since = {"in_body": "oldest", "item": "at", "format": "unix", "look_back": 0}

    before, *later = _second_run({"form": {"limit": 10}, "since": since}, 1_735_787_045)

    assert before.form == {"limit": 10}
    assert [each.form for each in later] == [{"limit": 10, "oldest": 1_735_787_045}] * 2


@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        ({"since": {"item": "at"}}, r"items\.since\.param: is missing; name the parameter that asks for changes"),
        ({"since": {"item": "at", "param": "a", "in_header": "b"}}, r"since\.in_header: since goes to one place"),
        ({"since": {"item": "at", "in_header": "Cookie"}}, r'since\.in_header: "Cookie" is no place for since'),
        ({"since": {"item": "at", "in_header": "a", "start": "a\nb"}}, r"since\.start: a header cannot hold 'a\\nb'"),
        ({"since": {"item": "at", "in_body": "a"}}, r"since\.in_body: the endpoint's requests have no body"),
        ({"since": {"item": "at", "in_body": "a"}, "json": [1]}, r"since\.in_body: the endpoint's requests have no"),
    ],
)
def test_a_since_without_one_place_in_the_request_is_refused(endpoint: dict[str, Any], says: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=says):
        make(endpoint)


def test_a_time_in_the_future_counts_as_the_start_of_the_run() -> None:
    source = make({"since": SINCE, "paging": {"style": "none"}})

    cursors = dict(ask(source, [{"id": 1, "at": "2999-01-01T00:00:00Z"}]).cursors)

    assert _since(source, cursors) == f"{STARTED - timedelta(seconds=60):%Y-%m-%dT%H:%M:%SZ}"


def test_only_the_true_end_of_a_list_is_remembered() -> None:
    source = make({"since": SINCE, "paging": {"style": "cursor_body", "next": "next", "param": "c"}})
    body = {"data": [{"id": 1, "at": "2025-01-01T00:00:00Z"}], "next": "x"}

    next_page = ask(source, body)
    stopped = ask(source, {"data": [], "next": "y"}, next_page.more[0])

    assert (next_page.cursors, stopped.cursors) == ({}, {})
    assert "since" not in next_page.more[0].params


def test_the_secret_is_taken_out_of_addresses_that_come_back() -> None:
    source = make({"paging": {"style": "link_header"}}, auth={"type": "query", "name": "api_key"})

    page = ask(source, [{"id": 1}], link=f'<{BASE}/items?api_key=hunter2&page=2>; rel="next"')

    assert page.more[0].url == f"{BASE}/items?page=2"
    assert b"hunter2" not in msgspec.json.encode(page.more)


def test_a_304_is_read_from_what_was_stored() -> None:
    source = make({"paging": {"style": "none"}})
    stored = Response(status=200, headers={}, body=b'[{"id":1}]', url=BASE, elapsed=0.1, unchanged=True)

    assert len(source.parse(first(source), stored, MEMORY).records) == 1
    assert first(source).conditional


@pytest.mark.parametrize("paging", [{}, {"style": "page_number", "header": "X-Next-Page"}])
def test_no_304_is_asked_for_where_a_header_decides_on_the_next_page(paging: dict[str, Any]) -> None:
    assert not first(make({"paging": paging})).conditional


def test_a_304_without_the_header_that_tells_the_length_goes_on_to_an_empty_page() -> None:
    source = make({"paging": {"style": "page_number", "size_param": "n", "size": 2, "total_header": "X-Total-Count"}})
    body = b'[{"id":1},{"id":2}]'
    stored = Response(status=200, headers={}, body=body, url=BASE, elapsed=0.1, unchanged=True)

    page = source.parse(first(source), stored, MEMORY)

    assert first(source).conditional
    assert [request.params["page"] for request in page.more] == [2]


def test_the_pace_is_no_part_of_the_scope_and_every_limit_is_kept() -> None:
    fast = make(requests_per_second=5, requests_per_hour=900, min_interval=0.5, concurrency=3)

    assert [(one.requests, one.per, one.concurrency) for one in fast.budgets] == [
        (5, 1.0, 3),
        (900, 3600.0, 3),
        (1, 0.5, 3),
    ]
    assert [(one.requests, one.concurrency) for one in make().budgets] == [(None, 4)]
    assert fast.scope() == make().scope()
    assert fast.scope() != make({"params": {"a": 1}}).scope()
