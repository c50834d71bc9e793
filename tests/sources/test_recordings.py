"""The sources against answers the real APIs once gave. The recordings are not in the project; absent, these skip."""

from collections import Counter
from datetime import date
from typing import Any, TypedDict

import msgspec
import pytest

from engine.model.source import Memory, Page, Request, Response
from sources.github.options import GitHubOptions
from sources.github.source import GitHub
from sources.pr0gramm.options import Pr0grammOptions
from sources.pr0gramm.source import Pr0gramm
from tests.sources.driver import RECORDINGS, STARTED, respond

pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings beside this checkout")

MEMORY = Memory(started=STARTED)
GITHUB = GitHub(GitHubOptions(orgs=("github3py",), since=date(1970, 1, 1), forks=True, reviews=False, hygiene=False))
PR0GRAMM = Pr0gramm(Pr0grammOptions())
HEAD = Request(key="list newest", url="/items/get", context={"kind": "list"})


class Sent(TypedDict):
    method: str
    url: str


class Received(TypedDict):
    status: int
    headers: list[tuple[str, str]]
    body: str


class Exchange(TypedDict):
    request: Sent
    response: Received


def _github(name: str, index: int, kind: str, **context: Any) -> Page:
    exchange = msgspec.json.decode((RECORDINGS / "github" / f"{name}.json").read_bytes(), type=list[Exchange])[index]
    received, url = exchange["response"], exchange["request"]["url"]
    headers = {header.lower(): value for header, value in received["headers"]}
    response = Response(status=200, headers=headers, body=received["body"].encode(), url=url, elapsed=0.1)
    request = Request(
        key="k",
        url=url,
        context={"kind": kind, "name": "o/r", "started": "2025-03-01T12:00:00Z", "repo_id": 1, **context},
    )
    page = GITHUB.parse(request, response, MEMORY)
    assert all(record.raw in response.body for record in page.records)
    return page


def _body(name: str) -> bytes:
    return (RECORDINGS / "pr0gramm" / name).read_bytes()


def _rows(page: Page, table: str) -> list[dict[str, Any]]:
    return [dict(record.data) for record in page.records if record.table == table]


def test_an_organisation_has_eight_repositories() -> None:
    page = _github("Organization_repositories", 1, "org", repo_id=0)

    first = _rows(page, "repo")[0]
    assert len(_rows(page, "repo")) == 8
    assert (first["id"], first["full_name"], first["fork"]) == (4464822, "github3py/github3.py", 1)
    assert _rows(page, "user") == [{"id": 1782156, "login": "github3py", "type": "Organization", "site_admin": 0}]
    assert page.note == ""


@pytest.mark.parametrize(
    ("name", "index", "full_name"),
    [
        ("Repository_commits", 0, "sigmavirus24/github3.py"),
        ("Repository_issues_state_all", 1, "betamaxpy/betamax"),
        ("Repository_tree_recursive", 0, "sigmavirus24/github3.py"),
    ],
)
def test_a_single_repository_starts_its_collectors(name: str, index: int, full_name: str) -> None:
    page = _github(name, index, "repo", repo_id=0)

    assert [row["full_name"] for row in _rows(page, "repo")] == [full_name]
    assert len(page.more) == 5
    assert all(each.url.startswith(f"/repos/{full_name}/") for each in page.more)


def test_commits_may_lack_an_account_and_have_a_next_page() -> None:
    page = _github("Repository_commits", 1, "commits")

    rows = _rows(page, "git_commit")
    assert len(rows) == 25
    assert rows[0] == {
        "repo_id": 1, "author_id": 523287, "committer_id": 19864447, "parents": 2, "verified": 1,
        "sha": "977560f205a84449522988b52e196f4bf502f79a", "author_login": "omgjlk", "author_name": "Jesse Keating",
        "message": "Merge pull request #759 from sigmavirus24/add-py36\n\nUpdate .travis.yml configuration",
        "author_email": "jkeating@j2solutions.net", "authored_at": "2017-12-29T02:41:15Z",
        "committer_login": "web-flow", "committer_name": "GitHub", "committer_email": "noreply@github.com",
        "committed_at": "2017-12-29T02:41:15Z",
    }  # fmt: skip
    assert [each.url for each in page.more] == [
        "https://api.github.com/repositories/3710711/commits?per_page=25&page=2"
    ]


def test_both_pages_of_an_issue_list_land_without_its_pull_requests() -> None:
    pages = [_github("Repository_issues_state_all", index, "issues", page=index - 1) for index in (2, 3)]

    assert [len(_rows(page, "issue")) for page in pages] == [49, 34]
    assert [each.url for each in pages[0].more] == [
        "https://api.github.com/repositories/11439734/issues?state=all&per_page=100&page=2"
    ]
    assert pages[1].more == ()
    assert [len(page.cursors) for page in pages] == [0, 1]


