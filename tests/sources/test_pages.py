"""Every request for a page of a list says which one it is: what an export of raw records tells of each row."""

from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
import pytest

from engine.model.source import Request, Source
from sources.anime.options import AnimeOptions
from sources.anime.source import Anime
from sources.github.options import GitHubOptions
from sources.github.source import GitHub
from sources.gitlab.options import GitLabOptions
from sources.gitlab.source import GitLab
from sources.pr0gramm.options import Pr0grammOptions
from sources.pr0gramm.source import Pr0gramm
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests.sources.driver import Driver, respond
from tests.sources.fake_anilist import FakeAniList, Show
from tests.sources.look_alike import Simulated


def pages(source: Source, answer: Any) -> dict[str, list[int | str | None]]:
    """Harvest, and return the pages that were asked for, by route."""
    driver = Driver(source, answer)
    driver.run()
    found: dict[str, list[int | str | None]] = {}
    for request in driver.sent:
        found.setdefault(request.route, []).append(request.page)
    return found


def test_github_numbers_its_lists_by_rest_and_by_graphql() -> None:
    server = Simulated("github", sizes={"orgs": 1, "repos": 2, "pulls": 250, "spread": 0.0})
    options = GitHubOptions(base_url=server.base_url, orgs=("aurora",), since=date(1970, 1, 1), forks=True)

    found = pages(GitHub(options), server)

    assert set(found["/repos/{owner}/{repo}/pulls"]) >= {1, 2}
    assert set(found["/graphql reviews"]) >= {1, 2}
    assert set(found["/graphql hygiene"]) == {None}


def test_gitlab_numbers_the_pages_it_asks_for_together() -> None:
    def answer(request: Request) -> Any:
        start = int(str(request.params.get("page", 1))) * 1000
        projects = [{"id": start + number, "path_with_namespace": f"a/p{number}"} for number in range(100)]
        if request.route == "/groups/{id}/projects":
            return replace(respond(projects), headers={"x-total-pages": "3"})
        return respond({"id": 1} if request.route == "/groups/{id}" else [])

    found = pages(GitLab(GitLabOptions(groups=("a",))), answer)

    assert sorted(found["/groups/{id}/projects"], key=str) == [1, 2, 3]
    assert found["/groups/{id}"] == [None]


def test_pr0gramm_names_the_id_a_page_begins_below() -> None:
    def answer(request: Request) -> Any:
        if request.url == "/items/info":
            return respond({"tags": [], "comments": []})
        older = int(str(request.params.get("older", 10)))
        return respond({"atEnd": older <= 7, "items": [{"id": older - 1}, {"id": older - 2}]})

    found = pages(Pr0gramm(Pr0grammOptions()), answer)

    assert found["/items/get"] == ["newest", 8, 6]
    assert set(found["/items/info"]) == {None}


def test_anime_numbers_the_batches_of_a_franchise() -> None:
    chain = FakeAniList(
        [Show(number, idMal=number) for number in range(1, 6)],
        [(number, number + 1, "SEQUEL") for number in range(1, 5)],
    )

    found = pages(Anime(AnimeOptions(ids=(1,), details="all")), chain)

    assert found["Page.media(id_in)"] == list(range(1, len(found["Page.media(id_in)"]) + 1))
    assert len(found["Page.media(id_in)"]) > 1
    assert set(found["/anime/{id}"]) == {None}


@pytest.mark.parametrize(
    ("paging", "asked"),
    [
        ({"style": "page_number", "size": 2}, [1, 2, 3, 4]),
        ({"style": "page_number", "size": 2, "start": 0}, [0, 1, 2, 3]),
        ({"style": "offset", "size": 2}, [0, 2, 4, 6]),
        ({"style": "keyset", "param": "after", "item": "id", "size": 2}, [1, 2, 4, 5]),
        ({"style": "cursor_body", "next": "next", "param": "cursor"}, [1, "c2", "c4"]),
        ({"style": "link_header"}, [1, 2, 3]),
        ({"style": "none"}, [None]),
    ],
)
def test_rest_says_a_page_as_its_api_does(paging: dict[str, Any], asked: list[int | str | None]) -> None:
    endpoint = {"path": "/things", "key": ["id"], "columns": {"id": "id:integer"}, "items": "items", "paging": paging}
    options = msgspec.convert({"base_url": "https://api.test", "endpoints": {"things": endpoint}}, RestOptions)
    served: list[Request] = []

    def answer(request: Request) -> Any:
        served.append(request)
        first = 2 * len(served)
        items = [{"id": first - 1}, {"id": first}] if len(served) < 3 else [{"id": 5}] if len(served) == 3 else []
        link = f'<https://api.test/things?page={len(served) + 1}>; rel="next"' if len(served) < 3 else ""
        return respond({"items": items, "next": f"c{first}" if len(served) < 3 else None}, link=link)

    assert pages(Rest(options), answer)["/things"] == asked
