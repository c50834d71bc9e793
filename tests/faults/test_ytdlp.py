"""The real yt-dlp against loopback: what it lists, what it is refused, and that it can be stopped."""

import asyncio
import contextlib
import gc
import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

import msgspec
import pytest

from engine.common.errors import BadBody, BodyTooLarge, ConnectFailed, DeadlineExceeded, UsageError
from engine.model.source import Request, Response
from engine.model.ytdlp import Found, Listing, context_of, refusal_of
from engine.transport.ytdlp.errors import answer_for
from engine.transport.ytdlp.transport import Worker, YtDlpTransport
from tests.faults.peertube import PAGE, peertube
from tests.sources.video_site import VideoSite, video_site

pytest.importorskip("yt_dlp", reason="needs the extra `videos`")


@pytest.fixture
def site() -> Iterator[VideoSite]:
    with video_site() as opened:
        opened.channels["tech"] = [(f"ep-{number}", f"Number {number}") for number in range(9, 0, -1)]
        opened.channels["empty"] = []
        yield opened


async def ask(link: str, *, transport: YtDlpTransport | None = None, **listing: Any) -> Response:
    asked = transport or YtDlpTransport(socket_timeout=10)
    request = Request(key="list", url="/x", via="yt-dlp", context=context_of(Listing(link=link, **listing)))
    try:
        return await asked.send(request, {})
    finally:
        await asked.close()


def ids(response: Response) -> list[str]:
    assert response.status == 200
    return [msgspec.json.decode(entry)["id"] for entry in response.json(Found).entries]


pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""A listing that is cut in the middle leaves its socket to the garbage collector, which says so."""


@pytest.fixture(autouse=True)
def nothing_left_for_others() -> Iterator[None]:
    yield
    gc.collect()


def listing_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("yt-dlp")]


async def no_listing_left() -> bool:
    """Wait until every listing's thread has gone."""
    for _ in range(3000):
        if not listing_threads():
            return True
        await asyncio.sleep(0.01)
    return False


async def test_a_feed_is_listed_newest_first_with_plain_addresses(site: VideoSite) -> None:
    response = await ask(f"{site.address}/tech.xml")

    assert ids(response) == [f"ep-{number}" for number in range(9, 0, -1)]
    entry = msgspec.json.decode(response.json(Found).entries[0])
    assert entry["url"] == f"{site.address}/media/0.mp4"
    assert not {"epoch", "_version"} & set(entry)
    assert response.json(Found).title == "tech"


async def test_a_redirect_to_a_feed_is_followed(site: VideoSite) -> None:
    site.scripts["/moved"] = (302, {"Location": "/tech.xml"}, b"")

    assert len(ids(await ask(f"{site.address}/moved"))) == 9


async def test_an_empty_feed_is_an_empty_listing(site: VideoSite) -> None:
    assert ids(await ask(f"{site.address}/empty.xml")) == []


async def test_a_listing_ends_after_several_known_in_a_row(site: VideoSite) -> None:
    known = ("ep-8", "ep-5", "ep-4", "ep-3")

    response = await ask(f"{site.address}/tech.xml", known=known, stop_after=2)

    assert ids(response) == ["ep-9", "ep-8", "ep-7", "ep-6", "ep-5", "ep-4"]
    assert response.json(Found).ended == "known"


async def test_a_listing_is_cut_at_its_most(site: VideoSite) -> None:
    response = await ask(f"{site.address}/tech.xml", most=4)

    assert len(ids(response)) == 4
    assert response.json(Found).ended == "most"


async def test_the_same_id_counts_once(site: VideoSite) -> None:
    site.channels["tech"] = [("same", "One"), ("same", "Two"), ("other", "Three")]

    assert ids(await ask(f"{site.address}/tech.xml")) == ["same", "other"]


async def test_broken_xml_is_a_link_nothing_can_list(site: VideoSite) -> None:
    site.scripts["/broken.xml"] = (200, {"Content-Type": "application/rss+xml"}, b"<rss><channel><item>")

    response = await ask(f"{site.address}/broken.xml")

    assert (response.status, refusal_of(response).problem) == (415, "unsupported")


async def test_a_429_keeps_its_retry_after(site: VideoSite) -> None:
    site.scripts["/busy.xml"] = (429, {"Retry-After": "7"}, b"")

    response = await ask(f"{site.address}/busy.xml")

    assert (response.status, response.headers["retry-after"]) == (429, "7")
    assert "429" in refusal_of(response).message


