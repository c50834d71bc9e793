"""GitLab's own answers, and its own description of what may be asked. Neither is in the project; absent, these skip."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
import pytest

from engine.model.source import Memory, Page, Request, Response
from sources.gitlab.options import GitLabOptions
from sources.gitlab.source import GitLab
from tests.sources.driver import RECORDINGS, STARTED, respond
from tests.sources.fake_gitlab import API, FakeGitLab, Harvest
from tests.sources.openapi import Described, from_swagger

pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings beside this checkout")

MEMORY = Memory(started=STARTED)
SOURCE = GitLab(GitLabOptions(groups=(470642,), clone=True, target="mirror"))


def _list(kind: str, of: str, body: bytes, headers: Mapping[str, str] | None = None) -> Page:
    request = Request(key=f"{kind} {of}", url=f"/groups/{of}/x", context={"kind": kind, "of": of})
    url = f"https://gitlab.com/api/v4/groups/{of}/x"
    page = SOURCE.parse(request, Response(status=200, headers=headers or {}, body=body, url=url, elapsed=0.1), MEMORY)
    assert all(record.raw in body for record in page.records)
    return page


def _body(name: str) -> bytes:
    return (RECORDINGS / "gitlab" / f"{name}.json").read_bytes()


def _rows(page: Page, table: str) -> list[dict[str, Any]]:
    return [dict(record.data) for record in page.records if record.table == table]


def _exchanges() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = msgspec.json.decode(_body("Service.test_list_projects_with_namespace_input"))
    return found


def test_a_group_of_gitlab_com_lands_with_its_shares_and_is_cloned() -> None:
    received = _exchanges()[0]["response"]
    headers = {name.lower(): value for name, value in received["headers"]}

    page = _list("projects", "470642", received["body"].encode(), headers)

    projects = {row["path"]: row for row in _rows(page, "project")}
    themes = projects["themes"]
    assert (len(projects), themes["id"], themes["grp_id"]) == (10, 23168514, 470642)
    assert (themes["full_path"], themes["empty_repo"], themes["archived"]) == ("inkscape/themes", 0, 0)
    assert themes["last_activity_at"] == "2021-04-10T13:39:14.951Z"
    assert page.note == ""
    assert next(each.url for each in page.more if each.via == "git") == "/inkscape/themes.git"
    assert len(page.more) == 10


def test_every_recorded_answer_is_understood() -> None:
    for exchange in _exchanges():
        kind = "projects" if exchange["response"]["body"].startswith("[") else "group"
        body = exchange["response"]["body"].encode()
        if exchange["response"]["status"] == 200:
            assert _list(kind, "470642", body).records


@pytest.mark.parametrize(
    ("name", "ids"), [("group_descendants", [1, 2]), ("group_subgroups", [1]), ("groups", [3, 5, 8])]
)
def test_lists_of_groups_are_read(name: str, ids: list[int]) -> None:
    page = _list("groups", "nobody", _body(name))

    assert [row["id"] for row in _rows(page, "grp")] == ids
    assert [each.key for each in page.more] == ["group nobody"]


def test_an_old_project_lacks_much() -> None:
    page = _list("projects", "diaspora", _body("group_projects"))

    row = _rows(page, "project")[0]
    assert (row["id"], row["full_path"], row["empty_repo"], row["visibility"]) == (
        4,
        "diaspora/diaspora-client",
        None,
        None,
    )
    assert row["created_at"] == "2013-09-30T13: 46: 02Z"
    assert _rows(page, "clone")[0]["state"] == "refused"


def test_a_single_group_and_a_single_project_are_read() -> None:
    group = _list("group", "10", _body("group"))
    project = _list("project", "3", _body("project"))

    assert [row["path"] for row in _rows(group, "grp")] == ["gitlab-group"]
    assert [(row["id"], row["default_branch"]) for row in _rows(project, "project")] == [(3, None)]


def test_everything_that_is_asked_for_is_in_gitlabs_description() -> None:
    described = Described(from_swagger(_swagger(), "/api/v4"), "https://gitlab.test")
    fake = FakeGitLab(groups=2, subgroups=1, projects=2, users=1)
    options: dict[str, Any] = {
        "archived": "only",
        "visibility": "public",
        "min_access_level": 10,
        "include": ["*amber*"],
    }
    asked: list[Request] = []
    for more in ({}, options):
        for roots in (
            {"groups": ["anchor", "anchor/amber-0"], "shared": "deep"},
            {"users": ["ada0"]},
            {"instance": True, "membership": True},
        ):
            harvest = Harvest(fake, **roots, **more)
            harvest.run()
            asked += harvest.sent

    for request in asked:
        described.check(request, API)
        assert set(request.params) - {"pagination"} <= _known(request), request.route
    assert len({request.route for request in asked}) >= 7
    assert described.refuses(Request(key="k", url="/groups/1/projects", params={"visibility": "secret"}))
    assert described.refuses(Request(key="k", url="/groups/1/projekts"))


@cache
def _swagger() -> Any:
    """Read GitLab's file, with the reader that comes with the validator; the one written in C takes two seconds."""
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((RECORDINGS.parent / "specs" / "gitlab-openapi.yaml").read_text(encoding="utf-8"), Loader=loader)


def _known(request: Request) -> set[str]:
    """Return which parameters the file knows: a validator of OpenAPI lets those pass that it has never heard of."""
    path = f"/api/v4{request.route}".replace("/users/{id}/", "/users/{user_id}/")
    return {one["name"] for one in _swagger()["paths"][path]["get"]["parameters"] if one["in"] == "query"}


def test_an_error_body_in_plain_text_is_no_json() -> None:
    with pytest.raises(Exception, match="malformed"):
        SOURCE.parse(
            Request(key="x", url="/groups/1/x", context={"kind": "projects", "of": "1"}),
            respond(b"Retry later"),
            MEMORY,
        )
