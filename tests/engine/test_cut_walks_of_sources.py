"""The ways in which the shipped sources cut a walk, each judged by every output, as in the table of the fake source."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.model.coverage import PartState
from engine.model.source import Request, Response, Source
from engine.storage.database import Database
from sources.anime.source import Anime
from sources.github.source import GitHub
from sources.gitlab.source import GitLab
from sources.pr0gramm.source import Pr0gramm
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from sources.videos.source import Videos
from tests import fakes
from tests.engine.cut_walks import judge
from tests.engine.harness import Harvest, prepare
from tests.fakes import FakeTransport
from tests.sources.cases import CASES
from tests.sources.driver import FIXTURES, fixture, respond
from tests.sources.fake_anilist import chain
from tui.common.exit_codes import Exit, exit_code

MADE: Mapping[str, Any] = {
    "github": GitHub, "gitlab": GitLab, "pr0gramm": Pr0gramm, "videos": Videos, "anime": Anime,
    "rest": Rest,
}  # fmt: skip
GITHUB = "https://api.github.com"
GITLAB = "https://gitlab.com/api/v4"
REPOSITORY = "harbour/crane"


@dataclass(frozen=True)
class Way:
    """A way to be cut."""

    source: str
    name: str
    options: Mapping[str, Any]
    answer: Callable[[Request], Response]
    said: str
    part: str
    state: PartState = PartState.CUT
    detail: str = ""
    """What the coverage map says, if it is something else."""
    anonymous: bool = False
    patched: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.source}: {self.name}"


def issues(answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """Answer with one repository, and with these pages of issues."""

    def answered(request: Request) -> Response:
        if request.context["kind"] == "org":
            return respond(msgspec.json.encode(msgspec.json.decode(fixture("github/repos.json"))[:1]))
        return answer(request)

    return answered


def linked(target: str, **row: Any) -> Callable[[Request], Response]:
    one = {"id": 1, "number": 1, "created_at": "2024-06-01T00:00:00Z", "updated_at": "2024-06-01T00:00:00Z", **row}
    return lambda _: respond([one], link=f'<{target}>; rel="next"')


def numbered(request: Request) -> Response:
    """Answer with a page that differs from all others and names the next one."""
    number = request.context.get("page", 1)
    return linked(f"{GITHUB}/repos/{REPOSITORY}/issues?page={number + 1}", id=number)(request)


def github(name: str, answer: Callable[[Request], Response], said: str, **given: Any) -> Way:
    options = {
        "orgs": ["harbour"], "year": 2024, "pulls": False, "comments": False, "commits": False, "reviews": False,
        "hygiene": False, "issues": False, given.pop("only", "issues"): True,
    }  # fmt: skip
    return Way("github", name, options, issues(answer), said, **{"part": f"{REPOSITORY}:issues", **given})


def cut_tree(request: Request) -> Response:
    assert request.context["kind"] == "tree"
    return respond({"tree": [], "truncated": True})


def hygiene_with_errors(request: Request) -> Response:
    found = msgspec.json.decode(CASES["github"].answer(request).body)
    return respond(found | {"errors": [{"type": "INTERNAL", "message": "something went wrong"}]})


def listing(ended: str) -> Callable[[Request], Response]:
    found = {"ended": ended, "entries": [{"id": "one", "url": "https://videos.example.org/one"}]}
    return lambda request: respond(found) if request.via == "yt-dlp" else respond(b"", 404)


CHANNEL = min(each.name for each in (FIXTURES / "videos/channels").glob("*.toml"))
VIDEOS = {"only": [CHANNEL]}


def rest(name: str, paging: Mapping[str, Any], answer: Callable[[Request], Response], said: str, **given: Any) -> Way:
    things = {"path": "/things", "key": ["id"], "columns": {"id": "id:integer"}, "items": "data", "paging": paging}
    options = {"base_url": "https://api.example.com", "endpoints": {"things": things}}
    return Way("rest", name, options, answer, said, part="things", **given)


def page_of(*ids: int, link: str = "", **fields: Any) -> Response:
    return respond({"data": [{"id": each} for each in ids], **fields}, link=link, url="https://api.example.com/things")


def growing(request: Request) -> Response:
    """Answer with a page that differs from all others and names the next one."""
    number = int(str(request.params.get("cursor", "0")))
    return page_of(number, next=str(number + 1))


CURSOR = {"style": "cursor_body", "next": "next", "param": "cursor"}
WAYS = [
    rest(
        "a link to another host",
        {"style": "link_header"},
        lambda _: page_of(1, link='<https://elsewhere.example/x?page=2>; rel="next"'),
        "leaves https://api.example.com",
    ),
    rest("a cursor that stays", CURSOR, lambda _: page_of(1, next="again"), "repeats the one before"),
    rest("a flag without a cursor", CURSOR | {"more": "more"}, lambda _: page_of(1, more=True), "names no next page"),
    rest(
        "a last item without the key to go on from",
        {"style": "keyset", "param": "after", "item": "created"},
        lambda _: page_of(1, 2),
        "has no created",
    ),
    rest(
        "fewer than the total",
        {"style": "page_number", "total": "total"},
        lambda request: page_of(*([1, 2] if request.params.get("page") == 1 else []), total=94),
        "the total says that there is more",
    ),
    rest("no end", CURSOR, growing, "still no end after 3 pages", patched={"sources.rest.config.paging.MAX_PAGES": 3}),
    github("a link to another host", linked("https://elsewhere.example/x?page=2"), "leaves https://api.github.com"),
    github("a link to the same page", linked(f"{GITHUB}/x?page=1"), "makes no progress"),
    github("a link that is no address", linked("https://[x"), "is no address"),
    github(
        "a page that repeats",
        CASES["github"].repeated,
        "repeats the page before",
    ),
    github(
        "an empty page that names a next one",
        lambda _: respond([], link=f'<{GITHUB}/x?page=2>; rel="next"'),
        "an empty page names a next one",
    ),
    github("no end", numbered, "still no end after 3 pages", patched={"sources.common.links.PAGE_CAP": 3}),
    github(
        "reviews without progress",
        CASES["github"].repeated,
        "makes no progress",
        only="reviews",
        part=f"{REPOSITORY}:reviews",
    ),
    github(
        "no GraphQL",
        lambda _: respond({}, 404),
        "this host has no GraphQL",
        only="reviews",
        part=f"{REPOSITORY}:reviews",
    ),
    github(
        "a tree that is too large", cut_tree, "too large", only="hygiene", part=f"{REPOSITORY}:hygiene", anonymous=True
    ),
    github(
        "files with errors", hygiene_with_errors, "something went wrong", only="hygiene", part=f"{REPOSITORY}:hygiene"
    ),
    Way(
        "gitlab",
        "a link to another host",
        {"groups": ["harbour"]},
        lambda _: respond([{"id": 1}], link='<https://elsewhere.example/x?page=2>; rel="next"'),
        f"leaves {GITLAB}",
        "projects harbour",
    ),
    Way(
        "gitlab",
        "a page that repeats",
        {"groups": ["harbour"]},
        CASES["gitlab"].repeated,
        "repeats the page before",
        "groups harbour",
    ),
    Way(
        "pr0gramm",
        "an empty page that is not the end",
        {"details": False},
        lambda request: respond({"atEnd": False, "items": [] if "older" in request.params else [{"id": 500}]}),
        "a page brings no items",
        "1-499",
    ),
    Way(
        "pr0gramm",
        "a page that repeats",
        {"details": False},
        lambda _: respond({"atEnd": False, "items": [{"id": 500}]}),
        "nothing below the page before",
        "1-499",
    ),
    Way("videos", "too many", VIDEOS, listing("most"), "was cut after 1 videos", CHANNEL),
    Way("videos", "a listing that repeats", VIDEOS, listing("repeats"), "over and over", CHANNEL),
    Way(
        "anime",
        "a bound of the distance that nobody wrote",
        {"ids": [1], "details": "none"},
        chain(60),
        "max_depth = 12 is reached",
        "id 1: relations",
    ),
    Way(
        "anime",
        "a bound of the entries that nobody wrote",
        {"ids": [1], "details": "none", "max_depth": 50},
        chain(60),
        "max_members = 50 is reached",
        "id 1: relations",
    ),
    Way(
        "videos",
        "a channel that is gone",
        VIDEOS,
        lambda _: respond({"message": "this channel does not exist"}, 404),
        "does not exist",
        CHANNEL,
        state=PartState.FAILED,
        detail="not there for 1 runs",
    ),
]


async def harvested(database: Database, source: Source, script: Callable[[Request], Response]) -> Harvest:
    harvest = prepare(database, fakes.job(source, FakeTransport(lambda request, _: script(request)), retries=0))
    await harvest.deck.run()
    return harvest


def made(name: str, options: Mapping[str, Any], folder: Path) -> Source:
    """Make a source. Its channel files are copies, because a delivery writes to them."""
    kind = MADE[name]
    if name == "videos":
        options = {**options, "channels_dir": str(shutil.copytree(FIXTURES / "videos/channels", folder / "channels"))}
    source: Source = kind(msgspec.convert(options, RestOptions if kind is Rest else kind.Options))
    return source


@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_a_cut_walk_is_cut_in_every_output(
    database: Database, way: Way, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in way.patched.items():
        monkeypatch.setattr(name, value)
    source = made(way.source, way.options, tmp_path)
    if way.anonymous and isinstance(source, GitHub):
        source, _ = source.without_secret()

    harvest = await harvested(database, source, way.answer)

    judge(harvest, source, said=way.said, part=way.part, state=way.state, detail=way.detail)


def ended(request: Request) -> Response:
    """Answer as pr0gramm does at the end of its stream; the fixtures are the same page for ever."""
    found = msgspec.json.decode(CASES["pr0gramm"].answer(request).body)
    return respond(found | {"atEnd": True})


@pytest.mark.parametrize("name", ["github", "gitlab", "pr0gramm", "videos", "anime"])
async def test_lists_that_end_are_whole(database: Database, name: str, tmp_path: Path) -> None:
    case = CASES[name]
    options = case.options | ({"clone": False} if name == "gitlab" else {})

    served = ended if name == "pr0gramm" else case.answer

    harvest = await harvested(database, made(name, options, tmp_path), served)

    deck = harvest.deck.snapshot()
    assert deck.groups[0].walks.whole
    assert str(deck.groups[0].walks).startswith("complete")
    assert exit_code(deck, interrupted=False) is Exit.COMPLETE


async def test_a_bound_that_somebody_wrote_is_no_cut(database: Database) -> None:
    options = {"ids": [1], "details": "none", "max_depth": 12}

    harvest = await harvested(database, Anime(msgspec.convert(options, Anime.Options)), chain(60))

    deck = harvest.deck.snapshot()
    assert (deck.groups[0].walks.bounded, deck.groups[0].walks.cut) == (1, 0)
    assert exit_code(deck, interrupted=False) is Exit.COMPLETE