@pytest.mark.parametrize("status", [401, 404, 410, 500, 503])
async def test_any_other_status_arrives_as_it_is(site: VideoSite, status: int) -> None:
    site.scripts["/gone.xml"] = (status, {}, b"")

    assert (await ask(f"{site.address}/gone.xml")).status == status


async def test_a_silent_server_is_cut_by_the_socket_timeout(site: VideoSite) -> None:
    site.scripts["/silent.xml"] = lambda opened: (opened.release.wait(30), (200, {}, b""))[1]

    with pytest.raises(DeadlineExceeded, match="timed out"):
        await ask(f"{site.address}/silent.xml", transport=YtDlpTransport(socket_timeout=0.3))


async def test_a_listing_is_cut_at_its_deadline(site: VideoSite) -> None:
    site.scripts["/silent.xml"] = lambda opened: (opened.release.wait(30), (200, {}, b""))[1]
    transport = YtDlpTransport(socket_timeout=30, total_timeout=0.5)

    with pytest.raises(DeadlineExceeded, match=r"not listed within 0\.5 s"):
        await ask(f"{site.address}/silent.xml", transport=transport)


async def test_a_cancelled_listing_stops_its_thread(site: VideoSite) -> None:
    arrived, loop = asyncio.Event(), asyncio.get_running_loop()

    def slow(opened: VideoSite) -> tuple[int, dict[str, str], bytes]:
        loop.call_soon_threadsafe(arrived.set)
        opened.release.wait(30)
        return 200, {"Content-Type": "application/rss+xml"}, opened.feed("tech")

    site.scripts["/slow.xml"] = slow
    task = asyncio.ensure_future(ask(f"{site.address}/slow.xml"))
    await arrived.wait()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    site.release.set()

    assert await no_listing_left()


async def test_a_server_that_drips_is_left_at_once() -> None:
    dripping, left = asyncio.Event(), asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n")
        dripping.set()
        with contextlib.suppress(OSError):
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.02)
        writer.close()
        left.set()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    task = asyncio.ensure_future(ask(f"http://127.0.0.1:{port}/feed.xml"))
    await dripping.wait()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await no_listing_left()
    await left.wait()
    server.close()


def spin() -> None:
    while True:
        pass


async def test_a_listing_is_ended_at_a_line_of_yt_dlps_and_never_where_it_may_hold_a_lock() -> None:
    begun, loop = asyncio.Event(), asyncio.get_running_loop()
    go_on, gone_on = threading.Event(), threading.Event()

    def work(_stop: threading.Event) -> Response:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait()  # inside of `threading`, whose locks are everybody's
        gone_on.set()
        FunctionType(spin.__code__, {"__name__": "yt_dlp.somewhere"})()
        raise AssertionError

    worker = Worker(work, name="yt-dlp test")
    await begun.wait()
    worker.stop()
    go_on.set()
    await worker.ended.wait()

    assert gone_on.is_set()


async def test_nobody_there_is_no_connection() -> None:
    with pytest.raises(ConnectFailed):
        await ask("http://127.0.0.1:1/feed.xml")


async def test_a_listing_over_its_cap_is_too_large(site: VideoSite) -> None:
    site.channels["tech"] = [(f"ep-{number}", "x" * 500) for number in range(100)]

    with pytest.raises(BodyTooLarge):
        await ask(f"{site.address}/tech.xml", transport=YtDlpTransport(body_limit=10_000))


async def test_many_listings_at_once_do_not_mix(site: VideoSite) -> None:
    for number in range(6):
        site.channels[f"c{number}"] = [(f"{number}-{each}", "t") for each in range(5)]
    transport = YtDlpTransport()

    requests = [
        Request(key=f"{n}", url="/x", context=context_of(Listing(link=f"{site.address}/c{n}.xml"))) for n in range(6)
    ]
    answers = await asyncio.gather(*(transport.send(request, {}) for request in requests))

    assert [ids(answer) for answer in answers] == [[f"{n}-{each}" for each in range(5)] for n in range(6)]


