"""What the videos source says of a run before it begins."""

from pathlib import Path

import pytest

from engine.common.errors import UsageError
from engine.model.capabilities import Estimator
from engine.model.source import Memory
from sources.videos.options import VideosOptions
from sources.videos.requests import list_lane
from sources.videos.source import Videos
from tests.sources.driver import STARTED, Driver, fixture, respond
from tests.sources.planning import asked, naive, planned, probed, within

SITE = "https://videos.example.org"
LANE = "feed videos.example.org"
SITE_LISTS, OTHER_LISTS = list_lane(SITE), list_lane("https://www.youtube.com")


@pytest.fixture
def driver(tmp_path: Path) -> Driver:
    """Two channels with a feed and one without."""
    for name, link in (("a", f"{SITE}/a.xml"), ("b", f"{SITE}/b.xml"), ("c", "https://www.youtube.com/@c")):
        (tmp_path / f"{name}.toml").write_text(f'link = "{link}"\ntarget_folder = "t"\n', encoding="utf-8")
    source = Videos(VideosOptions(channels_dir=str(tmp_path)))
    listing, feed = respond(fixture("videos/listing.json")), respond(fixture("videos/feed.xml"))
    return Driver(source, lambda request: listing if request.via == "yt-dlp" else feed)


def test_a_first_run_looks_at_every_feed_and_lists_every_channel(driver: Driver) -> None:
    estimates = planned(driver)
    driver.run()

    assert within(estimates, LANE) == (2, 2) == (asked(driver, LANE), 2)
    assert within(estimates, SITE_LISTS) == (2, 2) == (asked(driver, SITE_LISTS), 2)
    assert within(estimates, OTHER_LISTS) == (1, 1) == (asked(driver, OTHER_LISTS), 1)
    assert naive(estimates, SITE_LISTS) + naive(estimates, OTHER_LISTS) == 3
    assert probed(driver) == 0


def test_a_later_run_lists_surely_only_what_has_no_feed(driver: Driver) -> None:
    driver.run()

    estimates = planned(driver)
    driver.run()

    assert within(estimates, SITE_LISTS) == (0, 2)
    assert within(estimates, OTHER_LISTS) == (1, 1)
    assert (asked(driver, SITE_LISTS), asked(driver, OTHER_LISTS)) == (0, 1)
    why = next(each.why for each in estimates if each.resource == SITE_LISTS)
    assert "0 of 2 channels surely, 2 only where the feed names something new" in why
    assert within(planned(driver, full=True), SITE_LISTS) == (2, 2)


def test_how_long_a_listing_takes_is_unknown_and_said(driver: Driver) -> None:
    *_, listings = planned(driver)

    assert not listings.timed
    assert "which nobody tells beforehand" in listings.why


def test_without_channels_there_is_nothing_to_estimate() -> None:
    source = Videos(VideosOptions())

    assert isinstance(source, Estimator)
    with pytest.raises(UsageError, match="set channels_dir"):
        source.estimate(Memory(started=STARTED), {})
