"""What pr0gramm's answers become: items, tags, comments, the next page, or a reason to stop."""

from typing import Any

import msgspec
import pytest

from engine.common.errors import BadBody, SourceError
from engine.model.source import Covered, Memory, Page, Request, Response
from sources.pr0gramm.options import Pr0grammOptions
from sources.pr0gramm.source import Pr0gramm
from tests.sources.driver import STARTED, fixture, respond

MEMORY = Memory(started=STARTED)
SOURCE = Pr0gramm(Pr0grammOptions())
HEAD = Request(key="list newest", url="/items/get", context={"kind": "list"})
INFO = Request(key="info 99", url="/items/info", context={"kind": "info", "item": 99})


def _parse(request: Request, body: object, status: int = 200) -> Page:
    return SOURCE.parse(request, respond(body, status), MEMORY)


def _rows(page: Page, table: str) -> list[dict[str, Any]]:
    return [dict(record.data) for record in page.records if record.table == table]


def test_a_first_run_asks_for_the_newest_page_only() -> None:
    requests = list(SOURCE.seed(MEMORY))

    assert [(each.key, each.url, each.params) for each in requests] == [("list newest", "/items/get", {"flags": 1})]


def test_a_list_page_lands_items_and_asks_for_their_details_before_the_next_page() -> None:
    page = _parse(HEAD, fixture("pr0gramm/items.json"))

    assert [row["id"] for row in _rows(page, "item")] == [99, 97, 93]
    assert [(each.key, each.priority) for each in page.more] == [
        ("info 99", 0), ("info 97", 0), ("info 93", 0), ("list 93", 1),
    ]  # fmt: skip
    assert page.more[0].params == {"itemId": 99}
    assert page.more[3].params == {"flags": 1, "older": 93}


def test_items_are_read_leniently_and_kept_byte_for_byte() -> None:
    page = _parse(HEAD, fixture("pr0gramm/items.json"))

    whole, odd, bare = _rows(page, "item")
    assert whole == {
        "id": 99, "promoted": 0, "up": 12, "down": 3, "width": 800, "height": 600, "audio": 0, "flags": 1, "mark": 2,
        "deleted": 0, "gift": 0, "image": "2023/11/99.jpg", "thumb": "2023/11/99.jpg", "fullsize": "", "source": "",
        "user_id": 41, "user_name": "moewe", "created_at": "2023-11-14T22:14:59Z",
    }  # fmt: skip
    assert (odd["audio"], odd["deleted"], odd["up"]) == (1, 1, 7)
    assert (bare["width"], bare["audio"], bare["user_id"], bare["source"]) == (None, None, None, None)
    assert all(record.raw in fixture("pr0gramm/items.json") for record in page.records)


def test_details_can_be_left_out() -> None:
    source = Pr0gramm(Pr0grammOptions(details=False))

    page = source.parse(HEAD, respond(fixture("pr0gramm/items.json")), MEMORY)

    assert [each.key for each in page.more] == ["list 93"]


def test_details_become_tags_links_and_comments() -> None:
    page = _parse(INFO, fixture("pr0gramm/info.json"))

    assert _rows(page, "tag") == [{"id": 301, "tag": "möwe"}, {"id": 302, "tag": "hafen"}]
    assert _rows(page, "item_tag")[1] == {"item_id": 99, "tag_id": 302, "confidence": 0.2}
    first, second = _rows(page, "comment")
    assert first == {
        "id": 401, "item_id": 99, "parent_id": None, "up": 5, "down": 0, "mark": 3, "confidence": 0.8,
        "content": "erster\r\nsatz", "user_name": "kutter", "created_at": "2023-11-14T22:21:40Z",
    }  # fmt: skip
    assert second["parent_id"] == 400
    assert page.more == ()


def test_the_end_is_where_the_answer_says_so() -> None:
    page = _parse(HEAD, {"atEnd": True, "items": [{"id": 5}]})

    assert [each.key for each in page.more] == ["info 5"]
    assert page.covered == (Covered(Pr0grammOptions().stream(), 1, 5),)


