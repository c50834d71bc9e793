from typing import Any

import httpx2 as httpx
import pytest

from simulator.config import quiet
from simulator.github.records import Repo
from simulator.github.world import GitHubWorld
from simulator.testing import Running, running


def odd(github: GitHubWorld, **wanted: object) -> Repo:
    return next(
        repo for repo in github.repos("aurora") if all(getattr(repo, name) == value for name, value in wanted.items())
    )


def first(client: httpx.Client, path: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = client.get(f"/github{path}").json()
    return found[0]


def test_an_answer_has_the_headers_of_the_real_one(client: httpx.Client) -> None:
    answer = client.get("/github/orgs/aurora", headers={"X-GitHub-Api-Version": "2022-11-28"})

    headers = answer.headers
    limit, used, remaining = (int(headers[f"x-ratelimit-{name}"]) for name in ("limit", "used", "remaining"))
    assert used + remaining == limit
    assert int(headers["x-ratelimit-reset"]) > 1_700_000_000
    assert headers["x-ratelimit-resource"] == "core"
    assert headers["etag"].startswith('W/"')
    assert headers["last-modified"].endswith("GMT")
    assert headers["date"].endswith("GMT")
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["content-encoding"] == "gzip"
    assert headers["x-github-api-version-selected"] == "2022-11-28"
    assert "Authorization" in headers["vary"]
    assert headers["x-github-request-id"] != client.get("/github/orgs/aurora").headers["x-github-request-id"]


def test_gzip_is_for_those_who_accept_it(client: httpx.Client) -> None:
    packed = client.get("/github/orgs/aurora")
    plain = client.get("/github/orgs/aurora", headers={"Accept-Encoding": "identity"})

    assert "content-encoding" not in plain.headers
    assert plain.json() == packed.json()


def test_accounts_and_repositories_stand_at_their_own_address(client: httpx.Client, github: GitHubWorld) -> None:
    repo = github.repos("aurora")[0]

    org, person, shown, by_id = (
        client.get(f"/github{path}").json()
        for path in ("/orgs/aurora", "/users/ada-0", f"/repos/{repo.full_name}", f"/repositories/{repo.id}")
    )

    assert (org["login"], org["type"], org["public_repos"]) == ("aurora", "Organization", 16)
    assert (person["login"], person["type"]) == ("ada-0", "User")
    assert shown == by_id
    assert (shown["id"], shown["owner"]["login"]) == (repo.id, "aurora")
    assert client.get(shown["url"]).json() == shown
    assert client.get("/github/users/aurora").json()["type"] == "Organization"


def test_issues_contain_pull_requests_with_another_id(client: httpx.Client, github: GitHubWorld) -> None:
    repo = github.repos("aurora")[0]
    issues = client.get(f"/github/repos/{repo.full_name}/issues?state=all&per_page=100").json()
    pulls = client.get(f"/github/repos/{repo.full_name}/pulls?state=all&per_page=100").json()

    as_issues = {item["number"]: item for item in issues if "pull_request" in item}

    assert set(as_issues) == {item["number"] for item in pulls}
    assert len(as_issues) < len(issues)
    for pull in pulls:
        assert as_issues[pull["number"]]["id"] != pull["id"]
        assert as_issues[pull["number"]]["pull_request"]["merged_at"] == pull["merged_at"]


def test_a_comment_names_its_issue_in_the_address_only(client: httpx.Client, github: GitHubWorld) -> None:
    repo = github.repos("aurora")[0]
    truth = github.comment(repo, 1)

    comment = first(client, f"/repos/{repo.full_name}/issues/comments")

    assert comment["id"] == truth.id
    assert comment["issue_url"].endswith(f"/repos/{repo.full_name}/issues/{truth.number}")
    assert "number" not in comment


def test_a_review_comment_names_its_pull_request(client: httpx.Client, github: GitHubWorld) -> None:
    repo = github.repos("aurora")[0]
    truth = github.review_comment(repo, 1)

    comment = first(client, f"/repos/{repo.full_name}/pulls/comments")

    assert comment["pull_request_url"].endswith(f"/pulls/{truth.number}")
    assert comment["body"] == truth.body


def test_everything_that_may_be_null_is_null_somewhere(client: httpx.Client, github: GitHubWorld) -> None:
    pulls, commits, issues = list[Any](), list[Any](), list[Any]()
    for repo in github.repos("aurora"):
        for into, path in ((pulls, "pulls"), (commits, "commits"), (issues, "issues")):
            answer = client.get(f"/github/repos/{repo.full_name}/{path}?state=all&per_page=100")
            into.extend(answer.json() if answer.status_code == 200 else [])

    assert any(pull["head"]["repo"] is pull["head"]["user"] is pull["head"]["label"] is None for pull in pulls)
    assert any(pull["user"] is None for pull in pulls)
    assert any(issue["body"] is None for issue in issues)
    assert any(commit["author"] is None for commit in commits)
    assert any(commit["author"] == {} for commit in commits)
    assert all(commit["commit"]["author"]["name"] for commit in commits)


def test_an_empty_repository_has_no_commits_and_says_409(client: httpx.Client, github: GitHubWorld) -> None:
    repo = odd(github, empty=True)

    answer = client.get(f"/github/repos/{repo.full_name}/commits")

    assert answer.status_code == 409
    assert answer.json()["message"] == "Git Repository is empty."
    assert client.get(f"/github/repos/{repo.full_name}").json()["pushed_at"] is None
    assert client.get(f"/github/repos/{repo.full_name}/pulls").json() == []


def test_disabled_issues_are_gone(client: httpx.Client, github: GitHubWorld) -> None:
    repo = odd(github, has_issues=False)

    answer = client.get(f"/github/repos/{repo.full_name}/issues")

    assert answer.status_code == 410
    assert answer.json()["message"] == "Issues are disabled for this repo"


def test_a_renamed_repository_redirects_to_its_number(
    client: httpx.Client, simulator: Running, github: GitHubWorld
) -> None:
    repo = next(repo for repo in github.repos("aurora") if repo.former_name)

    answer = client.get(f"/github/repos/aurora/{repo.former_name}/pulls?state=all")
    bare = client.get(f"/github/repos/aurora/{repo.former_name}")

    expected = f"{simulator.url}/github/repositories/{repo.id}/pulls?state=all"
    assert (answer.status_code, answer.headers["location"]) == (301, expected)
    assert answer.json()["message"] == "Moved Permanently"
    assert answer.json()["url"] == expected
    assert bare.headers["location"] == f"{simulator.url}/github/repositories/{repo.id}"
    assert len(client.get(expected).json()) == min(30, repo.pulls)


@pytest.mark.parametrize(
    "path",
    [
        "/orgs/nobody",
        "/orgs/ada-0",
        "/orgs/ada-0/repos",
        "/users/nobody/repos",
        "/user/12/repos",
        "/user/x/repos",
        "/repos/aurora/nothing",
        "/repos/aurora/nothing/pulls",
        "/repositories/5/issues",
        "/nothing",
        "/orgs/aurora/",
        "",
    ],
)
def test_what_does_not_exist_is_404(client: httpx.Client, path: str) -> None:
    answer = client.get(f"/github{path}")

    assert answer.status_code == 404
    assert answer.json()["message"] == "Not Found"
    assert answer.json()["status"] == "404"


def test_writing_is_404_too(client: httpx.Client) -> None:
    assert client.post("/github/orgs/aurora/repos", json={}).status_code == 404


def test_an_unknown_branch_is_404(client: httpx.Client, github: GitHubWorld) -> None:
    repo = github.repos("aurora")[0]

    assert client.get(f"/github/repos/{repo.full_name}/commits?sha=none").status_code == 404


@pytest.mark.parametrize("query", ["state=maybe", "sort=luck", "direction=up", "since=yesterday"])
def test_a_parameter_that_means_nothing_is_422(client: httpx.Client, github: GitHubWorld, query: str) -> None:
    repo = github.repos("aurora")[0]

    answer = client.get(f"/github/repos/{repo.full_name}/issues?{query}")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


def test_without_a_user_agent_nothing_is_served(client: httpx.Client) -> None:
    answer = client.get("/github/orgs/aurora", headers={"User-Agent": ""})

    assert answer.status_code == 403
    assert "Missing or invalid User Agent string" in answer.text


def test_an_unknown_version_is_400(client: httpx.Client) -> None:
    assert client.get("/github/orgs/aurora", headers={"X-GitHub-Api-Version": "1999-01-01"}).status_code == 400


def test_a_configured_token_is_the_only_one_and_strangers_have_a_smaller_budget() -> None:
    config = quiet(apis=["github"])
    api = config.api("github")
    limits = type(api.limits)(budget=api.limits.budget, anonymous=type(api.limits.budget)(60, 3600))  # type: ignore[misc]  # it has one
    config = config.with_api(type(api)(name="github", sizes=api.sizes, token="right", limits=limits))
    with running(config) as server, httpx.Client(base_url=server.url) as client:

        def ask(**headers: str) -> httpx.Response:
            return client.get("/github/orgs/aurora", headers=headers)

        wrong, right, old, stranger = (
            ask(Authorization="Bearer wrong"),
            ask(Authorization="Bearer right"),
            ask(Authorization="token right"),
            ask(),
        )

    assert (wrong.status_code, wrong.json()["message"]) == (401, "Bad credentials")
    assert (right.status_code, old.status_code, stranger.status_code) == (200, 200, 200)
    assert (right.headers["x-ratelimit-limit"], stranger.headers["x-ratelimit-limit"]) == ("1000000", "60")


def test_titles_try_to_be_more_than_text(github: GitHubWorld) -> None:
    titles = {issue.title for repo in github.repos("aurora") for issue in github.issues(repo)}

    assert any("\x1b" in title for title in titles)
    assert any("[bold red]" in title for title in titles)
