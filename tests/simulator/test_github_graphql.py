"""The GraphQL of the simulated GitHub: what it answers, what it counts, and how it says no."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx2 as httpx
import pytest

from simulator.common.settings import Budget
from simulator.config import quiet
from simulator.github.inside import Inside
from simulator.github.records import Repo
from simulator.github.world import GitHubWorld
from simulator.testing import Running, running

TOKEN = {"Authorization": "Bearer t"}


@pytest.fixture
def asking(simulator: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=simulator.url, headers={"User-Agent": "tests", **TOKEN}) as opened:
        yield opened


@pytest.fixture
def repo(github: GitHubWorld) -> Repo:
    return next(repo for repo in github.repos("aurora") if repo.pulls > 20)


def ask(client: httpx.Client, query: str, **variables: object) -> dict[str, Any]:
    answer = client.post("/github/graphql", json={"query": query, "variables": variables})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_pull_requests_come_with_their_reviews_page_by_page(
    asking: httpx.Client, github: GitHubWorld, repo: Repo
) -> None:
    query = """query($id: ID!, $after: String) { node(id: $id) { ... on Repository {
        pullRequests(first: 10, after: $after, orderBy: {field: CREATED_AT, direction: DESC}) {
          totalCount pageInfo { hasNextPage endCursor }
          nodes { number reviews(first: 100) { nodes { fullDatabaseId state author { __typename login } } } } } } } }"""
    met: list[Any] = []
    after = None
    while True:
        page = ask(asking, query, id=f"R_{repo.id}", after=after)["data"]["node"]["pullRequests"]
        met += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    inside = Inside(github, 1)
    pulls = sorted(github.pulls(repo), key=lambda pull: -pull.issue.number)
    assert [each["number"] for each in met] == [pull.issue.number for pull in pulls]
    expected = [[str(review.id) for review in inside.reviews(repo, pull)] for pull in pulls]
    assert [[review["fullDatabaseId"] for review in each["reviews"]["nodes"]] for each in met] == expected


def test_reviews_and_trees_are_the_same_by_rest(asking: httpx.Client, github: GitHubWorld, repo: Repo) -> None:
    pull = next(pull for pull in github.pulls(repo) if Inside(github, 1).reviews(repo, pull))
    reviews = asking.get(f"/github/repos/{repo.full_name}/pulls/{pull.issue.number}/reviews").json()
    tree = asking.get(f"/github/repos/{repo.full_name}/git/trees/HEAD", params={"recursive": 1}).json()

    query = '{ node(id: "%s") { ... on PullRequest { reviews(first: 99) { nodes { fullDatabaseId body } } } } }'
    nodes = ask(asking, query % f"PR_{pull.id}")["data"]["node"]["reviews"]["nodes"]
    tree_query = 'object(expression: "HEAD:") { ... on Tree { entries { path type } } }'
    files = f'{{ node(id: "%s") {{ ... on Repository {{ {tree_query} }} }} }}'
    root = ask(asking, files % f"R_{repo.id}")["data"]["node"]["object"]["entries"]

    assert [(str(each["id"]), each["body"]) for each in reviews] == [(n["fullDatabaseId"], n["body"]) for n in nodes]
    assert {each["path"] for each in root if each["type"] == "blob"} == {
        each["path"] for each in tree["tree"] if "/" not in each["path"]
    }


def test_what_is_not_there_is_told_beside_the_rest(asking: httpx.Client, repo: Repo) -> None:
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository { databaseId } } }"

    answer = ask(asking, query, ids=[f"R_{repo.id}", "R_1", "X"])

    assert answer["data"]["nodes"] == [{"databaseId": repo.id}, None, None]
    assert [(error["type"], error["path"]) for error in answer["errors"]] == [
        ("NOT_FOUND", ["nodes", 1]),
        ("NOT_FOUND", ["nodes", 2]),
    ]


def test_a_query_is_answered_by_its_aliases_and_left_out_where_it_says_so(asking: httpx.Client, repo: Repo) -> None:
    query = """query Q($owner: String!, $name: String!, $yes: Boolean = true) {
      it: repository(owner: $owner, name: $name) { ...Names id @skip(if: $yes) }  # a comment
    }
    fragment Names on Repository { kind: __typename full: nameWithOwner isFork @include(if: $yes) }"""
    owner, _, name = repo.full_name.partition("/")

    answer = ask(asking, query, owner=owner, name=name)

    assert answer == {"data": {"it": {"kind": "Repository", "full": repo.full_name, "isFork": repo.fork}}}


def test_points_are_counted_apart_from_requests(asking: httpx.Client, repo: Repo) -> None:
    query = """query($id: ID!) { rateLimit { cost remaining nodeCount } node(id: $id) { ... on Repository {
      pullRequests(first: 100) { nodes { number reviews(first: 50) { totalCount } } } } } }"""

    core = asking.get("/github/rate_limit").json()["resources"]
    answer = asking.post("/github/graphql", json={"query": query, "variables": {"id": f"R_{repo.id}"}})
    after = asking.get("/github/rate_limit").json()["resources"]

    told = answer.json()["data"]["rateLimit"]
    assert (told["cost"], told["nodeCount"]) == (1, 5100)
    assert answer.headers["x-ratelimit-resource"] == "graphql"
    assert int(answer.headers["x-ratelimit-remaining"]) == told["remaining"]
    assert after["core"]["remaining"] == core["core"]["remaining"]
    assert core["graphql"]["remaining"] - after["graphql"]["remaining"] == 1


def test_a_query_without_a_token_is_a_401(client: httpx.Client) -> None:
    answer = client.post("/github/graphql", json={"query": "{ rateLimit { cost } }"})

    assert answer.status_code == 401
    assert "authenticated" in answer.json()["message"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("{ nonsense }", "Field 'nonsense' doesn't exist on type 'Query'"),
        ("{ rateLimit { cost }", "Parse error"),
        ("", "A query attribute must be specified"),
        ("{ a(x: %) }", "Unexpected character"),
        ("{ ...A } fragment A on Query { ...A }", "cycle"),
        ("{ ...Missing }", "Fragment Missing was used, but not defined"),
    ],
)
def test_a_query_that_makes_no_sense_is_told_with_status_200(asking: httpx.Client, query: str, said: str) -> None:
    answer = ask(asking, query)

    assert said in answer["errors"][0]["message"]
    assert "data" not in answer


def test_a_body_that_is_no_query_is_a_400_and_a_get_a_404(asking: httpx.Client) -> None:
    assert asking.post("/github/graphql", content=b"[").status_code == 400
    assert asking.get("/github/graphql").status_code == 404


@pytest.mark.parametrize(
    ("inner", "kind"),
    [
        ("pullRequests(first: 100) { nodes { reviews(first: 6000) { nodes { state } } } }", "MAX_NODE_LIMIT_EXCEEDED"),
        ("pullRequests(first: 101) { totalCount }", "EXCESSIVE_PAGINATION"),
        ("pullRequests { totalCount }", "MISSING_PAGINATION_BOUNDARIES"),
        ('pullRequests(first: 1, after: "x") { totalCount }', "INVALID_CURSOR_ARGUMENTS"),
    ],
)
def test_a_page_must_be_bounded(asking: httpx.Client, repo: Repo, inner: str, kind: str) -> None:
    answer = ask(asking, f'{{ node(id: "R_{repo.id}") {{ ... on Repository {{ {inner} }} }} }}')

    assert answer["errors"][0]["type"] == kind


def test_spent_points_are_refused_with_status_200() -> None:
    config = quiet()
    api = config.api("github")
    tight = replace(api, limits=replace(api.limits, queries=Budget(2, 3600)))
    with running(config.with_api(tight)) as server, httpx.Client(base_url=server.url, headers=TOKEN) as client:
        answers = [ask(client, "{ rateLimit { remaining } }") for _ in range(3)]

    assert [each["data"]["rateLimit"]["remaining"] for each in answers[:2]] == [1, 0]
    assert answers[2]["errors"][0]["type"] == "RATE_LIMIT"