def test_no_items_end_the_walk_though_at_end_is_false() -> None:
    page = _parse(HEAD, fixture("pr0gramm/empty.json"))

    assert (page.records, page.more, page.covered) == ([], [], ())
    assert page.note == "a page brings no items: the walk ends there"


@pytest.mark.parametrize("items", [[{"id": 50}], [{"id": 77}, {"id": 51}]])
def test_a_page_that_brings_nothing_lower_ends_the_walk(items: list[dict[str, int]]) -> None:
    request = Request(key="list 50", url="/items/get", context={"kind": "list", "older": 50})

    page = _parse(request, {"atEnd": False, "items": items})

    assert not any(each.key.startswith("list") for each in page.more)
    assert page.covered == ()
    assert "nothing below" in page.note


def test_a_pinned_item_does_not_lead_the_walk_astray() -> None:
    page = _parse(HEAD, {"atEnd": False, "items": [{"id": 7, "promoted": 1_000_000_001}, {"id": 90}, {"id": 80}]})

    assert page.more[-1].key == "list 80"
    assert len(_rows(page, "item")) == 3


def test_known_items_are_refreshed_but_their_details_spared() -> None:
    stored: dict[Any, Any] = {(97,): {"id": 97, "detailed_votes": 7}, (93,): {"id": 93, "detailed_votes": None}}
    memory = Memory(started=STARTED, rows=lambda _, keys: {key: stored[key] for key in keys if key in stored})

    page = SOURCE.parse(HEAD, respond(fixture("pr0gramm/items.json")), memory)

    assert [each.key for each in page.more] == ["info 99", "info 93", "list 93"]
    assert [saved.requests for saved in page.avoided] == [1]
    assert len(_rows(page, "item")) == 3


@pytest.mark.parametrize(
    ("preset", "places"), [("sequential", 1), ("conservative", 5), ("recommended", 10), ("aggressive", 20)]
)
def test_a_preset_is_a_number_of_requests_in_flight(preset: str, places: int) -> None:
    options = msgspec.convert({"preset": preset}, Pr0grammOptions)

    assert [budget.concurrency for budget in Pr0gramm(options).budgets] == [places]
    assert msgspec.convert({"preset": preset, "concurrency": 3}, Pr0grammOptions).places == 3


def test_a_delay_between_list_pages_gives_them_a_lane_and_a_share_of_the_limit() -> None:
    source = Pr0gramm(Pr0grammOptions(request_delay=4.0))

    core, lists = source.budgets
    (request,) = source.seed(MEMORY)
    assert (core.resource, core.requests, core.per) == ("core", 45, 60.0)
    assert (lists.resource, lists.requests, lists.per, lists.concurrency) == ("list", 1, 4.0, 1)
    assert request.resource == "list"


@pytest.mark.parametrize("delay", [0.01, 0.5, 1.0, 7.0, 59.0, 600.0])
@pytest.mark.parametrize("per_minute", [2, 3, 60, 600])
def test_both_lanes_together_keep_to_the_limit(delay: float, per_minute: int) -> None:
    options = Pr0grammOptions(request_delay=delay, requests_per_minute=per_minute)

    rates = [60 * (budget.requests or 0) / budget.per for budget in options.budgets()]

    assert sum(rates) <= per_minute + 1e-6
    assert min(rates) > 0
    assert options.budgets()[1].per >= delay


def test_without_details_a_delay_is_a_second_budget_of_the_only_lane() -> None:
    source = Pr0gramm(Pr0grammOptions(request_delay=4.0, details=False))

    assert [(each.resource, each.requests, each.per) for each in source.budgets] == [
        ("core", 60, 60.0),
        ("core", 1, 4.0),
    ]
    assert next(iter(source.seed(MEMORY))).resource == "core"


def test_an_item_that_is_gone_is_zero_rows_with_a_note() -> None:
    response = respond(b"<html>", 404)

    assert SOURCE.accepts(INFO, response)
    assert SOURCE.parse(INFO, response, MEMORY).note == "item 99 is gone"
    assert not SOURCE.accepts(HEAD, response)


