"""A secret that travels as a query parameter: it reaches the server, and nothing we keep or show."""

import pytest

from engine.common.errors import Interrupted, RedirectRefused
from engine.common.secret import Secret
from engine.model.credentials import Credentials
from engine.model.source import Request
from tests.faults.conftest import MakeTransport
from tests.faults.server import FaultServer, answer
from tests.fixed_credentials import FixedCredentials

SECRET = FixedCredentials(Credentials(query={"api_key": Secret("hunter2&x")}))


async def test_it_is_added_as_the_request_leaves(server: FaultServer, make: MakeTransport) -> None:
    transport = make(credentials=SECRET)

    response = await transport.send(Request(key="k", url="/items?api_key=mine&a=b", params={"page": 2}), {})

    head = server.requests[0].decode()
    assert head.startswith("GET /items?a=b&page=2&api_key=hunter2%26x HTTP/1.1\r\n")
    assert "token" not in head.lower()
    assert response.url == f"{server.url}/items?api_key=mine&a=b&page=2"


async def test_a_redirect_that_repeats_it_is_followed_without_keeping_it(
    server: FaultServer, make: MakeTransport
) -> None:
    moved = answer(b"", "Location: /there?api_key=hunter2%26x&a=1", status="302 Found")
    server.plays(moved, answer(b"{}"))

    response = await make(credentials=SECRET).send(Request(key="k", url="/here"), {})

    assert response.url == f"{server.url}/there?a=1"
    assert server.requests[1].startswith(b"GET /there?a=1&api_key=hunter2%26x ")


async def test_what_the_server_repeats_of_it_is_taken_out(server: FaultServer, make: MakeTransport) -> None:
    link = '</items?api_key=hunter2%26x&page=2>; rel="next"'
    body = b'{"next": "/items?api_key=hunter2&x&page=2", "words": "hunter2 is a name"}'
    server.plays(answer(body, f"Link: {link}"))

    response = await make(credentials=SECRET).send(Request(key="k", url="/items"), {})

    assert response.headers["link"] == '</items?api_key=&page=2>; rel="next"'
    assert response.body == b'{"next": "/items?api_key=&page=2", "words": "hunter2 is a name"}'


async def test_no_error_shows_it(server: FaultServer, make: MakeTransport) -> None:
    server.plays(answer(b"", "Location: http://127.0.0.2:1/?api_key=hunter2", status="302 Found"))
    transport = make(credentials=SECRET)

    with pytest.raises(RedirectRefused) as refused:
        await transport.send(Request(key="k", url="/here"), {})
    with pytest.raises(Interrupted) as interrupted:
        await transport.send(Request(key="k", url="/here", method="GE T"), {})

    assert "hunter2" not in f"{refused.value} {interrupted.value} {transport!r}"


def test_it_tells_credentials_apart_without_giving_them_away(make: MakeTransport) -> None:
    one, other = (
        make(credentials=FixedCredentials(Credentials(query={"k": Secret(value)}))).identity for value in ("a1", "b2")
    )

    assert one != other
    assert "anonymous" not in {one, other}
