"""What GitHub's answers become: rows, follow-up requests, notes."""

from typing import Any

import msgspec
import pytest

from engine.common.errors import BadBody, UsageError
from engine.model.source import Memory, Page, Request
from sources.github.lists import PATHS
from sources.github.options import GitHubOptions
from sources.github.source import GitHub
from tests.sources.driver import STARTED, Driver, fixture, respond

MEMORY = Memory(started=STARTED)
LISTS_ONLY: dict[str, Any] = {"orgs": ("harbour",), "year": 2024, "reviews": False, "hygiene": False}
HARBOUR = GitHubOptions(**LISTS_ONLY)
LISTS = ["pulls", "issues", "issue_comments", "review_comments", "commits"]


def _step(kind: str, **more: Any) -> Request:
    context = {"kind": kind, "name": "harbour/crane", "started": "2025-03-01T12:00:00Z", "repo_id": 501, **more}
    return Request(key="k", url="/repos/harbour/crane/x", context=context)


def _parsed(kind: str, *, options: GitHubOptions = HARBOUR, link: str = "") -> Page:
    request = _step(kind if kind in LISTS else "org")
    name = kind if kind in LISTS else "repos"
    return GitHub(options).parse(request, respond(fixture(f"github/{name}.json"), link=link), MEMORY)


def _rows(page: Page, table: str) -> list[dict[str, Any]]:
    return [dict(record.data) for record in page.records if record.table == table]


def test_without_a_name_there_is_nothing_to_fetch() -> None:
    with pytest.raises(UsageError, match="set orgs, users or repos"):
        GitHub(GitHubOptions()).seed(MEMORY)


def test_the_seeds_are_one_list_per_name() -> None:
    options = GitHubOptions(orgs=("orgs",), users=("ada",), repos=("harbour/crane",))

    requests = list(GitHub(options).seed(MEMORY))

    assert [each.url for each in requests] == ["/orgs/orgs/repos", "/users/ada/repos", "/repos/harbour/crane"]
    assert requests[0].params == {"type": "sources", "sort": "created", "direction": "asc", "per_page": 100}
    assert requests[0].route == "/orgs/{org}/repos"
    assert all(each.conditional for each in requests)


def test_forks_are_asked_for_only_where_they_are_wanted() -> None:
    request = next(iter(GitHub(GitHubOptions(orgs=("harbour",), forks=True)).seed(MEMORY)))

    assert request.params["type"] == "all"


def test_repositories_land_with_their_owner_once() -> None:
    page = _parsed("repos")

    assert [row["name"] for row in _rows(page, "repo")] == ["crane", "old-pier", "silent"]
    assert _rows(page, "repo")[0] == {
        "id": 501, "owner_id": 90, "private": 0, "fork": 0, "archived": 0, "disabled": 0, "has_issues": 1, "stars": 4,
        "forks": 1, "open_issues": 2, "size_kb": 120, "name": "crane", "full_name": "harbour/crane",
        "owner_login": "harbour", "visibility": "public", "default_branch": "main", "description": None,
        "language": "Python", "license": "MIT", "created_at": "2019-03-01T08:00:00Z",
        "updated_at": "2024-06-30T10:00:00Z", "pushed_at": "2024-06-30T09:59:00Z", "gone_at": None,
    }  # fmt: skip
    assert _rows(page, "user") == [{"id": 90, "login": "harbour", "type": "Organization", "site_admin": 0}]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"forks": True}, ["crane", "crane-fork", "old-pier", "silent"]),
        ({"archived": False}, ["crane", "silent"]),
        ({"include": ("CR*", "harbour/s*")}, ["crane", "silent"]),
        ({"exclude": ("*e*",)}, []),
        ({"include": ("other/*",)}, []),
    ],
)
def test_filters_keep_the_repositories_they_name(options: dict[str, Any], names: list[str]) -> None:
    page = _parsed("repos", options=GitHubOptions(orgs=("harbour",), **options))

    assert [row["name"] for row in _rows(page, "repo")] == names


def test_a_repository_named_by_itself_passes_every_filter() -> None:
    fork = msgspec.json.decode(fixture("github/repos.json"))[1]
    request = _step("repo")

    page = GitHub(GitHubOptions(**LISTS_ONLY | {"repos": ("harbour/crane-fork",)})).parse(
        request, respond(fork), MEMORY
    )

    assert len(page.more) == 5


