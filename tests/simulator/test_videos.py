"""The look-alike of a video site, as a feed reader and as yt-dlp see it."""

from xml.etree import ElementTree as ET

import httpx2 as httpx
import pytest

from simulator.config import quiet
from simulator.testing import Running
from simulator.videos.feed import rss
from simulator.videos.world import VideoSizes, VideoWorld


@pytest.fixture(scope="module")
def world() -> VideoWorld:
    return VideoWorld(1, sizes=quiet().api("videos").sizes)


def guids(body: bytes) -> list[str]:
    return [item.findtext("guid") or "" for item in ET.fromstring(body).iterfind("./channel/item")]


def test_every_channel_has_a_feed_of_all_its_videos_newest_first(client: httpx.Client, world: VideoWorld) -> None:
    channels = client.get("/videos/channels").json()

    assert [channel["name"] for channel in channels] == world.channels()
    for channel in channels:
        answer = client.get(channel["feed"])
        assert guids(answer.content) == [video.id for video in world.videos(channel["name"])]


def test_videos_have_ids_of_their_own_and_grow_older_downwards(world: VideoWorld) -> None:
    videos = [video for channel in world.channels() for video in world.videos(channel)]
    first = world.videos(world.channels()[0])

    assert len({video.id for video in videos}) == len(videos)
    assert [video.published for video in first] == sorted((video.published for video in first), reverse=True)


def test_hostile_titles_are_still_xml() -> None:
    world = VideoWorld(1, sizes=VideoSizes(channels=1, videos=2000))
    videos = world.videos(world.channels()[0])

    feed = rss("tech", videos, "http://127.0.0.1/videos")

    assert any("\x1b" in video.title for video in videos)
    assert guids(feed) == [video.id for video in videos]


def test_a_feed_is_conditional(client: httpx.Client, world: VideoWorld) -> None:
    address = f"/videos/feeds/{world.channels()[0]}.xml"
    etag = client.get(address).headers["etag"]

    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304


def test_a_channel_that_is_not_there_is_404_in_html(client: httpx.Client) -> None:
    answer = client.get("/videos/feeds/nobody.xml")

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


def test_the_same_seed_makes_the_same_site(simulator: Running, world: VideoWorld) -> None:
    again = VideoWorld(1, sizes=quiet().api("videos").sizes)

    assert again.videos(again.channels()[1]) == world.videos(world.channels()[1])
    assert VideoWorld(2).channels() != again.channels()
    assert simulator.base_url("videos") == f"{simulator.url}/videos"