def test_not_found_in_a_200_is_zero_rows_with_a_note() -> None:
    assert _parse(INFO, {"error": "notFound"}).note == "item 99 is not found"
    assert _parse(HEAD, {"error": "notFound", "items": None}).note == "no items are found"


@pytest.mark.parametrize("error", ["nsfwRequired", "nsflRequired", "polRequired", "sfwRequired"])
def test_flags_that_need_a_login_stop_the_source_with_the_way_out(error: str) -> None:
    with pytest.raises(SourceError, match=f"{error} for flags = 1: choose other flags.*FETCHDECK_PR0GRAMM_ME"):
        _parse(HEAD, {"error": error, "items": []})


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"tags":1}', b'{"error":"notPublic"}', b'{"error":{"a":1}}', b'{"tags":["\xff"]}'],
)
def test_what_is_no_details_is_a_bad_body(body: bytes) -> None:
    with pytest.raises(BadBody):
        _parse(INFO, body)


@pytest.mark.parametrize(
    "body", [b"[]", b'{"items":7}', b'{"items":[1,{"id":0}]}', b'{"error":"notPublic","items":[]}']
)
def test_what_is_no_list_is_a_bad_body(body: bytes) -> None:
    with pytest.raises(BadBody):
        _parse(HEAD, body)


def test_one_item_without_an_id_costs_only_itself() -> None:
    page = _parse(HEAD, {"atEnd": False, "items": [{"id": 9}, {"id": None}]})

    assert [row["id"] for row in _rows(page, "item")] == [9]
    assert page.note == "1 items have no id and were left out"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<HTML>Attention Required! | Cloudflare", "Cloudflare"),
        (b"<html>no", "blocks this address"),
        (b'{"error":"forbidden","code":403,"msg":"Not logged in"}', "not authorised"),
    ],
)
def test_a_refused_list_stops_the_source_and_says_what_it_means(body: bytes, why: str) -> None:
    response = respond(body, 403)

    assert SOURCE.accepts(HEAD, response)
    with pytest.raises(SourceError, match=why):
        SOURCE.parse(HEAD, response, MEMORY)


def test_a_refusal_of_one_item_fails_alone_unless_the_whole_address_is_blocked() -> None:
    assert not SOURCE.accepts(INFO, respond({"error": "forbidden"}, 403))
    assert SOURCE.accepts(INFO, respond(b"<html>", 403))


def test_a_403_that_names_a_wait_is_left_to_the_engine() -> None:
    response = Response(status=403, headers={"retry-after": "60"}, body=b"<html>", url="https://h/x", elapsed=0.1)

    assert not SOURCE.accepts(HEAD, response)


def test_a_request_of_another_source_is_refused() -> None:
    with pytest.raises(BadBody, match="context"):
        _parse(Request(key="k", url="/", context={"kind": 7}), {})


def test_the_pace_is_an_option_and_not_part_of_the_scope() -> None:
    source = Pr0gramm(msgspec.convert({"requests_per_minute": 600, "concurrency": 10}, Pr0grammOptions))

    budget = source.budgets[0]
    assert (budget.requests, budget.per, budget.concurrency) == (600, 60.0, 10)
    assert (SOURCE.budgets[0].requests, SOURCE.budgets[0].concurrency) == (60, 10)
    assert source.scope() == SOURCE.scope()


@pytest.mark.parametrize(
    "keys", [{"flags": 0}, {"flags": 32}, {"concurrency": 0}, {"base_url": "pr0gramm.com"}, {"x": 1}]
)
def test_a_wrong_key_or_value_is_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(keys, Pr0grammOptions)


def test_the_secret_travels_as_the_cookie_named_me() -> None:
    assert SOURCE.auth is not None
    assert (SOURCE.auth.env, SOURCE.auth.header, SOURCE.auth.prefix) == (("FETCHDECK_PR0GRAMM_ME",), "Cookie", "me=")
    assert not SOURCE.auth.required
