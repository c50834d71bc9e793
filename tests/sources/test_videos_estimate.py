"""What the videos source says of a run before it begins."""

from pathlib import Path

import pytest

from engine.errors import UsageError
from engine.source import Estimator, Memory
from sources.videos import Videos
from sources.videos_options import VideosOptions
from tests.sources.driver import STARTED, Driver, fixture, respond
from tests.sources.planning import asked, naive, planned, probed, within

SITE = "https://videos.example.org"
LANE = "feed videos.example.org"


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
    assert within(estimates, "list") == (3, 3) == (asked(driver, "list"), 3)
    assert naive(estimates, "list") == 3
    assert probed(driver) == 0


def test_a_later_run_lists_surely_only_what_has_no_feed(driver: Driver) -> None:
    driver.run()

    estimates = planned(driver)
    driver.run()

    assert within(estimates, "list") == (1, 3)
    assert asked(driver, "list") == 1
    assert "1 of 3 channels surely, 2 only where the feed names something new" in estimates[-1].why
    assert within(planned(driver, full=True), "list") == (3, 3)


def test_how_long_a_listing_takes_is_unknown_and_said(driver: Driver) -> None:
    *_, listings = planned(driver)

    assert not listings.timed
    assert "which nobody tells beforehand" in listings.why


def test_without_channels_there_is_nothing_to_estimate() -> None:
    source = Videos(VideosOptions())

    assert isinstance(source, Estimator)
    with pytest.raises(UsageError, match="set channels_dir"):
        source.estimate(Memory(started=STARTED), {})
