"""Addresses on the command line of `fetchdeck run`."""

import json
from pathlib import Path

import pytest

from simulator.config import quiet
from simulator.testing import running
from sources.anime.source import Anime
from sources.github.source import GitHub
from sources.gitlab.source import GitLab
from sources.videos.web_address import channel_of
from tests.api_server import Answer, Asked, serving
from tests.tui.command import complaint, fetchdeck


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("https://github.com/psf", {"orgs": ["psf"], "users": [], "repos": []}),
        ("github.com/orgs/psf/repositories", {"orgs": ["psf"], "users": [], "repos": []}),
        ("https://www.github.com/psf/black/issues?q=x", {"orgs": [], "users": [], "repos": ["psf/black"]}),
        ("https://github.com/psf/black.git", {"orgs": [], "users": [], "repos": ["psf/black"]}),
        ("https://github.com/topics/python", None),
        ("https://github.com", None),
        ("https://api.github.com/orgs/psf/repos", None),
        ("https://github.com.evil.example/psf", None),
        ("https://github.com/a%20b", None),
    ],
)
def test_a_page_of_github_is_an_owner_or_a_repository(url: str, options: object) -> None:
    assert GitHub.from_url(url) == options


@pytest.mark.parametrize(
    ("url", "groups"),
    [
        ("https://gitlab.com/gnome", ["gnome"]),
        ("gitlab.com/groups/gnome/apps/-/issues", ["gnome/apps"]),
        ("https://gitlab.com/gnome/gtk/-/tree/main", ["gnome/gtk"]),
        ("https://gitlab.com/api/v4/projects", None),
        ("https://gitlab.example/gnome", None),
    ],
)
def test_a_page_of_gitlab_is_a_group(url: str, groups: list[str] | None) -> None:
    assert GitLab.from_url(url) == (None if groups is None else {"groups": groups, "users": []})


def test_a_page_of_anilist_is_a_franchise_and_one_of_myanimelist_is_refused_with_a_way_out(tmp_path: Path) -> None:
    assert Anime.from_url("https://anilist.co/anime/457/Mushishi/") == {"ids": [457], "titles": []}
    assert Anime.from_url("https://anilist.co/user/ann") is None
    assert "paste that address" in complaint(fetchdeck(tmp_path, "run", "myanimelist.net/anime/457"))


@pytest.mark.parametrize(
    ("url", "channel"),
    [
        ("https://www.youtube.com/@Name/videos", ("https://www.youtube.com/@Name", "name")),
        ("youtube.com/channel/UC-x_1", ("https://www.youtube.com/channel/UC-x_1", "uc-x-1")),
        ("https://m.youtube.com/playlist?list=PL1", ("https://www.youtube.com/playlist?list=PL1", "pl1")),
        ("https://www.youtube.com/watch?v=1", None),
        ("https://vimeo.example/@Name", None),
    ],
)
def test_a_channel_becomes_a_channel_file(url: str, channel: object) -> None:
    assert channel_of(url) == channel


def test_an_organisation_is_harvested_by_its_address(tmp_path: Path) -> None:
    with running(quiet()) as simulator:
        base = f"github.base_url={simulator.base_url('github')}"
        ended = fetchdeck(
            tmp_path, "run", "github.com/aurora", "--set", base, "--headless", "--json", "--limit", "3", "--no-hygiene"
        )

    assert list(json.loads(ended.stdout)["sources"]) == ["github"]


def books(asked: Asked) -> Answer:
    if asked.query.get("token") != "s3cret9":
        return Answer(status=401, body={})
    start = int(asked.query.get("offset", "0"))
    following = {"next": f"/v1/books?offset={start + 10}&token=s3cret9"} if start < 20 else {"next": None}
    return Answer(body={"results": [{"id": start + number} for number in range(10)], **following})


def test_any_other_address_is_asked_once_and_harvested_without_a_configuration(tmp_path: Path) -> None:
    with serving(books) as api:
        ended = fetchdeck(tmp_path, "run", f"{api.url}/v1/books?token=s3cret9", "--headless", "--json")

    assert json.loads(ended.stdout)["sources"]["api"]["rows"] == {"api_books": 30}, ended
    assert ended.returncode == 0
    assert not (tmp_path / ".config").exists()
    assert "guessed: " in ended.stderr
    assert 'key = ["id"]' in ended.stderr
    assert "s3cret9" not in ended.stdout + ended.stderr
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files
    assert not any(b"s3cret9" in file.read_bytes() for file in files)


def test_a_source_that_the_file_has_is_run_by_its_name(tmp_path: Path) -> None:
    with serving(books) as api:
        address = f"{api.url}/v1/books?token=s3cret9"
        fetchdeck(tmp_path, "init", address)
        line = complaint(fetchdeck(tmp_path, "run", address, "--headless"))

    assert line.endswith("run it by its name, as in `fetchdeck run api`")


def test_an_address_that_cannot_be_harvested_is_one_line(tmp_path: Path) -> None:
    with serving(lambda _: Answer(body=b"<p>")) as api:
        line = complaint(fetchdeck(tmp_path, "run", f"{api.url}/x", "--headless"))

    assert "has no items in JSON, JSON Lines, CSV or XML" in line