def test_each_collector_asks_with_its_own_recipe() -> None:
    requests = {each.key: each for each in _parsed("repos").more}

    assert requests["pulls 501"].params == {"state": "all", "sort": "created", "direction": "desc", "per_page": 100}
    ascending = {"since": "2024-01-01T00:00:00Z", "sort": "created", "direction": "asc", "per_page": 100}
    assert requests["issues 501"].params == {"state": "all", **ascending}
    assert requests["issue_comments 501"].params == ascending
    assert requests["review_comments 501"].params == ascending
    assert requests["review_comments 501"].url == "/repos/harbour/crane/pulls/comments"
    window = {"since": "2024-01-01T00:00:00Z", "until": "2025-01-01T00:00:00Z", "per_page": 100}
    assert requests["commits 501"].params == window


def test_lists_that_cannot_hold_anything_are_not_asked_for() -> None:
    page = _parsed("repos")

    keys = {each.key for each in page.more}
    assert "issues 504" not in keys
    assert "commits 503" not in keys
    assert {saved.why: saved.requests for saved in page.avoided} == {
        "issues are switched off": 1,
        "nothing was pushed since the window began": 1,
    }


def test_collectors_can_be_switched_off() -> None:
    options = GitHubOptions(**LISTS_ONLY, comments=False, commits=False)

    assert {each.key.split()[0] for each in _parsed("repos", options=options).more} == {"pulls", "issues"}


def test_a_hostile_repository_name_never_becomes_a_path() -> None:
    repo = msgspec.json.decode(fixture("github/repos.json"))[0] | {"full_name": "harbour/../../admin"}
    page = GitHub(HARBOUR).parse(_step("org"), respond([repo]), MEMORY)

    assert page.more == ()
    assert len(_rows(page, "repo")) == 1


def test_pulls_of_the_year_land_and_the_first_older_one_ends_the_walk() -> None:
    page = _parsed("pulls", link='<https://api.github.com/x?page=2>; rel="next"')

    assert [row["number"] for row in _rows(page, "pull")] == [7, 5]
    assert page.more == ()
    assert len(page.cursors) == 1


def test_a_pull_of_a_deleted_account_and_fork_has_nulls() -> None:
    row = _rows(_parsed("pulls"), "pull")[1]

    assert (row["user_id"], row["user_login"], row["head_repo_id"], row["head_ref"]) == (None, None, None, "gone")


def test_issues_leave_out_pull_requests_and_other_years() -> None:
    rows = _rows(_parsed("issues"), "issue")

    assert [(row["repo_id"], row["number"], row["state"]) for row in rows] == [(501, 4, "closed"), (501, 8, "open")]


def test_issue_comments_get_their_number_from_the_address() -> None:
    rows = _rows(_parsed("issue_comments"), "issue_comment")

    assert [(row["id"], row["issue_number"], row["on_pull"], row["user_login"]) for row in rows] == [
        (601, 4, 0, "helper[bot]"),
        (602, 5, 1, None),
    ]


def test_review_comments_name_their_pull_request() -> None:
    row = _rows(_parsed("review_comments"), "review_comment")[0]

    assert (row["pull_number"], row["review_id"], row["in_reply_to_id"], row["line"]) == (7, None, 650, None)


def test_commits_are_of_the_year_by_their_committer_and_need_no_account() -> None:
    rows = _rows(_parsed("commits"), "git_commit")

    assert [(row["sha"][0], row["author_id"], row["committer_id"]) for row in rows] == [
        ("a", 11, 90),
        ("b", None, None),
    ]
    assert rows[0]["message"] == "Lift\n\nslowly"
    assert (rows[0]["parents"], rows[0]["verified"]) == (2, 1)


def test_the_raw_json_is_kept_byte_for_byte() -> None:
    page = _parsed("issue_comments")

    body = fixture("github/issue_comments.json")
    assert all(record.raw in body and record.raw.startswith(b"{") for record in page.records)


def test_a_next_link_is_followed_as_given_and_leaves_no_cursor_yet() -> None:
    target = "https://api.github.com/repositories/501/comments?per_page=100&page=2"

    page = GitHub(HARBOUR).parse(
        _step("commits", mark="m"), respond(fixture("github/commits.json"), link=f'<{target}>; rel="next"'), MEMORY
    )

    assert [(each.url, each.params, each.key) for each in page.more] == [(target, {}, f"commits 501 {target}")]
    assert page.more[0].context["page"] == 2
    assert page.cursors == {}


