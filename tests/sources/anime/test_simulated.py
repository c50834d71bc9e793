"""The anime source against the built-in AniList and Jikan: what the simulator counts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from simulator.anime.world import MEMBERS, SPAN, AnimeWorld
from simulator.testing import Running, running
from sources.anime.options import AnimeOptions
from sources.anime.source import Anime
from tests.sources.fake_anilist import StoringDriver
from tests.sources.simulated import Asking

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Running]:
    with running() as server:
        yield server


@pytest.fixture
def asking(simulator: Running) -> Iterator[Asking]:
    simulator.reset("anilist")
    simulator.reset("jikan")
    asking = Asking({"anilist": simulator.base_url("anilist"), "jikan": simulator.base_url("jikan")})
    yield asking
    asking.close()


def play(asking: Asking, **options: Any) -> StoringDriver:
    driver = StoringDriver(Anime(AnimeOptions(**options)), asking)
    driver.run(NOW)
    return driver


@pytest.mark.parametrize("part", range(MEMBERS))
def test_a_franchise_of_fifteen_costs_at_most_four_requests_from_anywhere(
    simulator: Running, asking: Asking, part: int
) -> None:
    driver = play(asking, ids=(7 * SPAN + part + 1,), details="none")

    assert driver.table("franchise")[0]["members"] == MEMBERS
    assert simulator.stats("anilist")["requests"] <= 4
    assert simulator.stats("jikan")["requests"] == 0


def test_a_title_finds_a_franchise_in_one_request(simulator: Running, asking: Asking) -> None:
    driver = play(asking, titles=(AnimeWorld().name(5),), details="none")

    assert [row["id"] for row in driver.table("anime")] == AnimeWorld().members(5)
    assert simulator.stats("anilist")["requests"] == 1


def test_jikan_is_asked_for_gaps_only_and_not_again_before_they_expire(simulator: Running, asking: Asking) -> None:
    driver = play(asking, ids=(1,))
    first = simulator.stats("jikan")["requests"]

    driver.run(NOW)

    assert 0 < first < MEMBERS
    assert simulator.stats("jikan")["requests"] == first
    assert simulator.stats("anilist")["requests"] <= 4
    assert all(row["title_english"] for row in driver.table("anime") if row["id_mal"])