def test_issue_comments_know_their_issue() -> None:
    rows = _rows(_github("Issue_comments", 1, "issue_comments"), "issue_comment")

    assert [row["issue_number"] for row in rows] == [187, 187, 187]
    assert (rows[0]["id"], rows[0]["user_login"], rows[0]["on_pull"]) == (31799031, "esacteksab", 0)


def test_review_comments_of_old_have_no_review_and_no_line() -> None:
    row = _rows(_github("PullRequest_review_comments", 1, "review_comments"), "review_comment")[0]

    assert (row["id"], row["pull_number"], row["review_id"], row["line"]) == (12246783, 235, None, None)


@pytest.mark.parametrize(
    ("name", "number", "head_repo"),
    [("PullRequest_review_comments", 235, None), ("PullRequest_pull_reviews", 671, 80052330)],
)
def test_a_pull_may_have_lost_its_head_repository(name: str, number: int, head_repo: int | None) -> None:
    exchange = msgspec.json.decode((RECORDINGS / "github" / f"{name}.json").read_bytes(), type=list[Exchange])[0]
    request = Request(
        key="k", url="/x", context={"kind": "pulls", "name": "o/r", "started": "2025-03-01T12:00:00Z", "repo_id": 1}
    )

    page = GITHUB.parse(request, respond(f"[{exchange['response']['body']}]".encode()), MEMORY)

    assert [(row["number"], row["state"], row["base_ref"], row["head_repo_id"]) for row in _rows(page, "pull")] == [
        (number, "closed", "develop", head_repo)
    ]


def test_reviews_of_a_pull_request_are_read() -> None:
    rows = _rows(_github("PullRequest_pull_reviews", 1, "pull_reviews", number=671), "review")

    first = {**rows[0], "body": ""}
    assert first == {
        "id": 18663174, "repo_id": 1, "pull_number": 671, "user_id": 240830, "user_login": "sigmavirus24",
        "state": "COMMENTED", "author_association": "OWNER", "commit_id": rows[0]["commit_id"], "body": "",
        "submitted_at": "2017-01-26T16:35:28Z",
    }  # fmt: skip
    assert len(rows[0]["commit_id"]) == 40


def test_a_whole_tree_holds_the_files_of_hygiene() -> None:
    page = _github("Repository_tree_recursive", 1, "tree", targets=[[1, "o/r", "", "m"]])

    files = {row["path"]: row["kind"] for row in _rows(page, "hygiene")}
    assert files[""] == "checked"
    assert files["LICENSE"] == "license"
    assert {"readme", "license", "contributing"} <= set(files.values())
    assert all(row["size"] and row["sha"] for row in _rows(page, "hygiene") if row["path"])


def test_a_list_of_120_items_asks_for_their_details_and_goes_on_below_the_lowest() -> None:
    page = PR0GRAMM.parse(HEAD, respond(_body("api-mock__items_get__GET_200.json")), MEMORY)

    rows = _rows(page, "item")
    assert (len(rows), len(page.more)) == (120, 121)
    assert (rows[0]["id"], rows[0]["image"], rows[0]["width"]) == (791240, "2015/05/10/664fa56016d6fbcf.jpg", None)
    assert Counter(row["audio"] for row in rows) == {None: 117, 1: 3}
    assert page.more[-1].params == {"flags": 1, "older": 790068}


def test_details_hold_all_tags_and_comments() -> None:
    request = Request(key="info 1135594", url="/items/info", context={"kind": "info", "item": 1135594})

    page = PR0GRAMM.parse(request, respond(_body("api-mock__items_info__GET_200.json")), MEMORY)

    assert Counter(record.table for record in page.records) == {"tag": 14, "item_tag": 14, "comment": 22, "item": 1}
    assert _rows(page, "tag")[0] == {"id": 8576639, "tag": "9.800円"}
    assert _rows(page, "item_tag")[0] == {"item_id": 1135594, "tag_id": 8576639, "confidence": 0.609657}


def test_a_comment_may_answer_one_that_is_not_there() -> None:
    request = Request(key="info 4", url="/items/info", context={"kind": "info", "item": 4})

    page = PR0GRAMM.parse(request, respond(_body("app-test__ItemsInfo4.json")), MEMORY)

    assert [(row["id"], row["parent_id"]) for row in _rows(page, "comment")] == [(75716, None), (10908433, 10892748)]


@pytest.mark.parametrize(("name", "ids"), [("Empty", []), ("Repost", [4]), ("SFW", [4, 5])])
def test_short_lists_are_read(name: str, ids: list[int]) -> None:
    page = PR0GRAMM.parse(HEAD, respond(_body(f"app-test__ItemsGet{name}.json")), MEMORY)

    assert [row["id"] for row in _rows(page, "item")] == ids
