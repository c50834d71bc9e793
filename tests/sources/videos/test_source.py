"""The decisions of the videos source: where a feed is, what is new, which number it gets, when to stop."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.common.errors import BadBody, LaneError, SourceError, UsageError
from engine.model.source import Memory, Page, Request, Response
from engine.model.ytdlp import Refusal, listing_of
from engine.pacing.retry import allowed_retries
from sources.common.json_values import Row
from sources.videos.channels import Broken, Channel, read_channel, read_channels
from sources.videos.feed import feed_of, ids_in
from sources.videos.options import VideosOptions
from sources.videos.rows import Before, file_title, news
from sources.videos.source import Videos
from tests.sources.driver import STARTED, fixture, respond

TECH = "https://www.youtube.com/@tech"
ID = "UC" + "x" * 22


def channel(link: str = TECH, **values: Any) -> Channel:
    return msgspec.convert({"link": link, "target_folder": "t", **values}, Channel)


def source(folder: Path, *, options: Mapping[str, Any] | None = None, **files: str) -> Videos:
    for name, link in files.items():
        (folder / f"{name}.toml").write_text(f'link = "{link}"\ntarget_folder = "t"\n', encoding="utf-8")
    return Videos(VideosOptions(channels_dir=str(folder), **(options or {})))


def memory(rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = None, **cursors: str) -> Memory:
    """Remember rows by table and cursors by name, with `__` for a space."""

    def look(table: str, keys: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], Mapping[str, Any]]:
        names = ("path",) if table == "channel" else ("channel", "id")
        there = {tuple(row[name] for name in names): row for row in (rows or {}).get(table, ())}
        return {key: there[key] for key in keys if key in there}

    return Memory(
        started=STARTED, rows=look, cursors={name.replace("__", " "): value for name, value in cursors.items()}
    )


def entries(*ids: str) -> dict[str, Row]:
    return {id: Row(b"{}", {"id": id, "title": id.upper(), "url": f"https://x.test/{id}"}) for id in ids}


def before(*, listed: bool = True, last_index: int = 0, last_video: str = "", known: Sequence[str] = ()) -> Before:
    rows = {id: {"my_index": place, "my_title": f"{place} {id}"} for place, id in enumerate(known, start=1)}
    return Before(listed=listed, last_index=last_index, last_video=last_video, known=rows)


def numbers(found: Any) -> dict[str, int | None]:
    return {record.data["id"]: record.data["my_index"] for record in found.records}


def ask(made: Videos, remembered: Memory, answer: Response) -> tuple[Request, Page]:
    request = next(iter(made.seed(remembered)))
    return request, made.parse(request, answer, remembered)


def refused(status: int, problem: str = "refused") -> Response:
    return respond(msgspec.to_builtins(Refusal(message="no", problem=problem)), status=status)  # type: ignore[arg-type]  # parametrized


def test_the_newest_has_the_highest_number_so_progress_never_ends_at_the_oldest() -> None:
    found = news("t.toml", entries("a", "b", "c"), before())

    assert numbers(found) == {"a": 1, "b": 2, "c": 3}
    assert (found.last_index, found.last_video, found.new) == (3, "c", 3)


def test_known_videos_keep_their_numbers_and_only_new_ones_get_one() -> None:
    found = news("t.toml", entries("a", "b", "x", "c"), before(last_index=3, known=("a", "b", "c"), last_video="c"))

    assert numbers(found) == {"a": 1, "b": 2, "x": 4, "c": 3}
    assert (found.new, found.last_index) == (1, 4)


def test_nothing_new_leaves_the_progress_as_it_is() -> None:
    found = news("t.toml", entries("a", "b"), before(last_index=2, known=("a", "b"), last_video="b"))

    assert (found.new, found.last_index, found.last_video) == (0, 2, "b")


def test_an_earlier_programs_last_video_tells_what_is_new() -> None:
    found = news("t.toml", entries("a", "b", "c", "d"), before(listed=False, last_index=57, last_video="b"))

    assert numbers(found) == {"a": None, "b": None, "c": 58, "d": 59}
    assert not found.guessed


def test_without_that_video_its_number_tells_so_that_nothing_is_queued_twice() -> None:
    found = news("t.toml", entries("a", "b", "c", "d"), before(listed=False, last_index=3, last_video="deleted"))

    assert numbers(found) == {"a": None, "b": None, "c": None, "d": 4}
    assert found.guessed


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Plain", "0007 Plain"),
        ("../../etc/passwd", "0007 _.._etc_passwd"),
        ("a\x1b[31m\u202eb\u200bc\nd", "0007 a[31mbcd"),
        ("  x  ..", "0007 x"),
        ("", "0007"),
        ("é" * 200, "0007 " + "é" * 75),
    ],
)
def test_a_title_becomes_fit_for_a_file_name(title: str, expected: str) -> None:
    assert file_title(7, title) == expected


@pytest.mark.parametrize(
    ("link", "listed"),
    [
        (TECH, f"{TECH}/videos"),
        (f"{TECH}/", f"{TECH}/videos"),
        (f"{TECH}/shorts", f"{TECH}/shorts"),
        (f"https://youtube.com/channel/{ID}?x=1", f"https://youtube.com/channel/{ID}/videos"),
        ("@tech", f"{TECH}/videos"),
        ("https://example.org/@tech", "https://example.org/@tech"),
    ],
)
def test_of_a_youtube_channel_its_videos_are_listed(link: str, listed: str) -> None:
    assert channel(link).address("https://www.youtube.com") == listed


@pytest.mark.parametrize(
    ("link", "mode", "whole"),
    [
        (TECH, None, False),
        ("https://www.youtube.com/playlist?list=PL1", None, True),
        ("https://www.youtube.com/watch?v=1&list=PL1", None, True),
        ("https://www.youtube.com/playlist?list=PL1", "channel", False),
        (TECH, "playlist", True),
    ],
)
def test_a_playlist_is_read_whole(link: str, mode: str | None, whole: bool) -> None:
    assert channel(link, mode=mode).whole is whole


def test_youtubes_feed_is_known_once_the_channels_id_is() -> None:
    feed = f"https://www.youtube.com/feeds/videos.xml?channel_id={ID}"

    assert feed_of(channel(), f"{TECH}/videos", "") == ""
    assert feed_of(channel(), f"{TECH}/videos", ID) == feed
    assert feed_of(channel(), f"https://www.youtube.com/channel/{ID}/videos", "") == feed
    assert feed_of(channel(), f"{TECH}/videos", "UC/../evil") == ""
    assert feed_of(channel(mode="playlist"), f"{TECH}/videos", ID) == ""


@pytest.mark.parametrize("path", ["/feed.xml", "/podcast.rss", "/feed", "/feed/", "/a/rss"])
def test_a_link_that_looks_like_a_feed_is_one(path: str) -> None:
    assert feed_of(channel(), f"https://x.test{path}", "") == f"https://x.test{path}"


def test_the_channel_file_may_name_its_feed_or_have_none() -> None:
    assert feed_of(channel(feed="https://x.test/f"), "https://y.test/", "") == "https://x.test/f"
    assert feed_of(channel(feed=False), "https://y.test/feed.xml", "") == ""


def test_ids_of_rss_and_atom_feeds_are_those_of_yt_dlp() -> None:
    rss = (
        b"<rss><channel><item><guid>g</guid><enclosure url='https://x.test/1'/></item>"
        b"<item><enclosure url='https://x.test/2'/></item><item><link>https://x.test/3</link></item>"
        b"<item><guid>no address</guid></item></channel></rss>"
    )
    atom = (
        b'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:yt="http://www.youtube.com/xml/schemas/2015">'
        b"<entry><yt:videoId>abc</yt:videoId><id>yt:video:abc</id></entry><entry><id>urn:2</id></entry></feed>"
    )

    assert ids_in(rss) == ["g", "https://x.test/2", "https://x.test/3"]
    assert ids_in(atom) == ["abc", "urn:2"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>hi</body></html>",
        b"<rss><channel>",
        b"\xff\xfe<\x00r\x00",
        b'<?xml version="1.0" encoding="none"?><rss/>',
        b'<!DOCTYPE rss [<!ENTITY a "aaaa">]><rss><channel/></rss>',
    ],
)
def test_what_is_no_feed_is_none(body: bytes) -> None:
    assert ids_in(body) is None


def test_a_feed_that_names_nothing_new_spares_the_listing(tmp_path: Path) -> None:
    made = source(tmp_path, tech="https://x.test/feed.xml")
    rows = [{"channel": "tech.toml", "id": f"ep-{number}"} for number in (1, 2, 3)]
    remembered = memory({"video": rows}, **{"recent__tech.toml": '["ep-3"]'})

    request, page = ask(made, remembered, respond(fixture("videos/feed.xml")))

    assert request.conditional
    assert page.more == ()
    assert page.avoided[0].requests == 1


def test_a_feed_with_an_id_nobody_knows_leads_to_a_listing(tmp_path: Path) -> None:
    made = source(tmp_path, tech="https://x.test/feed.xml")
    rows = [{"channel": "tech.toml", "id": f"ep-{number}"} for number in (1, 2)]

    _, page = ask(
        made,
        memory({"video": rows}, **{"recent__tech.toml": '["ep-2","ep-1"]'}),
        respond(fixture("videos/feed.xml")),
    )

    listing = listing_of(page.more[0])
    assert (listing.known, listing.stop_after) == (("ep-2", "ep-1"), 3)
    assert page.more[0].context["missing"] == ["ep-3"]


def test_an_id_a_listing_did_not_bring_is_not_asked_for_for_ever(tmp_path: Path) -> None:
    made = source(tmp_path, tech="https://x.test/feed.xml")
    rows = [{"channel": "tech.toml", "id": f"ep-{number}"} for number in (1, 2)]
    cursors = {"recent__tech.toml": '["ep-2"]', "asked__tech.toml": '["ep-3"]'}

    _, page = ask(made, memory({"video": rows}, **cursors), respond(fixture("videos/feed.xml")))

    assert page.more == ()


@pytest.mark.parametrize("answer", [respond(b"", status=404), respond(b"<html>", status=200), respond(b"", status=500)])
def test_a_feed_that_fails_is_replaced_by_the_listing(tmp_path: Path, answer: Response) -> None:
    made = source(tmp_path, tech="https://x.test/feed.xml")
    request = next(iter(made.seed(memory())))

    assert answer.status == 200 or made.accepts(request, answer)
    page = made.parse(request, answer, memory())

    assert page.more[0].via == "yt-dlp"
    assert "listed instead" in page.note


def test_a_first_listing_and_a_full_one_are_read_to_the_end(tmp_path: Path) -> None:
    made = source(tmp_path, tech=TECH)
    known = {"recent tech.toml": '["a"]'}

    first = listing_of(next(iter(made.seed(memory()))))
    later = listing_of(next(iter(made.seed(Memory(started=STARTED, cursors=known)))))
    full = listing_of(next(iter(made.seed(Memory(started=STARTED, cursors=known, full=True)))))

    assert [each.stop_after for each in (first, later, full)] == [0, 3, 0]


def test_a_listing_remembers_the_newest_ids_and_the_channels_id(tmp_path: Path) -> None:
    made = source(tmp_path, tech=TECH)
    found = {"channel_id": ID, "entries": [{"id": "new", "url": "u"}, {"id": "old", "url": "u"}]}

    _, page = ask(made, Memory(started=STARTED, cursors={"recent tech.toml": '["old","older"]'}), respond(found))

    assert page.cursors["recent tech.toml"] == '["new","old","older"]'
    assert page.cursors[f"channel_id {TECH}/videos"] == ID
    assert page.note == "2 new videos"


def test_a_bot_check_ends_the_listings_of_its_site_and_names_the_ways_out(tmp_path: Path) -> None:
    made = source(tmp_path, tech=TECH)
    request, answer = next(iter(made.seed(memory()))), refused(403, "bot")

    assert made.accepts(request, answer)
    with pytest.raises(LaneError, match=r"checks for bots .* cookies_file"):
        made.parse(request, answer, memory())


def test_cookies_that_are_none_stop_the_source(tmp_path: Path) -> None:
    made = source(tmp_path, tech=TECH)
    request = next(iter(made.seed(memory())))

    with pytest.raises(SourceError, match="no file of cookies"):
        made.parse(request, refused(403, "cookies"), memory())


def test_a_channel_that_needs_a_login_fails_alone(tmp_path: Path) -> None:
    made = source(tmp_path, tech=TECH)
    request, answer = next(iter(made.seed(memory()))), refused(401)

    assert made.accepts(request, answer)
    with pytest.raises(BadBody, match="cookies_file"):
        made.parse(request, answer, memory())


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_other_refusals_are_left_to_the_engine(tmp_path: Path, status: int) -> None:
    made = source(tmp_path, tech=TECH)

    assert not made.accepts(next(iter(made.seed(memory()))), refused(status))


def test_a_channel_that_is_gone_is_counted_and_nothing_else_changes(tmp_path: Path) -> None:
    made = source(tmp_path, tech=TECH)
    stored = {"path": "tech.toml", "gone": 1, "raw": '{"title":"T"}', "last_index": 5}

    _, page = ask(made, memory({"channel": [stored]}), refused(404))

    assert page.records[0].data == {"path": "tech.toml", "link": TECH, "gone": 2}
    assert page.records[0].raw == b'{"title":"T"}'


def test_an_answer_for_a_file_that_went_away_is_dropped(tmp_path: Path) -> None:
    request = next(iter(source(tmp_path, tech=TECH).seed(memory())))
    (tmp_path / "tech.toml").unlink()

    page = source(tmp_path, other=TECH).parse(request, respond({"entries": []}), memory())

    assert page.records == ()
    assert "gone" in page.note


def test_each_host_has_a_lane_for_listings_and_one_for_feeds_and_is_part_of_the_scope(tmp_path: Path) -> None:
    made = source(tmp_path, a="https://x.test/feed.xml", b="http://127.0.0.1:8000/feed.xml", c=TECH)

    lanes = {budget.resource: budget.base_url for budget in made.budgets}

    assert lanes == {
        "list 127.0.0.1": "",
        "list x.test": "",
        "list youtube.com": "",
        "feed 127.0.0.1:8000": "http://127.0.0.1:8000",
        "feed www.youtube.com": "https://www.youtube.com",
        "feed x.test": "https://x.test",
    }
    assert "https://x.test" in made.scope()
    assert "list youtube.com" in made.scope()
    assert {request.resource for request in made.seed(memory())} <= set(lanes)


def test_the_feeds_and_listings_of_a_site_rest_together_when_one_is_refused(tmp_path: Path) -> None:
    made = source(tmp_path, a="http://127.0.0.1:8000/feed.xml", c=TECH)

    assert {budget.resource: budget.site for budget in made.budgets} == {
        "list 127.0.0.1": "127.0.0.1",
        "feed 127.0.0.1:8000": "127.0.0.1",
        "list youtube.com": "youtube.com",
        "feed www.youtube.com": "youtube.com",
    }


@pytest.mark.parametrize("link", [TECH, "https://youtube.com/@tech", "https://m.youtube.com/@tech", "/@tech"])
def test_one_site_by_several_names_is_one_lane(tmp_path: Path, link: str) -> None:
    (request,) = source(tmp_path, tech=link).seed(memory())

    assert request.resource == "list youtube.com"


def test_a_delay_is_a_budget_and_a_pause_within_a_listing(tmp_path: Path) -> None:
    made = source(tmp_path, options={"delay": 2.5}, tech=TECH)

    assert (made.budgets[0].requests, made.budgets[0].per, made.budgets[0].concurrency) == (1, 2.5, 5)
    assert listing_of(next(iter(made.seed(memory())))).pause == 2.5


@pytest.mark.parametrize("options", [{}, {"channels_dir": "/nowhere/at/all"}])
def test_no_folder_is_found_before_a_start(options: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="channels_dir"):
        list(Videos(msgspec.convert(options, VideosOptions)).seed(memory()))


def test_an_empty_folder_is_found_before_a_start(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no"):
        list(source(tmp_path).seed(memory()))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"link = ", "is no TOML"),
        (b"\xff", "not UTF-8"),
        (b'link = "https://x.test/"', "target_folder is missing"),
        (b'target_folder = "t"', "link is missing"),
        (b'link = "file:///etc/passwd"\ntarget_folder = "t"', "link: want an http"),
        (b'link = "https://u:p@x.test/"\ntarget_folder = "t"', "link: want an http"),
        (b'link = "https://x.test/"\ntarget_folder = "t"\nmax_height = "high"', "max_height: "),
        (b'link = "https://x.test/"\ntarget_folder = "t"\nlast_download_index = -1', "last_download_index: "),
        (b"x = 1\n" * 200_000, "no file of up to 1 MiB"),
    ],
)
def test_a_broken_file_says_what_is_wrong(tmp_path: Path, content: bytes, why: str) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(content)

    found = read_channel(file)

    assert isinstance(found, Broken)
    assert found.lasting
    assert why in found.why


def test_keys_of_others_and_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('link="@x"\ntarget_folder="t"\nmine=1\n[table]\ny=2\n', encoding="utf-8")
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    (tmp_path / ".hidden.toml").write_text("x", encoding="utf-8")
    (tmp_path / "old.toml.broken").write_text("x", encoding="utf-8")

    found = read_channels(tmp_path)

    assert list(found.good) == ["a.toml"]
    assert found.broken == []


def test_a_listing_that_failed_is_tried_three_times_more(tmp_path: Path) -> None:
    assert allowed_retries(source(tmp_path, tech=TECH), None) == 3


def test_only_the_files_that_were_named_are_listed(tmp_path: Path) -> None:
    made = source(tmp_path, options={"only": ("tech.toml",)}, tech=TECH, other=f"{TECH}2")

    assert [request.key for request in made.seed(memory())] == ["list tech.toml"]
    assert made.scope() != source(tmp_path).scope()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    made = source(tmp_path, options={"only": ("teck.toml",)}, tech=TECH)

    with pytest.raises(UsageError, match=r"has no file teck\.toml"):
        list(made.seed(memory()))
