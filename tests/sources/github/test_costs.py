"""What GitHub says its queries took, and which of its limits a host has."""

import json

import pytest

from engine.model.source import Response
from sources.github.graphql import points
from sources.github.options import GitHubOptions
from sources.github.source import GitHub


def said(body: object) -> Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status=200, headers={}, body=raw, url="https://api.github.com/graphql", elapsed=0.1)


def test_a_query_says_what_it_took() -> None:
    assert points(said({"data": {"rateLimit": {"cost": 7, "remaining": 4000}, "node": None}})) == 7.0


@pytest.mark.parametrize(
    "body",
    [
        {"data": None, "errors": []},
        {"data": {"node": {}}},
        {"data": {"rateLimit": None}},
        {"data": {"rateLimit": {"cost": "many"}}},
        {"data": {"rateLimit": {"cost": -1}}},
        {"data": {"rateLimit": {"cost": 1e300}}},
        [],
        b"<html>",
    ],
)
def test_an_answer_that_does_not_say_or_says_nonsense_tells_no_cost(body: object) -> None:
    assert points(said(body)) is None


def test_only_github_itself_bounds_cpu_time() -> None:
    ours = {one.resource: one.cpu_seconds for one in GitHub(GitHubOptions()).budgets}
    theirs = GitHub(GitHubOptions(base_url="https://git.example.com/api/v3")).budgets

    assert ours == {"core": 90.0, "graphql": 60.0}
    assert {one.cpu_seconds for one in theirs} == {None}


def test_an_unchanged_list_is_free() -> None:
    core, by_query = GitHub(GitHubOptions()).budgets

    assert (core.unchanged_free, by_query.unchanged_free) == (True, False)
