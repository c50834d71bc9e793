import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx2 as httpx
import pytest

from simulator.data.timeline import iso
from simulator.github.paging import Cut, cut, link
from simulator.github.records import Repo
from simulator.github.world import GitHubWorld
from simulator.testing import Running


def pages(client: httpx.Client, path: str) -> Iterator[httpx.Response]:
    address: str | None = f"/github{path}"
    while address:
        page = client.get(address)
        assert page.status_code == 200, page.text
        yield page
        address = page.links.get("next", {}).get("url")


def walk(client: httpx.Client, path: str) -> list[Any]:
    return [item for page in pages(client, path) for item in page.json()]


def relations(page: httpx.Response) -> dict[str, int]:
    return {str(name): int(re.findall(r"[?&]page=(\d+)", found["url"])[0]) for name, found in page.links.items()}


@pytest.fixture(scope="module")
def repo(github: GitHubWorld) -> Repo:
    return max(github.repos("aurora"), key=lambda found: found.numbers)


def test_links_are_those_of_github_on_the_first_a_middle_and_the_last_page() -> None:
    assert Cut(1, 10).relations(10) == {}
    assert Cut(1, 10).relations(0) == {}
    assert list(Cut(1, 10).relations(25).items()) == [("next", 2), ("last", 3)]
    assert list(Cut(2, 10).relations(25).items()) == [("prev", 1), ("next", 3), ("last", 3), ("first", 1)]
    assert list(Cut(3, 10).relations(25).items()) == [("prev", 2), ("first", 1)]
    assert list(Cut(9, 10).relations(25).items()) == [("prev", 3), ("first", 1)]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, (1, 30)),
        ({"per_page": "100", "page": "3"}, (3, 100)),
        ({"per_page": "101"}, (1, 100)),
        ({"per_page": "0", "page": "0"}, (1, 30)),
        ({"per_page": "-5", "page": "x"}, (1, 30)),
        ({"per_page": "\u0663", "page": "9" * 40}, (1, 30)),
    ],
)
def test_page_sizes_are_thirty_by_default_and_a_hundred_at_most(
    parameters: dict[str, str], expected: tuple[int, int]
) -> None:
    asked = cut(parameters)

    assert (asked.page, asked.size) == expected


def test_a_link_keeps_the_query_and_escapes_it() -> None:
    written = link("http://h/a", "since=2025-01-01T00:00:00%2B00:00&page=2&x=%3E", {"next": 3})

    assert written == '<http://h/a?since=2025-01-01T00%3A00%3A00%2B00%3A00&x=%3E&page=3>; rel="next"'


def test_an_endless_list_starts_over() -> None:
    assert Cut(4, 10, endless=True).of(range(25)) == range(10)
    assert Cut(4, 10, endless=True).relations(25) == {"next": 5}


def test_links_lead_to_the_numeric_path_of_the_same_server(
    client: httpx.Client, simulator: Running, repo: Repo
) -> None:
    page = client.get(f"/github/repos/{repo.full_name}/issues?state=all&per_page=7")

    assert page.links["next"]["url"] == (
        f"{simulator.url}/github/repositories/{repo.id}/issues?state=all&per_page=7&page=2"
    )
    assert relations(client.get(page.links["last"]["url"]))["first"] == 1


def test_organisations_and_people_page_by_number_too(client: httpx.Client, github: GitHubWorld) -> None:
    org = client.get("/github/orgs/aurora/repos?per_page=5")
    person = client.get("/github/users/bjarne-1/repos?per_page=1")

    assert f"/organizations/{github.orgs()[0].id}/repos?" in org.links["next"]["url"]
    assert f"/user/{github.accounts.person(1).id}/repos?" in person.links["next"]["url"]
    for page in (org, person):
        assert client.get(page.links["next"]["url"]).status_code == 200


def test_an_answer_on_one_page_has_no_link(client: httpx.Client) -> None:
    assert "link" not in client.get("/github/orgs/aurora/repos?per_page=100").headers


def test_a_page_behind_the_last_is_empty(client: httpx.Client, repo: Repo) -> None:
    page = client.get(f"/github/repos/{repo.full_name}/commits?page=999")

    assert page.json() == []
    assert set(relations(page)) == {"prev", "first"}


Truth = Callable[[GitHubWorld, Repo], list[int | str]]
LISTS: list[tuple[str, str, Truth]] = [
    ("pulls?state=all", "id", lambda world, repo: [pull.id for pull in world.pulls(repo)]),
    ("issues?state=all", "id", lambda world, repo: [issue.id for issue in world.issues(repo)]),
    ("issues/comments", "id", lambda world, repo: [comment.id for comment in world.comments(repo)]),
    ("pulls/comments", "id", lambda world, repo: [comment.id for comment in world.review_comments(repo)]),
]


@pytest.mark.parametrize(("path", "key", "truth"), LISTS, ids=[path for path, _, _ in LISTS])
def test_walking_a_list_gives_the_ground_truth(
    client: httpx.Client, github: GitHubWorld, path: str, key: str, truth: Truth
) -> None:
    for found in github.repos("basalt"):
        if found.has_issues:
            items = walk(client, f"/repos/{found.full_name}/{path}")

            assert sorted(item[key] for item in items) == sorted(truth(github, found))


