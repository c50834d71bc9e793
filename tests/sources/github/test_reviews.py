"""Reviews by GraphQL: what a page means, and what is made of errors that come with status 200."""

from typing import Any

import msgspec
import pytest

from engine.common.errors import BadBody
from engine.model.source import Memory, Page, Request
from sources.github.options import GitHubOptions
from sources.github.source import GitHub
from tests.sources.driver import STARTED, fixture, respond

MEMORY = Memory(started=STARTED)
OPTIONS = GitHubOptions(orgs=("harbour",), year=2024)


def _request(**more: Any) -> Request:
    context = {
        "kind": "reviews", "name": "harbour/crane", "started": "2025-03-01T12:00:00Z", "repo_id": 501, "node": "R_501",
        **more,
    }  # fmt: skip
    return Request(key="k", url="/graphql", method="POST", resource="graphql", context=context)


def _answer() -> Any:
    return msgspec.json.decode(fixture("github/reviews.json"))


def _pulls(answer: Any) -> Any:
    return answer["data"]["node"]["pulls"]


def _parse(answer: object, status: int = 200, *, options: GitHubOptions = OPTIONS, **context: Any) -> Page:
    return GitHub(options).parse(_request(**context), respond(answer, status), MEMORY)


def _rows(page: Page, table: str) -> list[dict[str, Any]]:
    return [dict(record.data) for record in page.records if record.table == table]


def test_the_reviews_of_the_years_pull_requests_land_and_the_first_older_one_ends_the_walk() -> None:
    page = _parse(_answer())

    assert [(row["id"], row["pull_number"], row["state"]) for row in _rows(page, "review")] == [
        (801, 7, "COMMENTED"),
        (802, 7, "CHANGES_REQUESTED"),
        (803, 7, "PENDING"),
    ]
    assert page.more == []
    assert len(page.cursors) == 1


def test_graphql_and_rest_make_the_same_rows() -> None:
    step = {"kind": "pull_reviews", "name": "harbour/crane", "started": "2025-03-01T12:00:00Z"}
    request = Request(key="k", url="/x", context={**step, "repo_id": 501, "number": 7})

    rest = GitHub(OPTIONS).parse(request, respond(fixture("github/pull_reviews.json")), MEMORY)

    assert _rows(rest, "review") == _rows(_parse(_answer()), "review")
    assert _rows(rest, "user") == _rows(_parse(_answer()), "user")
    assert _rows(rest, "user")[1] == {"id": 77, "login": "helper[bot]", "type": "Bot", "site_admin": 0}


def test_a_user_from_graphql_leaves_the_json_of_rest_in_place() -> None:
    page = _parse(_answer())

    assert {record.raw for record in page.records if record.table == "user"} == {b""}
    assert all(record.raw for record in page.records if record.table == "review")


def test_details_come_with_the_same_request_where_they_are_asked_for() -> None:
    page = _parse(_answer(), options=GitHubOptions(orgs=("harbour",), year=2024, pull_details=True))

    assert _rows(page, "pull")[0] == {
        "repo_id": 501, "number": 7, "additions": 12, "deletions": 3, "changed_files": 2, "commits": 4,
        "merged_by": "helper[bot]",
    }  # fmt: skip
    assert _rows(_parse(_answer()), "pull") == []


def test_a_next_page_is_asked_for_behind_the_cursor() -> None:
    answer = _answer()
    del _pulls(answer)["nodes"][3]
    _pulls(answer)["page"]["hasNextPage"] = True

    (request,) = _parse(answer).more

    assert request.json["variables"]["after"] == "Y3Vyc29yOjQ="
    assert request.json["variables"]["order"] == "CREATED_AT"
    assert (request.resource, request.cost, request.context["page"]) == ("graphql", 1.0, 2)


def test_a_later_walk_goes_by_update_and_ends_at_the_first_that_is_not_newer() -> None:
    page = _parse(_answer(), since="2024-11-01T00:00:00Z", newest="2024-11-01T00:00:00Z", before=40)

    assert {row["pull_number"] for row in _rows(page, "review")} == {7}
    assert page.more == []
    assert {saved.why: saved.requests for saved in page.avoided} == {"only what was updated since the last run": 39}


def test_what_does_not_fit_into_a_page_is_asked_for_together() -> None:
    answer = _answer()
    for nth in (1, 2):
        _pulls(answer)["nodes"][nth]["reviews"]["page"] = {"hasNextPage": True, "endCursor": f"more{nth}"}

    (request,) = _parse(answer).more

    assert request.json["variables"] == {"i0": "PR_7", "i1": "PR_5", "a0": "more1", "a1": "more2"}
    reviews = _pulls(answer)["nodes"][1]["reviews"]
    rest = {"data": {"p0": {"number": 7, "node": "PR_7", "reviews": reviews}, "p1": None}}
    page = GitHub(OPTIONS).parse(request, respond(rest), MEMORY)
    assert [row["id"] for row in _rows(page, "review")] == [801, 802, 803]
    assert page.more == []


