"""What the AniList and Jikan look-alikes answer, and how they refuse."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import httpx2 as httpx
import msgspec
import pytest

from simulator.anime.world import COMMERCIAL, MEMBERS, SPAN, AnimeSizes, AnimeWorld
from simulator.config import real
from simulator.serving.service import Service
from tests.simulator.fakes import FakeClock, FakeWire, get, service

QUERY = "query ($ids: [Int]) { Page(page: 1, perPage: 50) { media(id_in: $ids, type: ANIME) { id } } }"
FOLLOWED = {"PREQUEL", "SEQUEL", "PARENT", "SIDE_STORY", "SUMMARY", "ALTERNATIVE", "SPIN_OFF"}


@pytest.fixture(scope="module")
def world() -> AnimeWorld:
    return AnimeWorld(1, sizes=AnimeSizes(franchises=40))


def ask(client: httpx.Client, query: str, variables: dict[str, Any]) -> httpx.Response:
    return client.post("/anilist/", json={"query": query, "variables": variables})


async def post(to: Service, variables: dict[str, Any]) -> FakeWire:
    body = msgspec.json.encode({"query": QUERY, "variables": variables})
    wire = _PostedWire(body)
    scope = {"method": "POST", "query_string": b"", "headers": [(b"host", b"127.0.0.1:1")]}
    await to.serve(wire, scope, "/")
    return wire


class _PostedWire(FakeWire):
    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._posted = content

    async def body(self) -> bytes:
        return self._posted


def reach(world: AnimeWorld, start: int, kinds: set[str]) -> set[int]:
    seen, queue = {start}, deque([start])
    while queue:
        show = world.show(queue.popleft())
        assert show
        for kind, other in world.relations(show):
            if kind in kinds and other.kind == "ANIME" and other.id not in seen:
                seen.add(other.id)
                queue.append(other.id)
    return seen


def test_a_franchise_has_fifteen_anime_wherever_it_is_entered(world: AnimeWorld) -> None:
    for start in (1, 3 * SPAN + 5, 7 * SPAN + 12, 7 * SPAN + 15):
        first = (start - 1) // SPAN
        assert reach(world, start, FOLLOWED) == set(world.members(first))
    assert len(world.members(0)) == MEMBERS


def test_a_shared_character_joins_all_franchises(world: AnimeWorld) -> None:
    assert len(reach(world, 1, FOLLOWED | {"CHARACTER"})) == 40 * (MEMBERS + 1)


def test_ids_between_franchises_are_nobody(world: AnimeWorld) -> None:
    assert [world.show(number) for number in (0, -1, COMMERCIAL + 1, SPAN, 40 * SPAN + 1)] == [None] * 5
    assert sum(1 for _ in world.shows()) == 40 * COMMERCIAL


def test_ids_that_do_not_exist_are_left_out(client: httpx.Client) -> None:
    answer = ask(client, QUERY, {"ids": [3, 1, 999_999, 16]}).json()

    assert [each["id"] for each in answer["data"]["Page"]["media"]] == [1, 3]


def test_a_full_page_lies_about_the_next_one(client: httpx.Client, world: AnimeWorld) -> None:
    ids = [number for franchise in range(4) for number in world.members(franchise)][:50]
    second = QUERY.replace("page: 1", "page: 2")

    pages = [ask(client, query, {"ids": ids}).json()["data"]["Page"] for query in (QUERY, second)]

    assert [(page["pageInfo"]["hasNextPage"], len(page["media"])) for page in pages] == [(True, 50), (False, 0)]


def test_a_title_comes_before_those_that_hold_it(client: httpx.Client, world: AnimeWorld) -> None:
    query = "query ($search: String) { Page(perPage: 5) { media(search: $search, type: ANIME) { id } } }"

    media = ask(client, query, {"search": world.name(3).upper()}).json()["data"]["Page"]["media"]

    assert [each["id"] for each in media] == [3 * SPAN + place for place in range(1, 6)]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b'{"query":"{Page}","variables":{}}', 400),
        (b'{"query":"{Media}","variables":{"id":999999}}', 404),
        (b'{"query":"{Media}","variables":{"id":1}}', 200),
    ],
)
def test_errors_come_with_their_status(client: httpx.Client, body: bytes, status: int) -> None:
    answer = client.post("/anilist/", content=body)

    assert answer.status_code == status
    assert ("errors" in answer.json()) is (status != 200)
    assert client.get("/anilist/").status_code == 404


async def test_anilist_refuses_the_31st_for_a_minute_while_its_headers_speak_of_90() -> None:
    clock = FakeClock()
    anilist = service(real().api("anilist"), clock)
    anilist.capacity = replace(anilist.capacity, latency=0.0, delay=0.0)

    answers = [await post(anilist, {"ids": [1]}) for _ in range(31)]
    clock.now += 59
    still = await post(anilist, {"ids": [1]})
    clock.now += 2
    again = await post(anilist, {"ids": [1]})

    assert [answer.status for answer in answers] == [200] * 30 + [429]
    assert (answers[29].headers["x-ratelimit-limit"], answers[29].headers["x-ratelimit-remaining"]) == ("90", "60")
    assert answers[30].headers["retry-after"] == "60"
    assert not any(name.startswith("x-ratelimit") for name in answers[30].headers)
    assert (still.status, again.status) == (429, 200)


async def _jikan(times: Sequence[float]) -> list[FakeWire]:
    clock = FakeClock()
    jikan = service(real().api("jikan"), clock)
    jikan.capacity = replace(jikan.capacity, latency=0.0, delay=0.0)
    answers = []
    for wait in times:
        clock.now += wait
        answers.append(await get(jikan, "/v4/anime/30002"))
    return answers


async def test_jikan_refuses_the_fourth_of_a_second_and_says_nothing_of_limits() -> None:
    answers = await _jikan([0, 0, 0, 0])

    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert msgspec.json.decode(answers[3].content)["status"] == "429"
    assert not any("limit" in name or name == "retry-after" for answer in answers for name in answer.headers)


async def test_jikan_refuses_the_61st_of_a_minute() -> None:
    answers = await _jikan([0.9] * 61)

    assert [answer.status for answer in answers] == [200] * 60 + [429]


def test_jikan_says_that_there_are_more_episodes_where_there_are_none(client: httpx.Client) -> None:
    answer = client.get("/jikan/v4/anime/30002/episodes").json()

    assert answer["pagination"] == {"last_visible_page": 1, "has_next_page": True}
    assert answer["data"]


def test_jikan_keeps_copies_until_they_expire(client: httpx.Client, world: AnimeWorld) -> None:
    shows = [show for show in world.shows() if show.kind == "ANIME" and show.mal]

    states = {client.get(f"/jikan/v4/anime/{show.mal}").headers["x-cache-status"] for show in shows[:30]}

    assert states == {"HIT", "STALE"}
    assert client.get("/jikan/v4/anime/7").json() == {
        "status": 404, "type": "HttpException", "message": "Not Found", "error": None,
    }  # fmt: skip
