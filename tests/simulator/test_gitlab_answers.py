"""What the look-alike of GitLab says, over the wire."""

from collections.abc import Iterator
from dataclasses import replace

import httpx2 as httpx
import pytest

from simulator.apis.gitlab import GitLabApi
from simulator.common.settings import Budget
from simulator.config import quiet
from simulator.gitlab.world import GitLabSizes
from simulator.testing import Running, running

TOKEN = "glpat-simulated"
SIZES = GitLabSizes(groups=3, subgroups=2, projects=50, megabytes=1)


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    config = quiet(apis=["gitlab"])
    api = config.api("gitlab")
    with running(config.with_api(replace(api, token=TOKEN, sizes=SIZES))) as simulator:
        yield simulator


@pytest.fixture
def client(server: Running) -> Iterator[httpx.Client]:
    headers = {"PRIVATE-TOKEN": TOKEN}
    with httpx.Client(base_url=server.base_url("gitlab"), headers=headers) as opened:
        yield opened


def test_a_page_has_every_header_of_the_real_one(client: httpx.Client) -> None:
    answer = client.get("/groups/anchor/projects", params={"include_subgroups": "true", "per_page": 100})

    headers = answer.headers
    assert len(answer.json()) == 100
    assert [headers[name] for name in ("x-page", "x-next-page", "x-prev-page", "x-per-page")] == ["1", "2", "", "100"]
    assert (headers["x-total"], headers["x-total-pages"]) == ("150", "2")
    assert 'page=2&per_page=100&simple=false&sort=desc&starred=false>; rel="next"' in headers["link"]
    assert headers["ratelimit-name"] == "throttle_authenticated_api"
    assert {"ratelimit-limit", "ratelimit-observed", "ratelimit-remaining", "ratelimit-reset"} <= set(headers)


def test_the_last_page_names_an_empty_next_one(client: httpx.Client) -> None:
    answer = client.get("/groups/anchor/projects", params={"include_subgroups": "true", "per_page": 100, "page": 2})

    assert answer.headers["x-next-page"] == ""
    assert 'rel="next"' not in answer.headers["link"]


def test_a_keyset_walk_meets_every_project_once_and_tells_no_total(client: httpx.Client) -> None:
    ids: list[int] = []
    url = "/projects?pagination=keyset&order_by=id&sort=asc&per_page=100"
    while url:
        answer = client.get(url)
        ids += [project["id"] for project in answer.json()]
        assert "x-total" not in answer.headers
        url = str(answer.links["next"]["url"]) if "next" in answer.links else ""

    assert ids == sorted(set(ids))
    assert len(ids) == 3 * 3 * 50 + 4


def test_deep_offsets_are_refused_and_a_wrong_token_too(client: httpx.Client) -> None:
    assert client.get("/projects", params={"page": 1000, "per_page": 100}).status_code == 405
    assert client.get("/projects", headers={"PRIVATE-TOKEN": "wrong"}).status_code == 401
    assert client.get("/groups/nobody").json() == {"message": "404 Group Not Found"}


def test_a_path_with_slashes_is_one_name(client: httpx.Client) -> None:
    assert client.get("/groups/anchor%2Famber-0").json()["full_path"] == "anchor/amber-0"


def test_a_private_project_is_hidden_without_the_token(client: httpx.Client, server: Running) -> None:
    with httpx.Client(base_url=server.base_url("gitlab")) as anonymous:
        seen = [each.get("/projects/anchor%2Fprivate").status_code for each in (client, anonymous)]

    assert seen == [200, 404]


def test_a_renamed_group_is_moved_permanently_in_plain_text(client: httpx.Client, server: Running) -> None:
    server.within("gitlab", lambda api: api.world.rename(api.world.groups[107], "renamed"))

    answer = client.get("/groups/cedar/descendant_groups")

    assert (answer.status_code, answer.headers["content-type"]) == (301, "text/plain")
    assert answer.headers["location"].endswith("/gitlab/api/v4/groups/107/descendant_groups")
    assert answer.text.startswith("This resource has been moved permanently to ")


def test_the_budget_is_refused_in_plain_text(server: Running) -> None:
    config = quiet(apis=["gitlab"])
    api = config.api("gitlab")
    limits = replace(api.limits, budget=Budget(2, 60))
    with running(config.with_api(replace(api, limits=limits))) as small, httpx.Client() as anyone:
        answers = [anyone.get(f"{small.base_url('gitlab')}/groups/anchor") for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[-1].text == "Retry later\n"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 61
    assert "ratelimit-resettime" in answers[-1].headers


def test_an_endpoint_has_a_limit_that_no_header_tells() -> None:
    config = quiet(apis=["gitlab"])
    api = config.api("gitlab")
    strict = replace(api, sizes=replace(api.sizes, endpoint_limits=True))
    with running(config.with_api(strict)) as server, httpx.Client() as anyone:
        address = f"{server.base_url('gitlab')}/groups"
        answers = [anyone.get(address) for _ in range(201)]
        violations = anyone.get(f"{server.url}/_simulator/stats").json()["gitlab"]["violations"]

    assert {each.status_code for each in answers[:200]} == {200}
    assert answers[200].status_code == 429
    assert int(answers[200].headers["ratelimit-remaining"]) > 1000
    assert answers[200].headers["content-type"] == "text/plain"
    assert answers[200].text == "Retry later\n"
    assert violations == {"endpoint": 1}


def test_a_list_that_has_not_changed_is_a_304_that_counts_all_the_same() -> None:
    with running(quiet(apis=["gitlab"])) as server, httpx.Client() as anyone:
        address = f"{server.base_url('gitlab')}/groups/anchor/projects"
        first = anyone.get(address)
        etag = first.headers["etag"]
        again = anyone.get(address, headers={"If-None-Match": etag})
        elsewhere = anyone.get(address, params={"page": 2}, headers={"If-None-Match": etag})

    assert etag.startswith('W/"')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert int(again.headers["ratelimit-remaining"]) == int(first.headers["ratelimit-remaining"]) - 1
    assert elsewhere.status_code == 200


def test_git_is_served_below_the_same_prefix(server: Running) -> None:
    path = server.within("gitlab", _first)
    with httpx.Client(base_url=f"{server.url}/gitlab") as anyone:
        advertised = anyone.get(f"/{path}.git/info/refs", params={"service": "git-upload-pack"})
        denied = anyone.get("/anchor/private.git/info/refs", params={"service": "git-upload-pack"})

    assert advertised.headers["content-type"] == "application/x-git-upload-pack-advertisement"
    assert b"refs/heads/main" in advertised.content
    assert (denied.status_code, denied.headers["www-authenticate"]) == (401, 'Basic realm="GitLab"')


def _first(api: GitLabApi) -> str:
    return next(iter(api.world.projects.values())).full_path
