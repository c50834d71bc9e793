import asyncio
import gzip
import json
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace

import httpx2 as httpx
import pytest

from simulator.common.settings import FAULTS, Capacity, FaultRule
from simulator.config import quiet
from simulator.serving.fault_effects import FOREIGN
from simulator.serving.wire import protocol_class
from simulator.testing import Running, running

LIST = "/github/orgs/aurora/repos?per_page=5"
FEED = "/pr0gramm/api/items/get?flags=31"


@pytest.fixture(scope="module", params=["httptools", "h11"])
def broken(request: pytest.FixtureRequest) -> Iterator[Running]:
    with running(quiet(), http=protocol_class(fast=request.param == "httptools")) as server:
        yield server


@pytest.fixture
def client(broken: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=broken.url, headers={"User-Agent": "tests"}, timeout=10) as opened:
        yield opened
    for api in ("github", "pr0gramm"):
        broken.reset(api)


def once(server: Running, fault: str, *, wait: float = 1, api: str = "github") -> None:
    server.faults(api, FaultRule(fault=fault, next=1, wait=wait))


def partly(client: httpx.Client, path: str) -> tuple[httpx.Response, bytes, Exception | None]:
    """Read what arrives, byte for byte as it was sent, until it ends well or badly."""
    parts = list[bytes]()
    with client.stream("GET", path) as answer:
        try:
            parts.extend(answer.iter_raw())
        except httpx.TransportError as error:
            return answer, b"".join(parts), error
    return answer, b"".join(parts), None


@pytest.mark.parametrize("path", [LIST, FEED])
def test_a_reset_breaks_the_connection_in_the_middle_of_the_body(
    broken: Running, client: httpx.Client, path: str
) -> None:
    once(broken, "reset", api=path.split("/")[1])

    answer, body, error = partly(client, path)

    assert answer.status_code == 200
    assert 0 < len(body) < int(answer.headers["content-length"])
    assert isinstance(error, httpx.ReadError)
    assert client.get(path).status_code == 200


def test_a_short_body_ends_before_its_content_length(broken: Running, client: httpx.Client) -> None:
    once(broken, "short")

    answer, body, error = partly(client, LIST)

    assert 0 < len(body) < int(answer.headers["content-length"])
    assert isinstance(error, httpx.RemoteProtocolError)
    assert client.get(LIST).status_code == 200


def test_malformed_json_arrives_whole_and_means_nothing(broken: Running, client: httpx.Client) -> None:
    once(broken, "malformed")

    answer = client.get(LIST)

    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_truncated_gzip_stream_arrives_whole_and_lacks_its_tail(
    broken: Running, client: httpx.Client, encoding: str
) -> None:
    client.headers["accept-encoding"] = encoding
    once(broken, "truncated-gzip")

    answer, body, error = partly(client, LIST)

    assert error is None
    assert answer.headers["content-encoding"] == "gzip"
    assert len(body) == int(answer.headers["content-length"])
    with pytest.raises(EOFError):
        gzip.decompress(body)
    stream = zlib.decompressobj(31)
    assert stream.decompress(body)
    assert not stream.eof


@pytest.mark.parametrize(("fault", "status"), [("html", 200), ("502", 502), ("503", 503), ("503-retry-after", 503)])
def test_html_comes_instead_of_json(broken: Running, client: httpx.Client, fault: str, status: int) -> None:
    once(broken, fault, wait=3)

    answer = client.get(LIST)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!DOCTYPE html>")
    assert answer.headers.get("retry-after") == ("3" if fault == "503-retry-after" else None)


@pytest.mark.parametrize(("path", "error"), [(LIST, "Server Error"), (FEED, "internal")])
def test_a_server_error_is_in_the_api_s_own_words(broken: Running, client: httpx.Client, path: str, error: str) -> None:
    once(broken, "500", api=path.split("/")[1])

    answer = client.get(path)

    assert answer.status_code == 500
    assert answer.json()["error"] == error


@pytest.mark.parametrize(("path", "status"), [(LIST, 429), (FEED, 429)])
def test_too_many_requests_says_when_to_return(broken: Running, client: httpx.Client, path: str, status: int) -> None:
    once(broken, "429", wait=2, api=path.split("/")[1])

    answer = client.get(path)

    assert (answer.status_code, answer.headers["retry-after"]) == (status, "2")