async def test_listings_that_begin_together_compile_the_patterns_of_all_sites_in_one_of_their_threads(
    site: VideoSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    two, met, asked = threading.Barrier(2), list[str](), list[str]()

    class Slow:
        @staticmethod
        def suitable(link: str) -> bool:
            asked.append(link)
            with contextlib.suppress(threading.BrokenBarrierError):
                two.wait(timeout=0.2)
                met.append(link)
            return True

    monkeypatch.setattr(import_module("yt_dlp.extractor"), "gen_extractor_classes", lambda: [Slow])

    await asyncio.gather(*(ask(f"{site.address}/tech.xml") for _ in range(4)))

    assert (len(asked), met) == (4, [])


async def test_cookies_are_sent_and_their_file_is_never_written(site: VideoSite, tmp_path: Path) -> None:
    host = "127.0.0.1"
    file = tmp_path / "cookies.txt"
    text = f"# Netscape HTTP Cookie File\n{host}\tFALSE\t/\tFALSE\t2147483647\tsession\ts3cret\n"
    file.write_text(text, encoding="utf-8")
    site.scripts["/private.xml"] = (200, {"Content-Type": "application/rss+xml", "Set-Cookie": "session=new"}, b"")
    transport = YtDlpTransport(cookies_file=file)

    await ask(f"{site.address}/private.xml", transport=transport)

    assert any("session=s3cret" in each for each in site.headers_seen)
    assert file.read_text(encoding="utf-8") == text
    assert "s3cret" not in repr(transport) + transport.identity


async def test_cookies_that_are_none_are_a_refusal_of_their_own(site: VideoSite, tmp_path: Path) -> None:
    file = tmp_path / "cookies.txt"
    file.write_text('{"a": "browser\'s JSON"}', encoding="utf-8")

    response = await ask(f"{site.address}/tech.xml", transport=YtDlpTransport(cookies_file=file))

    assert refusal_of(response).problem == "cookies"


def test_a_cookies_file_that_is_not_there_is_found_before_a_start(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cookies_file .*: cannot be read: No such file"):
        YtDlpTransport(cookies_file=tmp_path / "none.txt")


async def test_a_request_for_something_else_is_refused() -> None:
    with pytest.raises(BadBody, match="does not say what to list"):
        await YtDlpTransport().send(Request(key="odd", url="/x"), {})


async def test_a_paged_site_is_asked_for_the_pages_that_are_needed_alone() -> None:
    with peertube(videos=75) as site:
        options = {"proxy": site.proxy, "nocheckcertificate": True}
        whole = await ask(site.channel, transport=YtDlpTransport(options=options))
        pages_of_the_whole = len(site.pages)
        site.pages.clear()
        known = tuple(site.ids[4:8])
        again = await ask(site.channel, transport=YtDlpTransport(options=options), known=known, stop_after=2)

    assert ids(whole) == site.ids
    assert pages_of_the_whole == -(-75 // PAGE)
    assert ids(again) == site.ids[:6]
    assert site.pages == [0]


async def test_a_429_that_an_extractor_passes_over_is_a_429_still() -> None:
    with peertube(videos=3) as site:
        site.busy = True
        options = {"proxy": site.proxy, "nocheckcertificate": True}

        response = await ask(site.channel, transport=YtDlpTransport(options=options))

    assert (response.status, response.headers["retry-after"]) == (429, "9")


@pytest.mark.parametrize(
    ("error", "status", "problem"),
    [
        ("Sign in to confirm you\N{RIGHT SINGLE QUOTATION MARK}re not a bot. Use --cookies-from-browser", 403, "bot"),
        ("Our systems have detected unusual traffic from your network", 403, "bot"),
    ],
)
def test_a_bot_check_is_known_by_its_words(error: str, status: int, problem: str) -> None:
    utils: Any = import_module("yt_dlp.utils")

    answer = answer_for(utils.ExtractorError(error, expected=True), "https://x.test/", elapsed=0.1)

    assert (answer.status, refusal_of(answer).problem) == (status, problem)


def test_a_video_that_is_closed_to_a_country_is_451() -> None:
    utils: Any = import_module("yt_dlp.utils")

    assert answer_for(utils.GeoRestrictedError("not here"), "https://x.test/", elapsed=0.1).status == 451


def test_what_yt_dlp_cannot_read_is_a_bad_body_without_its_request_to_report_it() -> None:
    utils: Any = import_module("yt_dlp.utils")

    with pytest.raises(BadBody) as caught:
        answer_for(utils.ExtractorError("Unable to extract data", video_id="x"), "https://x.test/", elapsed=0.1)

    assert str(caught.value).endswith("Unable to extract data")