def test_a_next_link_elsewhere_ends_the_walk_with_a_note_but_the_page_lands() -> None:
    page = _parsed("commits", link='<https://evil.test/?page=2>; rel="next"')

    assert len(_rows(page, "git_commit")) == 2
    assert page.more == ()
    assert page.cursors == {}
    assert "leaves https://api.github.com" in page.note


@pytest.mark.parametrize(
    ("kind", "status", "accepted"),
    [("issues", 410, True), ("pulls", 404, True), ("commits", 451, True), ("commits", 409, True), ("pulls", 409, False),
     ("issues", 500, False), ("issues", 403, False), ("org", 404, False), ("repo", 404, False)],
)  # fmt: skip
def test_absence_is_an_answer_for_a_collector_only(kind: str, status: int, accepted: bool) -> None:
    assert GitHub(HARBOUR).accepts(_step(kind), respond({}, status)) is accepted


@pytest.mark.parametrize(("status", "remembered"), [(409, True), (410, True), (404, False), (451, False)])
def test_an_absent_list_is_zero_rows_with_a_note(status: int, remembered: bool) -> None:
    page = GitHub(HARBOUR).parse(_step("commits"), respond({"message": "Git Repository is empty."}, status), MEMORY)

    assert page.records == ()
    assert page.note == f"commits of harbour/crane: {status} Git Repository is empty."
    assert bool(page.cursors) is remembered


def test_an_absent_list_may_answer_with_html() -> None:
    page = GitHub(HARBOUR).parse(_step("pulls"), respond(b"<html>", 404), MEMORY)

    assert page.note == "pulls of harbour/crane: 404"


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"message":"?"}', b"[1]", b'[{"number":null}]'])
def test_what_is_no_list_of_pulls_is_a_bad_body(body: bytes) -> None:
    with pytest.raises(BadBody):
        GitHub(HARBOUR).parse(_step("pulls"), respond(body), MEMORY)


def test_one_object_without_a_key_costs_only_itself() -> None:
    pulls = msgspec.json.decode(fixture("github/pulls.json"))[1:3]

    page = GitHub(HARBOUR).parse(_step("pulls"), respond([pulls[0], {"title": "?"}, pulls[1]]), MEMORY)

    assert [row["number"] for row in _rows(page, "pull")] == [7, 5]
    assert page.note == "1 of 3 pulls have no key and were left out"


def test_an_empty_page_that_names_a_next_one_is_not_believed() -> None:
    page = GitHub(HARBOUR).parse(
        _step("pulls"), respond([], link='<https://api.github.com/x?page=2>; rel="next"'), MEMORY
    )

    assert (page.more, page.cursors) == ((), {})
    assert "an empty page" in page.note


@pytest.mark.parametrize("context", [{"kind": 7}, {"kind": "pulls", "name": "o/r", "started": "yesterday"}])
def test_a_request_of_another_source_is_refused(context: dict[str, Any]) -> None:
    with pytest.raises(BadBody, match="context"):
        GitHub(HARBOUR).parse(Request(key="k", url="/", context=context), respond([]), MEMORY)


def test_a_page_that_is_fetched_by_a_later_run_belongs_to_the_year_it_was_planned_in() -> None:
    source = GitHub(GitHubOptions(orgs=("harbour",)))
    request = _step("pulls", started="2024-12-31T23:00:00Z")

    page = source.parse(request, respond(fixture("github/pulls.json")), MEMORY)

    assert [row["number"] for row in _rows(page, "pull")] == [7, 5]
    (cursor,) = page.cursors.items()
    assert cursor[0].endswith("2024-01-01..2025-01-01")
    assert '"through":"2024-12-31T23:00:00Z"' in cursor[1]


def test_every_collector_has_a_route_for_latencies() -> None:
    routes = {each.route for each in _parsed("repos").more}

    assert routes == {"/repos/{owner}/{repo}" + path for path in PATHS.values()}


def test_the_scope_names_every_option() -> None:
    assert GitHub(HARBOUR).scope() != GitHub(GitHubOptions(orgs=("harbour",), year=2023)).scope()
    assert GitHub(HARBOUR).scope() == GitHub(GitHubOptions(**LISTS_ONLY)).scope()


def test_a_path_prefix_of_an_enterprise_host_is_the_base_url() -> None:
    source = GitHub(GitHubOptions(base_url="https://ghe.example/api/v3", orgs=("harbour",), year=2024))
    driver = Driver(source, lambda _: respond([], link='<https://api.github.com/x?page=2>; rel="next"'))

    driver.run()

    assert source.base_url == "https://ghe.example/api/v3"
    assert "leaves https://ghe.example/api/v3" in driver.notes[0]