def test_commits_come_newest_first(client: httpx.Client, github: GitHubWorld, repo: Repo) -> None:
    items = walk(client, f"/repos/{repo.full_name}/commits?per_page=33")

    assert [item["sha"] for item in items] == [commit.sha for commit in reversed(github.commits(repo))]


@pytest.mark.parametrize("state", ["open", "closed", ""])
@pytest.mark.parametrize("what", ["issues", "pulls"])
def test_state_is_open_unless_said_otherwise(
    client: httpx.Client, github: GitHubWorld, repo: Repo, what: str, state: str
) -> None:
    items = walk(client, f"/repos/{repo.full_name}/{what}?state={state}")

    wanted = [issue.number for issue in github.issues(repo) if issue.open == (state != "closed")]
    expected = [number for number in wanted if what == "issues" or github.is_pull(repo, number)]
    assert {item["state"] for item in items} == {state or "open"}
    assert [item["number"] for item in items] == expected[::-1]


@pytest.mark.parametrize(
    ("path", "key", "descending"),
    [
        ("issues?state=all", "created_at", True),
        ("issues?state=all&direction=asc", "created_at", False),
        ("issues?state=all&sort=updated", "updated_at", True),
        ("issues?state=all&sort=comments&direction=asc", "comments", False),
        ("pulls?state=all", "created_at", True),
        ("pulls?state=all&sort=created", "created_at", True),
        ("pulls?state=all&sort=updated", "updated_at", False),
        ("pulls?state=all&sort=updated&direction=desc", "updated_at", True),
        ("pulls?state=all&sort=long-running", "created_at", False),
        ("issues/comments", "id", False),
        ("issues/comments?direction=desc", "id", False),
        ("issues/comments?sort=created&direction=desc", "created_at", True),
        ("issues/comments?sort=updated&direction=asc", "updated_at", False),
        ("pulls/comments?sort=created_at&direction=asc", "created_at", False),
        ("pulls/comments?sort=updated&direction=desc", "updated_at", True),
    ],
)
def test_lists_are_sorted_as_asked(client: httpx.Client, repo: Repo, path: str, key: str, *, descending: bool) -> None:
    values = [item[key] for item in walk(client, f"/repos/{repo.full_name}/{path}")]

    assert len(set(values)) > 3
    assert values == sorted(values, reverse=descending)


def test_pull_requests_by_popularity_have_the_fewest_comments_first(
    client: httpx.Client, github: GitHubWorld, repo: Repo
) -> None:
    items = walk(client, f"/repos/{repo.full_name}/pulls?state=all&sort=popularity")

    counts = [github.comment_counts(repo)[item["number"]] for item in items]
    assert counts == sorted(counts)


def test_since_on_issues_and_comments_is_on_the_time_of_update(
    client: httpx.Client, github: GitHubWorld, repo: Repo
) -> None:
    since = iso(github.timeline.year_begins)
    early = [issue for issue in github.issues(repo) if issue.created_at < github.timeline.year_begins]

    issues = walk(client, f"/repos/{repo.full_name}/issues?state=all&since={since}")
    comments = walk(client, f"/repos/{repo.full_name}/issues/comments?since={since}")

    assert {item["number"] for item in issues} == {
        issue.number for issue in github.issues(repo) if iso(issue.updated_at) >= since
    }
    assert any(iso(issue.updated_at) >= since for issue in early)
    assert [item["id"] for item in comments] == [
        comment.id for comment in github.comments(repo) if iso(comment.updated_at) >= since
    ]
    assert 0 < len(comments) < repo.comments


def test_commits_lie_between_since_and_until_and_are_by_an_author(
    client: httpx.Client, github: GitHubWorld, repo: Repo
) -> None:
    since, until = "2025-01-01T00:00:00Z", "2025-12-31T23:59:59Z"
    author = next(commit.author.login for commit in github.commits(repo) if commit.author)

    inside = walk(client, f"/repos/{repo.full_name}/commits?since={since}&until={until}")
    theirs = walk(client, f"/repos/{repo.full_name}/commits?author={author}")

    dates = [item["commit"]["committer"]["date"] for item in inside]
    assert all(since <= date <= until for date in dates)
    assert 0.5 < len(dates) / repo.commits < 0.8
    assert {item["author"]["login"] for item in theirs} == {author}


@pytest.mark.parametrize(
    ("kind", "expected"), [("forks", {True}), ("sources", {False}), ("all", {True, False}), ("private", set())]
)
def test_repositories_are_chosen_by_type(client: httpx.Client, kind: str, expected: set[bool]) -> None:
    found = walk(client, f"/orgs/aurora/repos?type={kind}")

    assert {item["fork"] for item in found} == expected


@pytest.mark.parametrize(
    ("query", "key", "descending"),
    [
        ("", "created_at", True),
        ("sort=created&direction=asc", "created_at", False),
        ("sort=full_name", "full_name", False),
        ("sort=updated", "updated_at", True),
    ],
)
def test_repositories_are_sorted_as_asked(client: httpx.Client, query: str, key: str, *, descending: bool) -> None:
    values = [item[key] for item in walk(client, f"/orgs/aurora/repos?{query}")]

    assert values == sorted(values, reverse=descending)


def test_a_person_s_repositories_are_sorted_by_name(client: httpx.Client) -> None:
    names = [item["full_name"] for item in walk(client, "/users/aurora/repos?sort=")]

    assert names == sorted(names)
