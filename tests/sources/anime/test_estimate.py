"""What the anime source says of a run before it begins, held against what it then asks for."""

from datetime import timedelta
from typing import Any

import pytest

from engine.model.source import Request, Response
from simulator.anime.world import MEMBERS, SPAN
from sources.anime.options import AnimeOptions
from sources.anime.source import Anime
from tests.sources.driver import STARTED
from tests.sources.fake_anilist import FakeAniList, Show, StoringDriver, chain
from tests.sources.look_alike import Simulated
from tests.sources.planning import asked, naive, planned, probed, within

SOON = STARTED + timedelta(minutes=5)
DAYS = STARTED + timedelta(days=3)


class Hosts:
    """AniList and Jikan together."""

    def __init__(self) -> None:
        self.anilist, self.jikan = Simulated("anilist"), Simulated("jikan")

    def __call__(self, request: Request) -> Response:
        return (self.jikan if request.resource == "jikan" else self.anilist)(request)


def _driver(**options: Any) -> StoringDriver:
    hosts = Hosts()
    addresses: dict[str, Any] = {"base_url": hosts.anilist.base_url, "jikan_url": hosts.jikan.base_url}
    return StoringDriver(Anime(AnimeOptions(**addresses, **options)), hosts)


@pytest.mark.parametrize("details", ["none", "missing", "all"])
@pytest.mark.parametrize("part", range(MEMBERS))
def test_a_franchise_nobody_knows_lies_between_a_request_and_its_caps(part: int, details: str) -> None:
    driver = _driver(ids=(7 * SPAN + part + 1,), details=details)

    estimates = planned(driver, STARTED)
    driver.run()

    for resource in ("anilist", "jikan"):
        low, high = within(estimates, resource)
        assert high is not None
        assert low <= asked(driver, resource) <= high
    assert estimates[0].naive_open
    assert "at most 50 entries each (max_members)" in estimates[0].why


@pytest.mark.parametrize("length", [1, 2, 13, 14, 40])
@pytest.mark.parametrize(("depth", "members"), [(12, 50), (3, 50), (50, 10), (50, 200)])
def test_no_walk_is_longer_than_the_caps_allow(length: int, depth: int, members: int) -> None:
    options = AnimeOptions(ids=(1,), details="none", max_depth=depth, max_members=members)
    driver = StoringDriver(Anime(options), chain(length))

    _, high = within(planned(driver, STARTED), "anilist")
    driver.run()

    assert high is not None
    assert asked(driver, "anilist") <= high


def test_a_franchise_with_many_at_each_step_stays_below_the_bound() -> None:
    stars = [(1, number, "SEQUEL") for number in range(2, 150)]
    driver = StoringDriver(
        Anime(AnimeOptions(ids=(1,), details="none", max_members=500)),
        FakeAniList([Show(number) for number in range(1, 150)], stars),
    )

    _, high = within(planned(driver, STARTED), "anilist")
    driver.run()

    assert high is not None
    assert asked(driver, "anilist") <= high


def test_nothing_is_asked_for_the_estimate() -> None:
    assert probed(_driver(ids=(1,))) == 0


def test_what_is_fresh_costs_nothing_and_a_plain_client_all_of_it() -> None:
    driver = _driver(ids=(1, 21))
    driver.run()

    estimates = planned(driver, SOON)
    driver.run(SOON)

    assert within(estimates, "anilist") == within(estimates, "jikan") == (0, 0)
    assert driver.sent == []
    assert naive(estimates, "anilist") == 2 * MEMBERS
    assert "2 known with 30 entries; all of them fresh" in estimates[0].why


@pytest.mark.parametrize("later", [STARTED + timedelta(hours=8), DAYS])
def test_what_has_grown_old_is_counted_by_its_members(later: Any) -> None:
    driver = _driver(ids=(1,))
    driver.run()

    estimates = planned(driver, later)
    driver.run(later)

    for resource in ("anilist", "jikan"):
        low, high = within(estimates, resource)
        assert high is not None
        assert low <= asked(driver, resource) <= high
    assert not estimates[0].naive_open


def test_a_full_run_asks_as_if_nothing_were_fresh() -> None:
    driver = _driver(ids=(1,))
    driver.run()

    low, high = within(planned(driver, SOON, full=True), "anilist")
    driver.run(SOON, full=True)

    assert high is not None
    assert 0 < low <= asked(driver, "anilist") <= high
