"""Which files count as hygiene, and how they are found: by one query for many repositories, or by a tree each."""

from typing import Any

import msgspec
import pytest

from engine.common.errors import BadBody
from engine.model.source import Memory, Page, Request
from sources.github.hygiene import kind_of, requests
from sources.github.lists import Target, WalkStep
from sources.github.options import GitHubOptions
from sources.github.source import GitHub
from tests.sources.driver import STARTED, fixture, respond

MEMORY = Memory(started=STARTED)
OPTIONS = GitHubOptions(orgs=("harbour",), year=2024)
LISTING = WalkStep(kind="org", name="harbour", started="2025-03-01T12:00:00Z")


def _targets(*ids: int) -> list[Target]:
    return [Target(id=each, name=f"harbour/{each}", node=f"R_{each}", mark="m") for each in ids]


def _query(*ids: int) -> Request:
    (request,) = requests(_targets(*ids), LISTING, OPTIONS)
    return request


def _tree() -> Request:
    (request,) = requests(_targets(501), LISTING, GitHubOptions(orgs=("harbour",), graphql=False))
    return request


def _parse(request: Request, answer: object, status: int = 200) -> Page:
    return GitHub(OPTIONS).parse(request, respond(answer, status), MEMORY)


def _node(repo_id: int) -> Any:
    return {**msgspec.json.decode(fixture("github/hygiene.json"))["data"]["nodes"][0], "id": repo_id}


def _found(page: Page) -> list[tuple[object, ...]]:
    return [(record.data["repo_id"], record.data["path"], record.data["kind"]) for record in page.records]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("README.md", "readme"), ("docs/README", "readme"), (".github/Readme.rst", "readme"), ("src/README.md", None),
        ("LICENSE", "license"), ("LICENSE-MIT", "license"), ("COPYING.LESSER", "license"), ("licenses/MIT", None),
        ("CONTRIBUTING.md", "contributing"), ("docs/CODE_OF_CONDUCT.md", "code_of_conduct"),
        (".github/SECURITY.md", "security"), ("CODEOWNERS", "codeowners"), ("CODEOWNERS.md", None),
        (".github/workflows/a.yml", "workflow"), (".github/workflows/a/b.yml", None), (".travis.yml", "ci"),
        (".circleci/config.yml", "ci"), (".github/ISSUE_TEMPLATE/bug.yml", "issue_template"),
        ("ISSUE_TEMPLATE.md", "issue_template"), (".github/PULL_REQUEST_TEMPLATE.md", "pull_template"),
        (".github/dependabot.yml", "dependabot"), ("dependabot.yml", None), ("", None), ("../README.md", None),
    ],
)  # fmt: skip
def test_a_file_counts_where_github_looks_for_it(path: str, kind: str | None) -> None:
    assert kind_of(path) == kind


def test_many_repositories_are_one_query() -> None:
    found = requests(_targets(*range(1, 61)), LISTING, OPTIONS)

    assert [len(each.json["variables"]["ids"]) for each in found] == [25, 25, 10]
    assert {each.resource for each in found} == {"graphql"}


def test_without_graphql_each_repository_is_one_tree() -> None:
    request = _tree()

    assert (request.url, request.params, request.resource) == (
        "/repos/harbour/501/git/trees/HEAD",
        {"recursive": 1},
        "core",
    )


def test_files_land_with_the_day_of_the_run_and_every_repository_says_that_it_was_looked_at() -> None:
    page = _parse(_query(501), {"data": {"nodes": [_node(501)]}})

    assert _found(page) == [
        (501, "", "checked"),
        (501, "README.md", "readme"),
        (501, "LICENSE", "license"),
        (501, ".github/dependabot.yml", "dependabot"),
        (501, "docs/CONTRIBUTING.rst", "contributing"),
        (501, ".github/workflows/test.yml", "workflow"),
    ]
    assert {record.data["day"] for record in page.records} == {"2025-03-01"}
    assert dict(page.records[1].data)["size"] == 900


def test_a_tree_gives_the_same_rows_as_a_query() -> None:
    tree = _parse(_tree(), fixture("github/tree.json"))
    query = _parse(_query(501), {"data": {"nodes": [_node(501)]}})

    both = [
        record.data
        for record in query.records
        if record.data["path"] in {"", "README.md", ".github/workflows/test.yml"}
    ]
    assert [record.data for record in tree.records] == both
    assert tree.cursors == query.cursors


def test_a_repository_that_is_gone_costs_only_itself() -> None:
    error = {"type": "NOT_FOUND", "path": ["nodes", 1], "message": "Could not resolve"}

    page = _parse(_query(501, 502, 503), {"data": {"nodes": [_node(501), None, _node(503)]}, "errors": [error]})

    assert {row[0] for row in _found(page)} == {501, 503}
    assert len(page.cursors) == 2
    assert page.note.startswith("1 of 3 repositories are gone; GraphQL says NOT_FOUND")
    assert [saved.requests for saved in page.avoided] == [1]


def test_an_answer_with_an_error_of_another_kind_is_asked_for_again_by_the_next_run() -> None:
    page = _parse(_query(501), {"data": {"nodes": [_node(501)]}, "errors": [{"message": "half"}]})

    assert len(page.records) == 6
    assert page.cursors == {}


def test_an_empty_repository_was_looked_at() -> None:
    empty = dict.fromkeys(_node(1), None) | {"id": 501}

    assert _found(_parse(_query(501), {"data": {"nodes": [empty]}})) == [(501, "", "checked")]
    assert GitHub(OPTIONS).accepts(_tree(), respond({}, 409))
    page = _parse(_tree(), {"message": "Git Repository is empty."}, 409)
    assert _found(page) == [(501, "", "checked")]
    assert len(page.cursors) == 1


def test_a_tree_that_is_not_found_is_a_note() -> None:
    page = _parse(_tree(), {"message": "Not Found"}, 404)

    assert page.note == "tree of harbour/501: 404 Not Found"
    assert page.cursors == {}


def test_a_tree_too_large_for_one_answer_says_so() -> None:
    page = _parse(_tree(), {"tree": [], "truncated": True})

    assert "too large for one answer" in page.note


@pytest.mark.parametrize(("answer", "status"), [(b"", 502), ({"errors": [{"type": "TIMEOUT", "message": "?"}]}, 200)])
def test_a_query_that_takes_too_long_is_halved(answer: object, status: int) -> None:
    assert GitHub(OPTIONS).accepts(_query(1, 2, 3), respond(answer, 504))

    page = _parse(_query(1, 2, 3), answer, status)

    assert [each.json["variables"]["ids"] for each in page.more] == [["R_1", "R_2"], ["R_3"]]
    assert not GitHub(OPTIONS).accepts(_query(1), respond(answer, 504))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"data":{"nodes":7}}', b'{"data":{"nodes":[]}}', b'{"errors":[{}]}']
)
def test_what_is_no_answer_about_repositories_is_a_bad_body(body: bytes) -> None:
    with pytest.raises(BadBody):
        _parse(_query(501), body)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"tree":7}'])
def test_what_is_no_tree_is_a_bad_body(body: bytes) -> None:
    with pytest.raises(BadBody):
        _parse(_tree(), body)