def test_what_is_missing_is_gathered_over_the_pages_of_a_walk() -> None:
    answer = _answer()
    del _pulls(answer)["nodes"][3]
    _pulls(answer)["nodes"][1]["reviews"]["page"] = {"hasNextPage": True, "endCursor": "more"}
    _pulls(answer)["page"]["hasNextPage"] = True

    (request,) = _parse(answer, missing=[["PR_8", "a"]]).more

    assert request.context["missing"] == [["PR_8", "a"], ["PR_7", "more"]]


def test_more_of_what_is_missing_is_asked_for_again() -> None:
    asked = _request(kind="more_reviews", missing=[["PR_7", "a"]])
    reviews = {"total": 300, "page": {"hasNextPage": True, "endCursor": "b"}, "nodes": []}

    page = GitHub(OPTIONS).parse(
        asked, respond({"data": {"p0": {"number": 7, "node": "PR_7", "reviews": reviews}}}), MEMORY
    )

    assert [each.json["variables"] for each in page.more] == [{"i0": "PR_7", "a0": "b"}]


def test_partial_data_is_kept_the_error_told_and_the_walk_not_counted_as_whole() -> None:
    answer = _answer()
    _pulls(answer)["nodes"][2]["reviews"] = None
    answer["errors"] = [{"type": "SERVICE_UNAVAILABLE", "path": ["node"], "message": "Try again"}]

    page = _parse(answer)

    assert len(_rows(page, "review")) == 3
    assert page.cursors == {}
    assert page.note == "GraphQL says SERVICE_UNAVAILABLE: Try again"


def test_a_repository_that_is_gone_is_a_note() -> None:
    error = {
        "type": "NOT_FOUND",
        "path": ["node"],
        "message": "Could not resolve to a node with the global id of 'R_501'",
    }

    page = _parse({"data": {"node": None}, "errors": [error]})

    assert page.note.startswith("reviews of harbour/crane: GraphQL says NOT_FOUND: Could not resolve")
    assert (page.records, page.cursors) == ((), {})


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"<html>", 502),
        (b"", 504),
        (
            {"data": None, "errors": [{"message": "Sorry. This may be the result of a timeout, or …"}]},
            200,
        ),
        ({"data": {"node": None}, "errors": [{"type": "RESOURCE_LIMITS_EXCEEDED", "message": "Too much"}]}, 200),
    ],
)
def test_a_page_that_takes_too_long_is_asked_for_in_smaller_parts(answer: object, status: int) -> None:
    assert status == 200 or GitHub(OPTIONS).accepts(_request(), respond(answer, status))

    (request,) = _parse(answer, status, after="c").more

    assert (request.json["variables"]["first"], request.json["variables"]["after"]) == (50, "c")
    assert request.key != "reviews 501 c"


def test_the_smallest_page_that_takes_too_long_is_left_to_the_engine() -> None:
    assert not GitHub(OPTIONS).accepts(_request(size=25), respond(b"", 502))
    with pytest.raises(BadBody, match="Too much"):
        _parse({"data": None, "errors": [{"type": "TIMEOUT", "message": "Too much"}]}, size=25)


def test_pages_grow_again_after_a_smaller_one() -> None:
    answer = _answer()
    del _pulls(answer)["nodes"][3]
    _pulls(answer)["page"]["hasNextPage"] = True

    (request,) = _parse(answer, size=25).more

    assert request.json["variables"]["first"] == 50


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        ({"message": "This endpoint requires you to be authenticated."}, 401, "only with a token"),
        ({"message": "Not Found"}, 404, "no GraphQL"),
    ],
)
def test_without_a_token_or_without_graphql_the_way_out_is_told(body: object, status: int, why: str) -> None:
    assert GitHub(OPTIONS).accepts(_request(), respond(body, status))

    page = _parse(body, status)

    assert why in page.note
    assert "graphql = false" in page.note
    assert page.cursors == {}


def test_a_bad_token_stops_the_source() -> None:
    assert not GitHub(OPTIONS).accepts(_request(), respond({"message": "Bad credentials"}, 401))


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"data":null}', b'{"data":{"node":{"pulls":{}}}}', b'{"data":{"node":7}}',
     b'{"errors":[{"message":"Parse error"}]}', b'{"errors":7,"data":null}'],
)  # fmt: skip
def test_what_is_no_page_of_pull_requests_is_a_bad_body(body: bytes) -> None:
    with pytest.raises(BadBody):
        _parse(body)


@pytest.mark.parametrize("change", [{"nodes": []}, {"page": {"hasNextPage": True, "endCursor": None}}])
def test_a_page_that_leads_nowhere_ends_the_walk_with_a_note(change: dict[str, Any]) -> None:
    answer = _answer()
    del _pulls(answer)["nodes"][3]
    _pulls(answer)["page"]["hasNextPage"] = True
    _pulls(answer).update(change)

    page = _parse(answer)

    assert page.more == []
    assert page.cursors == {}
    assert "makes no progress" in page.note


def test_an_enterprise_host_has_graphql_beside_its_rest_address() -> None:
    options = GitHubOptions(base_url="https://ghe.example/api/v3", orgs=("harbour",), year=2024)
    answer = _answer()
    del _pulls(answer)["nodes"][3]
    _pulls(answer)["page"]["hasNextPage"] = True

    (request,) = _parse(answer, options=options).more

    assert request.url == "https://ghe.example/api/graphql"
