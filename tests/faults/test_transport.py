"""What the transport sends and returns when nothing is wrong."""

import asyncio
import gzip
import json

import httpx2
import pytest

from engine.common.errors import Interrupted, RedirectRefused, UsageError
from engine.common.secret import Secret
from engine.model.credentials import Credentials
from engine.model.source import Request
from engine.transport.http.carrying import Carrying
from engine.transport.http.transport import HttpTransport
from tests.faults.conftest import MakeTransport
from tests.faults.server import FaultServer, Wire, answer
from tests.fixed_credentials import FixedCredentials


def get(url: str = "/items", **more: object) -> Request:
    return Request(key=url, url=url, **more)  # type: ignore[arg-type]  # each test names what it needs


async def test_an_answer_comes_back_whole(server: FaultServer, transport: HttpTransport) -> None:
    server.plays(answer(b'{"a": 1}', "X-Thing: one", "x-thing: two", "ETag: W/\xe9"))

    response = await transport.send(get(), {})

    assert (response.status, response.json()) == (200, {"a": 1})
    assert response.headers["x-thing"] == "one, two"
    assert response.headers["etag"] == "W/\xe9"
    assert response.url == f"{server.url}/items"
    assert 0 <= response.elapsed < 5


async def test_headers_params_and_credential_are_sent(server: FaultServer, make: MakeTransport) -> None:
    transport = make(base_url=f"{server.url}/v4/", headers={"Accept": "application/json"})

    await transport.send(get("/items?page=1&q=x", params={"page": 2, "q": "a b/ü&c"}), {"If-None-Match": "W/\xe9"})

    head = server.requests[0].decode("latin-1")
    assert head.startswith("GET /v4/items?page=2&q=a%20b%2F%C3%BC%26c HTTP/1.1\r\n")
    assert "\r\nprivate-token: hunter2\r\n" in head
    assert "\r\naccept: application/json\r\n" in head
    assert "\r\naccept-encoding: gzip\r\n" in head
    assert "\r\nuser-agent: fetchdeck/0 (+https://example.com)\r\n" in head
    assert "\r\nif-none-match: W/\xe9\r\n" in head


async def test_headers_of_the_request_alone_are_sent_and_replace_those_of_the_source(
    server: FaultServer, make: MakeTransport
) -> None:
    transport = make(headers={"Accept": "application/json", "X-After": "0"})

    await transport.send(get(headers={"x-after": "7"}), {})

    head = server.requests[0].decode("latin-1")
    assert "\r\nx-after: 7\r\n" in head
    assert "x-after: 0" not in head
    assert "\r\naccept: application/json\r\n" in head


async def test_json_is_posted(server: FaultServer, transport: HttpTransport) -> None:
    bodies: list[bytes] = []

    async def keep(wire: Wire) -> None:
        bodies.append(wire.request)
        await answer()(wire)
        wire.close()

    server.plays(keep)

    await transport.send(get("/graphql", method="POST", json={"query": "{a}"}), {})

    assert b"POST /graphql" in bodies[0]
    assert b"content-type: application/json" in bodies[0]
    assert f"Content-Length: {len(json.dumps({'query': '{a}'}).replace(' ', ''))}".encode() in bodies[0]


@pytest.mark.parametrize("status", ["304 Not Modified", "204 No Content", "404 Not Found", "503 Service Unavailable"])
async def test_any_status_is_an_answer(server: FaultServer, transport: HttpTransport, status: str) -> None:
    body = b"" if status[0] in "23" else b"<html>"
    server.plays(answer(body, "ETag: x", status=status))

    response = await transport.send(get(), {})

    assert (response.status, response.body) == (int(status[:3]), body)


async def test_connections_are_reused(server: FaultServer, transport: HttpTransport) -> None:
    for number in range(5):
        await transport.send(get(f"/{number}"), {})

    assert (len(server.requests), server.connections) == (5, 1)


async def test_cookies_are_not_kept(server: FaultServer, transport: HttpTransport) -> None:
    server.plays(answer(b"{}", "Set-Cookie: session=1"))

    await transport.send(get("/1"), {})
    await transport.send(get("/2"), {})

    assert b"cookie" not in server.requests[1].lower()


async def test_waiting_for_a_connection_is_not_latency(server: FaultServer, make: MakeTransport) -> None:
    async def slow(wire: Wire) -> None:
        await asyncio.sleep(0.1)
        await answer()(wire)

    server.plays(slow)
    transport = make(connections=1)

    answers = await asyncio.gather(*(transport.send(get(f"/{number}"), {}) for number in range(4)))

    # The last one waits 0.3 s for its turn; as latency only its own 0.1 s may count.
    assert all(0.09 < each.elapsed < 0.25 for each in answers)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "identity, gzip", "GZIP"])
