"""Whole runs of the videos source: the real engine, the real yt-dlp, a site on loopback, files on disk."""

import json
import sqlite3
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from engine.config.overrides import parse_override
from engine.config.settings import load_settings
from engine.model.events import Event, RequestFailed, RequestLanded
from engine.model.snapshot import DeckState, State
from simulator.config import quiet
from simulator.testing import running
from simulator.videos.world import VideoWorld
from tests.sources.video_site import VideoSite, video_site
from tui.cli.subcommands.demo_channels import write_channels
from tui.wiring.builder import RunOptions, Wiring
from tui.wiring.registry import GROUP, Registry

pytest.importorskip("yt_dlp", reason="needs the extra `videos`")

COMMENTED = """\
# Best channel ever
link = "{link}"   # its feed
target_folder = 'Tech Stuff'  # below /media

# how far we are
last_download_index = 0
last_video = ""

[mine]
rating = 5 # stars
"""


@pytest.fixture
def site() -> Iterator[VideoSite]:
    with video_site() as opened:
        opened.channels["tech"] = [("ep-3", "Third"), ("ep-2", "Second"), ("ep-1", "First")]
        yield opened


class Desk:
    """A person's folders and one database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.channels = folder / "channels"
        self.queue = folder / "queue"
        self.channels.mkdir()
        self.events: list[Event] = []

    def channel(self, name: str, text: str) -> Path:
        file = self.channels / f"{name}.toml"
        file.write_text(text, encoding="utf-8")
        return file

    def run(self, *extra: str, full: bool = False, limit: int | None = None) -> DeckState:
        """Harvest to the end."""
        given = [f"videos.channels_dir={self.channels}", f"videos.link_queue_dir={self.queue}", *extra]
        self.events = []
        wiring = Wiring(
            settings=load_settings(self.folder / "config.toml", overrides=map(parse_override, given)),
            registry=Registry([EntryPoint("videos", "sources.videos.source:Videos", GROUP)]),
            environ={},
            version="1",
            database=self.folder / "harvest.db",
            run_options=RunOptions(full=full, tuning={} if limit is None else {"limit": limit}),
        )
        engine = wiring.engine(["videos"], self.events.append)
        engine.start()
        assert engine.wait(60)
        return engine.snapshot()

    def links(self) -> dict[str, Any]:
        return {file.name: json.loads(file.read_text(encoding="utf-8")) for file in self.queue.glob("*.link")}

    def clear(self) -> None:
        """Do as the downloader does."""
        for file in self.queue.glob("*.link"):
            file.unlink()

    def rows(self, query: str) -> list[Any]:
        with sqlite3.connect(self.folder / "harvest.db") as db:
            return db.execute(query).fetchall()

    def failures(self) -> list[str]:
        return [event.reason for event in self.events if isinstance(event, RequestFailed)]

    def notes(self) -> list[str]:
        return [event.note for event in self.events if isinstance(event, RequestLanded) and event.note]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def simple(site: VideoSite, name: str = "tech", **values: object) -> str:
    lines = [f'link = "{site.address}/{name}.xml"', f'target_folder = "{name}"']
    return "\n".join([*lines, *(f"{key} = {json.dumps(value)}" for key, value in values.items())]) + "\n"


def test_new_videos_become_rows_link_files_and_progress(site: VideoSite, desk: Desk) -> None:
    file = desk.channel("tech", simple(site, max_height=720))

    deck = desk.run()

    assert deck.groups[0].state is State.DONE
    assert desk.rows("select id, channel, my_index from videos_video order by my_index") == [
        ("ep-1", "tech.toml", 1),
        ("ep-2", "tech.toml", 2),
        ("ep-3", "tech.toml", 3),
    ]
    assert set(desk.links()) == {"ep-1.link", "ep-2.link", "ep-3.link"}
    entry = desk.links()["ep-3.link"]
    assert (entry["id"], entry["my_index"], entry["my_title"]) == ("ep-3", 3, "0003 Third")
    assert (entry["max_height"], entry["cookies_file"], entry["target_folder"]) == (720, None, "tech")
    assert entry["url"] == f"{site.address}/media/0.mp4"
    progress = tomllib.loads(file.read_text(encoding="utf-8"))
    assert (progress["last_download_index"], progress["last_video"]) == (3, "ep-3")
    assert "3 new videos" in desk.notes()


def test_the_persons_comments_and_keys_survive_the_write_back(site: VideoSite, desk: Desk) -> None:
    file = desk.channel("tech", COMMENTED.format(link=f"{site.address}/tech.xml"))
    file.chmod(0o640)
    before = file.read_text(encoding="utf-8")

    desk.run()

    expected = before.replace("last_download_index = 0", "last_download_index = 3")
    assert file.read_text(encoding="utf-8") == expected.replace('last_video = ""', 'last_video = "ep-3"')
    assert file.stat().st_mode & 0o777 == 0o640


def test_the_second_run_costs_one_conditional_request_a_channel(site: VideoSite, desk: Desk) -> None:
    desk.channel("tech", simple(site))
    desk.run()
    desk.clear()
    listed = site.count("yt-dlp")

    deck = desk.run()

    assert site.count("yt-dlp") == listed
    assert site.count("fetchdeck", 304) == 1
    assert deck.groups[0].avoided == 1
    assert desk.links() == {}


def test_a_later_run_queues_the_new_ones_alone_and_never_one_twice(site: VideoSite, desk: Desk) -> None:
    file = desk.channel("tech", simple(site))
    desk.run()
    desk.clear()
    site.channels["tech"][:0] = [("ep-5", "Fifth"), ("ep-4", "Fourth")]

    desk.run()
    after_news = set(desk.links())
    desk.clear()
    desk.run()

    assert after_news == {"ep-4.link", "ep-5.link"}
    assert desk.links() == {}
    progress = tomllib.loads(file.read_text(encoding="utf-8"))
    assert (progress["last_download_index"], progress["last_video"]) == (5, "ep-5")


def test_a_full_run_reads_everything_and_changes_nothing(site: VideoSite, desk: Desk) -> None:
    desk.channel("tech", simple(site))
    desk.run()
    desk.clear()
    before = desk.rows("select * from videos_video order by id")
    listed = site.count("yt-dlp")

    desk.run(full=True)

    assert site.count("yt-dlp") > listed
    assert desk.rows("select * from videos_video order by id") == before
    assert desk.links() == {}


def test_one_at_a_time_and_many_at_a_time_give_the_same_rows(site: VideoSite, tmp_path: Path) -> None:
    desks = []
    for workers in (1, 5):
        folder = tmp_path / str(workers)
        folder.mkdir()
        one = Desk(folder)
        for number in range(6):
            site.channels[f"c{number}"] = [(f"{number}-{each}", f"T {each}") for each in range(4)]
            one.channel(f"c{number}", simple(site, f"c{number}"))
        one.run(f"videos.workers={workers}")
        desks.append(one)

    query = "select channel, id, my_index, my_title, title, url, raw from videos_video order by channel, id"
    assert desks[0].rows(query) == desks[1].rows(query)
    assert len(desks[0].rows(query)) == 24


def test_a_run_broken_off_anywhere_gives_the_same_rows_and_links(site: VideoSite, tmp_path: Path) -> None:
    query = "select channel, id, my_index, my_title, title, raw from videos_video order by channel, id"
    found = []
    for limit in (None, 1, 3):
        folder = tmp_path / str(limit)
        folder.mkdir()
        one = Desk(folder)
        for number in range(3):
            site.channels[f"c{number}"] = [(f"{number}-{each}", f"T {each}") for each in range(4)]
            one.channel(f"c{number}", simple(site, f"c{number}"))
        while one.run(limit=limit).groups[0].state is not State.DONE:
            pass
        found.append((one.rows(query), sorted(one.links())))

    assert found[0] == found[1] == found[2]
    assert len(found[0][1]) == 12


def test_progress_of_an_earlier_program_is_taken_over(site: VideoSite, desk: Desk) -> None:
    file = desk.channel("tech", simple(site, last_download_index=57, last_video="ep-2"))

    desk.run()

    assert {name: entry["my_index"] for name, entry in desk.links().items()} == {"ep-3.link": 58}
    assert tomllib.loads(file.read_text(encoding="utf-8"))["last_download_index"] == 58


def test_a_crash_between_landing_and_write_back_is_made_up_for(site: VideoSite, desk: Desk) -> None:
    file = desk.channel("tech", simple(site))
    untouched = file.read_text(encoding="utf-8")
    desk.run()
    desk.clear()
    file.write_text(untouched, encoding="utf-8")  # as if the process had died after the commit

    desk.run()

    assert set(desk.links()) == {"ep-1.link", "ep-2.link", "ep-3.link"}
    assert tomllib.loads(file.read_text(encoding="utf-8"))["last_download_index"] == 3
    assert site.count("yt-dlp") == 1


def test_a_broken_channel_file_is_set_aside_with_one_line_and_costs_no_other(site: VideoSite, desk: Desk) -> None:
    desk.channel("tech", simple(site))
    broken = desk.channel("oops", 'link = "https://example.org"\n')

    deck = desk.run()
    first = desk.failures()
    desk.run()

    assert deck.groups[0].state is State.DONE
    assert first == ["oops.toml: target_folder is missing; it is now oops.toml.broken: put it right and name it back"]
    assert not broken.exists()
    assert desk.failures() == []
    assert len(desk.rows("select * from videos_video")) == 3


def test_a_channel_that_is_gone_is_set_aside_after_three_runs(site: VideoSite, desk: Desk) -> None:
    desk.channel("tech", simple(site))
    file = desk.channel("lost", simple(site, "lost"))

    for _ in range(2):
        desk.run()
    there_after_two = file.exists()
    desk.run()

    assert there_after_two
    assert not file.exists()
    assert file.with_name("lost.toml.broken").exists()
    assert any("lost.toml" in line and "is gone" in line for line in desk.failures())


def test_hostile_ids_and_titles_stay_inside_the_queue(site: VideoSite, desk: Desk) -> None:
    site.channels["tech"] = [
        ("../../../etc/passwd", "../../x"),
        ("/absolute/path/of/a/video/one", "\x7f\u202egnp.exe"),
        ("/absolute/path/of/a/video/two", "a" * 1000),
        ("..", "[bold]x[/bold]"),
    ]
    desk.channel("tech", simple(site))

    desk.run()

    inside = sorted(str(file.relative_to(desk.folder)) for file in desk.folder.rglob("*.link"))
    assert len(inside) == 4
    assert all(name.startswith("queue/") and "/" not in name.removeprefix("queue/") for name in inside)
    titles = [entry["my_title"] for entry in desk.links().values()]
    assert not any("/" in title or "\u202e" in title or len(title.encode()) > 160 for title in titles)


def test_a_site_that_says_slow_down_is_asked_again_when_it_said(site: VideoSite, desk: Desk) -> None:
    def once(opened: VideoSite) -> tuple[int, dict[str, str], bytes]:
        del opened.scripts["/tech.xml"]
        return 429, {"Retry-After": "1"}, b""

    site.scripts["/tech.xml"] = once
    desk.channel("tech", simple(site))

    deck = desk.run()

    assert deck.groups[0].throttled == 1
    assert deck.groups[0].failed == 0
    assert len(desk.links()) == 3


def test_the_queue_that_cannot_be_written_is_one_line_and_loses_nothing(site: VideoSite, desk: Desk) -> None:
    desk.channel("tech", simple(site))
    desk.queue.write_text("a file where a folder should be", encoding="utf-8")

    desk.run()
    told = desk.failures()
    desk.queue.unlink()
    desk.run()

    assert len(told) == 1
    assert "tech.toml: its new videos cannot be delivered" in told[0]
    assert len(desk.links()) == 3


def test_the_simulated_site_is_harvested_whole_and_then_nearly_for_nothing(desk: Desk) -> None:
    with running(quiet(apis=["videos"])) as simulator:
        write_channels(simulator.base_url("videos"), desk.channels)
        desk.run()
        rows = desk.rows("select count(*) from videos_video")[0][0]
        first = simulator.stats("videos")
        desk.run()
        second = simulator.stats("videos")

    world = VideoWorld(1, sizes=quiet().api("videos").sizes)
    assert rows == sum(world.count(channel) for channel in world.channels())
    assert second["requests"] - first["requests"] == len(world.channels())
    assert second["unchanged"] == len(world.channels())
