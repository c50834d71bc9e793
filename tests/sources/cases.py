"""What the contract tests know of each source: its options, and answers it understands. A new source adds one line."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec

from engine.model.source import Memory, Request, Response
from tests.sources.driver import FIXTURES, STARTED, fixture, respond
from tests.sources.fake_anilist import FakeAniList, Show

Answers = Callable[[Request], Response]


@dataclass(frozen=True)
class Case:
    """`answer` serves one page of fixtures; `endless` always names another page; `repeated` says the same for ever."""

    options: dict[str, Any]
    answer: Answers
    endless: Callable[[Request, int], Response]
    repeated: Answers
    memory: Memory = field(default_factory=lambda: Memory(started=STARTED - timedelta(days=90)))


def _github(request: Request) -> Response:
    kind = request.context["kind"]
    if kind == "hygiene":
        return respond(_hygiene(request))
    return respond(fixture(f"github/{'repos' if kind in {'org', 'user'} else kind}.json"))


def _hygiene(request: Request) -> Any:
    """Answer for as many repositories as are asked for."""
    answer = msgspec.json.decode(fixture("github/hygiene.json"))
    like = answer["data"]["nodes"][0]
    answer["data"]["nodes"] = [{**like, "id": int(node[2:])} for node in request.json["variables"]["ids"]]
    return answer


def _github_page(request: Request, number: int, target: str) -> Response:
    kind = request.context["kind"]
    if kind == "org":
        return respond(msgspec.json.decode(fixture("github/repos.json"))[:1])
    if kind == "hygiene":
        return respond(_hygiene(request))
    if kind == "reviews":
        return respond(_reviews_page(number, target))
    row = {"id": number, "number": number, "sha": f"{number:040x}", "created_at": "2024-06-01T00:00:00Z"}
    return respond([row], link=f'<{target}>; rel="next"')


def _reviews_page(number: int, cursor: str) -> Any:
    reviews = {"total": 0, "page": {"hasNextPage": False}, "nodes": []}
    pull = {"node": f"PR_{number}", "number": number, "created_at": "2024-06-01T00:00:00Z", "reviews": reviews}
    page = {"hasNextPage": True, "endCursor": cursor}
    return {"data": {"node": {"id": 501, "pulls": {"page": page, "nodes": [pull]}}}}


def _github_cursor(request: Request) -> int:
    return int(request.context.get("page", 1)) + 1 if request.resource == "graphql" else int(_page(request)) + 1


def _github_endless(request: Request, number: int) -> Response:
    return _github_page(request, number, f"https://api.github.com{_path(request)}?page={_github_cursor(request)}")


def _github_repeated(request: Request) -> Response:
    return _github_page(request, 1, f"https://api.github.com{_path(request)}?page={_github_cursor(request)}")


def _path(request: Request) -> str:
    return request.url.partition("?")[0].removeprefix("https://api.github.com")


def _page(request: Request) -> str:
    return request.url.partition("page=")[2] or "1"


def _pr0gramm(request: Request) -> Response:
    return respond(fixture("pr0gramm/info.json" if request.url == "/items/info" else "pr0gramm/items.json"))


def _pr0gramm_endless(request: Request, number: int) -> Response:
    if request.url == "/items/info":
        return _pr0gramm(request)
    return respond({"atEnd": False, "items": [{"id": number + 100}]})


def _anime(request: Request) -> Response:
    return FakeAniList([Show(1, idMal=101), Show(2)], [(1, 2, "SEQUEL")])(request)


def _anime_endless(request: Request, number: int) -> Response:
    if request.resource == "jikan":
        return _anime(request)
    ids = request.json["variables"]["ids"]
    shows = [Show(each) for each in ids]
    return FakeAniList(shows, [(each, each + number + 1, "SEQUEL") for each in ids])(request)


_REST = {
    "base_url": "https://api.example.com",
    "endpoints": {
        "users": {"path": "/users", "key": ["id"], "columns": {"id": "id:integer"}, "paging": {"max_pages": 50}},
        "posts": {"path": "/users/{parent.id}/posts", "parent": "users", "error": "error", "paging": {"style": "none"}},
    },
}


def _rest(request: Request) -> Response:
    if request.context["endpoint"] == "posts":
        return respond({"data": [{"title": "a"}]})
    return respond({"data": [{"id": 1}]})


def _rest_endless(request: Request, number: int) -> Response:
    if request.context["endpoint"] == "posts":
        return _rest(request)
    return respond({"data": [{"id": number + 1}], "next_cursor": f"c{number}"})


def _rest_repeated(request: Request) -> Response:
    return respond({"data": [{"id": 1}], "next_cursor": "again"})


def _gitlab(request: Request) -> Response:
    if request.via == "git":
        done = {"state": "ok", "did": "cloned", "head": "0" * 40, "branch": "main", "bytes": 1024}
        return respond({**done, "path": request.json["folder"]})
    kind = request.context["kind"]
    return respond(fixture(f"gitlab/{ {'groups': 'descendants', 'group': 'group'}.get(kind, 'projects') }.json"))


def _gitlab_endless(request: Request, number: int) -> Response:
    if request.via == "git" or request.context["kind"] == "group":
        return _gitlab(request)
    page = int(request.context.get("page", 1)) + 1
    target = f"https://gitlab.com/api/v4{request.url.partition('?')[0].removeprefix('https://gitlab.com/api/v4')}"
    return respond([{"id": number + 1}], link=f'<{target}?page={page}>; rel="next"')


def _gitlab_repeated(request: Request) -> Response:
    return _gitlab_endless(request, 1)


def _videos(request: Request) -> Response:
    return respond(fixture("videos/listing.json" if request.via == "yt-dlp" else "videos/feed.xml"))


def _videos_endless(request: Request, number: int) -> Response:
    if request.via != "yt-dlp":
        return respond(fixture("videos/feed.xml"))
    return respond({"ended": "most", "entries": [{"id": f"id-{number}", "url": "https://videos.example.org/x"}]})


CASES = {
    "github": Case(
        {"orgs": ["harbour"], "year": 2024, "pull_details": True}, _github, _github_endless, _github_repeated
    ),
    "anime": Case({"ids": [1]}, _anime, _anime_endless, _anime),
    "rest": Case(_REST, _rest, _rest_endless, _rest_repeated),
    "gitlab": Case(
        {"groups": ["harbour"], "clone": True, "target": "mirror"}, _gitlab, _gitlab_endless, _gitlab_repeated
    ),
    "pr0gramm": Case({}, _pr0gramm, _pr0gramm_endless, _pr0gramm),
    "videos": Case({"channels_dir": str(FIXTURES / "videos/channels")}, _videos, _videos_endless, _videos),
}