async def test_gzip_is_decoded(server: FaultServer, transport: HttpTransport, encoding: str) -> None:
    server.plays(answer(gzip.compress(b"[1]"), f"Content-Encoding: {encoding}"))

    assert (await transport.send(get(), {})).body == b"[1]"


async def test_an_absolute_address_of_the_same_origin_is_sent(server: FaultServer, transport: HttpTransport) -> None:
    response = await transport.send(get(f"{server.url}/repositories/1?page=2"), {})

    assert response.url == f"{server.url}/repositories/1?page=2"


async def test_another_origin_is_refused_before_a_byte_leaves(
    other: FaultServer, server: FaultServer, transport: HttpTransport
) -> None:
    with pytest.raises(RedirectRefused, match=rf"127\.0\.0\.1:{other.port} is not http://127\.0\.0\.1:{server.port}"):
        await transport.send(get(f"{other.url}/steal"), {})

    assert (other.connections, server.connections) == (0, 0)


async def test_an_address_too_long_to_send_is_refused(server: FaultServer, transport: HttpTransport) -> None:
    with pytest.raises(RedirectRefused, match="no http"):
        await transport.send(get("/" + "a" * 70_000), {})


async def test_an_address_the_client_reads_differently_is_refused(transport: HttpTransport) -> None:
    # No address is known that passes our own check and fails this one, so the second lock is tried by itself.
    with pytest.raises(RedirectRefused, match=r"evil\.example is not the origin"):
        transport._guard(httpx2.URL("http://evil.example/"))


async def test_a_method_nobody_can_send_is_no_crash(transport: HttpTransport) -> None:
    with pytest.raises(Interrupted, match="refused to send this request"):
        await transport.send(get(method="GE T"), {})


async def test_without_a_credential_none_is_sent(server: FaultServer, make: MakeTransport) -> None:
    await make(credentials=None).send(get(), {})

    assert b"token" not in server.requests[0].lower()


def test_an_identity_tells_credentials_apart_and_gives_none_away(make: MakeTransport) -> None:
    one, same, other, none = (
        make(credentials=secret and FixedCredentials(Credentials(headers=secret))).identity
        for secret in (
            {"Authorization": Secret("Bearer hunter2")},
            {"authorization": Secret("Bearer hunter2")},
            {"Authorization": Secret("Bearer hunter3")},
            None,
        )
    )

    assert one == same
    assert len({one, other, none}) == 3
    assert "hunter2" not in one


async def test_an_international_host_is_recognised_as_its_own(server: FaultServer, make: MakeTransport) -> None:
    for host in ("b\xfccher.example.invalid", "xn--bcher-kva.example.invalid", "XN--BCHER-KVA.example.invalid"):
        await make(base_url=f"http://{host}", proxy=server.url).send(get(), {})

    assert all(b"GET http://xn--bcher-kva.example.invalid/items" in request for request in server.requests)


@pytest.mark.parametrize("base", ["http://x:y", "http://\N{SNOWMAN}\N{ZERO WIDTH JOINER}.com", "http://1.2.3.999"])
def test_a_base_no_client_can_reach_is_refused(make: MakeTransport, base: str) -> None:
    with pytest.raises(UsageError, match="base_url"):
        make(base_url=base)


@pytest.mark.parametrize("value", ["line\nbreak", "snow\N{SNOWMAN}", " space", "nul\0"])
def test_a_credential_no_header_may_hold_is_refused_without_showing_it(value: str) -> None:
    with pytest.raises(UsageError) as caught:
        Carrying(Credentials(headers={"Authorization": Secret(f"Bearer hunter2{value}hunter2 ")}))

    assert "'Authorization'" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a b", "x\r\ny", "é"])
def test_a_header_name_nobody_can_send_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no header name"):
        HttpTransport(base_url="http://127.0.0.1", headers={name: "1"}, connections=1, user_agent="x")


async def test_a_proxy_is_asked_for_everything(server: FaultServer, make: MakeTransport) -> None:
    transport = make(base_url="http://api.example.invalid", proxy=server.url)

    await transport.send(get(), {})

    assert server.requests[0].startswith(b"GET http://api.example.invalid/items HTTP/1.1\r\n")


def test_a_proxy_without_sense_is_refused_without_showing_its_password(make: MakeTransport) -> None:
    with pytest.raises(UsageError, match="HTTPS_PROXY") as caught:
        make(proxy="gopher://user:hunter2@proxy")

    assert "hunter2" not in str(caught.value)
