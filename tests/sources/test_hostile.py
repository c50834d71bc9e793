"""Whatever an API sends: rows that fit the database, or BadBody, and never another exception."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.common.errors import BadBody, SourceError
from engine.model.source import Memory, Page, Request
from sources.github.options import GitHubOptions
from sources.github.source import GitHub
from sources.pr0gramm.options import Pr0grammOptions
from sources.pr0gramm.source import Pr0gramm
from tests.fuzzing import examples
from tests.sources.driver import STARTED, fixture, respond

MEMORY = Memory(started=STARTED)
GITHUB = GitHub(GitHubOptions(orgs=("harbour",), year=2024))
PR0GRAMM = Pr0gramm(Pr0grammOptions())
STEP = {"name": "harbour/crane", "started": "2025-03-01T12:00:00Z", "repo_id": 501}
KINDS = ("org", "pulls", "issues", "issue_comments", "review_comments", "commits")

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
    | st.sampled_from(["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "harbour/..", "\x1b[2J"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "login", "repo", "date", "author", "committer", "tag"]), inner)
    ),
    max_leaves=6,
)


def _check(parse: Callable[[], Page], *, also: type[Exception] = BadBody) -> None:
    try:
        page = parse()
    except (BadBody, also):
        return
    for record in page.records:
        for value in record.data.values():
            assert value is None or isinstance(value, str | float | int)
            assert not isinstance(value, int) or -(2**63) <= value < 2**63
            str(value).encode("utf-8", errors="strict")
    msgspec.json.encode(page.more)
    assert all(isinstance(value, str) for value in page.cursors.values())


def _field(value: Any, path: list[str], hostile: Any) -> Any:
    """Put a hostile value somewhere into an object, as deep as the path leads through objects."""
    if not path or not isinstance(value, dict):
        return hostile
    name = path[0]
    return value | {name: _field(value.get(name), path[1:], hostile)}


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@examples(60)
def test_any_value_in_any_field_of_github_is_survived(kind: str, data: st.DataObject) -> None:
    name = "repos" if kind == "org" else kind
    rows = msgspec.json.decode(fixture(f"github/{name}.json"))
    paths = [[outer] for outer in rows[0]] + [
        [outer, inner] for outer, value in rows[0].items() if isinstance(value, dict) for inner in value
    ]
    hostile = _field(rows[0], data.draw(st.sampled_from(paths)), data.draw(JSON))
    request = Request(key="k", url="/x", context={**STEP, "kind": kind})

    _check(lambda: GITHUB.parse(request, respond([hostile, *rows[1:]]), MEMORY))


@pytest.mark.parametrize("kind", [*KINDS, "repo"])
@given(body=JSON.map(msgspec.json.encode) | st.binary(max_size=40))
@examples(40)
def test_any_body_of_github_is_survived(kind: str, body: bytes) -> None:
    request = Request(key="k", url="/x", context={**STEP, "kind": kind})

    _check(lambda: GITHUB.parse(request, respond(body), MEMORY))


@pytest.mark.parametrize(("name", "list_name"), [("items", "items"), ("info", "tags"), ("info", "comments")])
@given(data=st.data())
@examples(60)
def test_any_value_in_any_field_of_pr0gramm_is_survived(name: str, list_name: str, data: st.DataObject) -> None:
    answer = msgspec.json.decode(fixture(f"pr0gramm/{name}.json"))
    field = data.draw(st.sampled_from([*answer, *answer[list_name][0]]))
    hostile = data.draw(JSON)
    if field in answer:
        answer[field] = hostile
    else:
        answer[list_name][0][field] = hostile
    kind = {"kind": "list"} if name == "items" else {"kind": "info", "item": 99}

    _check(lambda: PR0GRAMM.parse(Request(key="k", url="/x", context=kind), respond(answer), MEMORY), also=SourceError)


@pytest.mark.parametrize(
    "context", [{"kind": "list"}, {"kind": "list", "older": 9, "first": True}, {"kind": "info", "item": 99}]
)
@given(body=JSON.map(msgspec.json.encode) | st.binary(max_size=40))
@examples(40)
def test_any_body_of_pr0gramm_is_survived(context: dict[str, Any], body: bytes) -> None:
    request = Request(key="k", url="/x", context=context)

    _check(lambda: PR0GRAMM.parse(request, respond(body), MEMORY), also=SourceError)


@given(ranges=st.lists(st.tuples(st.integers(-9, 99), st.integers(-9, 99))))
def test_any_coverage_is_survived(ranges: list[tuple[int, int]]) -> None:
    memory = Memory(started=STARTED, covered={Pr0grammOptions().stream(): ranges})

    assert all(each.key.startswith("list ") for each in PR0GRAMM.seed(memory))


QUERIES = ("reviews", "more_reviews", "hygiene")
TARGET = [501, "harbour/crane", "R_501", "mark"]


def _asked(kind: str) -> Request:
    """Return a request of GraphQL, or of what REST has in its place."""
    extra: dict[str, Any] = {"node": "R_501", "missing": [["PR_1", "c"]], "targets": [TARGET], "number": 7}
    resource = "graphql" if kind in QUERIES else "core"
    return Request(key="k", url="/graphql", resource=resource, context={**STEP, **extra, "kind": kind})


@pytest.mark.parametrize("kind", [*QUERIES, "tree", "pull_reviews", "pull_details", "gone"])
@given(body=JSON.map(msgspec.json.encode) | st.binary(max_size=40))
@examples(40)
def test_any_body_of_githubs_queries_and_single_objects_is_survived(kind: str, body: bytes) -> None:
    _check(lambda: GITHUB.parse(_asked(kind), respond(body), MEMORY))


@pytest.mark.parametrize("kind", ["reviews", "hygiene"])
@given(data=st.data())
@examples(80)
def test_any_value_anywhere_in_an_answer_of_graphql_is_survived(kind: str, data: st.DataObject) -> None:
    answer = msgspec.json.decode(fixture(f"github/{kind}.json"))
    place = data.draw(st.sampled_from(list(_places(answer))))

    _check(lambda: GITHUB.parse(_asked(kind), respond(_put(answer, place, data.draw(JSON))), MEMORY))


@given(errors=JSON)
@examples(40)
def test_any_errors_beside_the_data_are_survived_and_the_data_counts(errors: Any) -> None:
    answer = msgspec.json.decode(fixture("github/reviews.json"))

    page = GITHUB.parse(_asked("reviews"), respond(answer | {"errors": errors}), MEMORY)

    assert [record.table for record in page.records].count("review") > 0


def _places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where something stands in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*at, key)
        yield from _places(each, (*at, key))


def _put(value: Any, place: tuple[str | int, ...], hostile: Any) -> Any:
    if not place:
        return hostile
    first, rest = place[0], place[1:]
    if isinstance(value, dict):
        return {**value, first: _put(value[first], rest, hostile)}
    return [_put(each, rest, hostile) if number == first else each for number, each in enumerate(value)]