def test_a_slow_answer_drips(broken: Running, client: httpx.Client) -> None:
    once(broken, "slow", wait=0.005)

    with client.stream("GET", "/github/rate_limit") as answer:
        parts = list(answer.iter_raw())

    assert len(parts) > 10
    assert len(b"".join(parts)) == int(answer.headers["content-length"])


def test_a_slow_answer_ends_with_its_client(broken: Running, client: httpx.Client) -> None:
    once(broken, "slow", wait=0.01)
    with client.stream("GET", LIST) as answer:
        first = next(answer.iter_raw())

    client.get("/github/rate_limit")

    assert len(first) >= 1
    until_idle(broken)


def test_a_stalled_request_gets_no_answer_and_frees_its_place_when_the_client_leaves(
    broken: Running, client: httpx.Client
) -> None:
    once(broken, "stall")

    with pytest.raises(httpx.ReadTimeout):
        client.get(LIST, timeout=0.1)

    until_idle(broken)
    assert broken.stats("github")["faults"] == {"stall": 1}
    assert broken.stats("github")["statuses"] == {}


def test_a_foreign_next_link_leads_to_a_host_where_nobody_listens(broken: Running, client: httpx.Client) -> None:
    once(broken, "foreign-next")

    links = client.get(LIST).links

    assert links["next"]["url"].startswith(f"{FOREIGN.decode()}/github/organizations/")


def test_an_endless_list_always_has_a_next_page_and_repeats_itself(broken: Running, client: httpx.Client) -> None:
    broken.faults("github", FaultRule(fault="endless-next", every=1))
    path, bodies = "/github/orgs/aurora/repos?per_page=8", []

    for _ in range(6):
        page = client.get(path)
        bodies.append(page.json())
        path = page.links["next"]["url"]

    assert bodies[0] == bodies[2] == bodies[4]
    assert bodies[1] == bodies[3] != bodies[0]
    assert path.endswith("page=7")


def test_an_endless_feed_repeats_its_first_page(broken: Running, client: httpx.Client) -> None:
    broken.faults("pr0gramm", FaultRule(fault="endless-next", every=1))

    first, later = (client.get(f"{FEED}&older={older}").json() for older in (1000, 5))

    assert first["items"] == later["items"]
    assert not later["atEnd"]


def test_a_fault_can_be_limited_to_a_route(broken: Running, client: httpx.Client) -> None:
    broken.faults("github", FaultRule(fault="500", every=1, route="/repos"))

    assert client.get("/github/orgs/aurora").status_code == 200
    assert client.get(LIST).status_code == 500


def test_every_fault_happens_and_none_crashes_the_server(broken: Running, client: httpx.Client) -> None:
    for fault in FAULTS:
        once(broken, fault, wait=0.001)
        try:
            client.get(LIST, timeout=0.3)
        except httpx.TransportError:
            continue
        except (httpx.DecodingError, ValueError):
            continue

    stats = broken.stats("github")

    assert stats["faults"] == dict.fromkeys(FAULTS, 1)
    assert stats["crashes"] == 0


async def test_more_at_once_than_the_cap_is_refused_with_retry_after() -> None:
    config = quiet(apis=["github"])
    api = config.api("github")
    slow = replace(api, limits=replace(api.limits, concurrency=3), capacity=Capacity(latency=0.5))
    with running(config.with_api(slow)) as server:
        async with httpx.AsyncClient(base_url=server.url, headers={"User-Agent": "tests"}) as client:
            statuses = await many(client, 6)
        stats = server.stats("github")

    assert sorted(statuses) == [200] * 3 + [403] * 3
    assert stats["max_concurrency"] >= 4
    assert stats["violations"]["concurrency"] == 1


async def many(client: httpx.AsyncClient, count: int) -> list[int]:
    answers = await asyncio.gather(*(client.get("/github/orgs/aurora") for _ in range(count)))
    return [answer.status_code for answer in answers]


def until_idle(server: Running) -> None:
    """Ask until no request is in flight."""
    until = time.monotonic() + 10
    while server.stats("github")["in_flight"]:
        assert time.monotonic() < until, "a request never ended"
