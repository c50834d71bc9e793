"""Redirects: followed within the origin, refused elsewhere, and no credential ever leaves."""

import pytest

from engine.common.errors import RedirectRefused
from engine.transport.http.transport import HttpTransport
from tests.faults.server import FaultServer, Script, Wire, answer
from tests.faults.test_transport import get


def redirect(location: str, status: str = "302 Found") -> Script:
    return answer(b"moved", f"Location: {location}", status=status)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_within_the_origin_is_followed(
    server: FaultServer, transport: HttpTransport, status: int
) -> None:
    server.plays(redirect("/repositories/1?page=2#top", f"{status} Moved"), answer(b"[1]"))

    response = await transport.send(get(), {})

    assert (response.body, response.url) == (b"[1]", f"{server.url}/repositories/1?page=2")
    assert b"private-token: hunter2" in server.requests[1]


async def test_a_redirect_to_another_port_is_not_followed(
    server: FaultServer, other: FaultServer, transport: HttpTransport
) -> None:
    server.plays(redirect(f"{other.url}/steal"))

    with pytest.raises(RedirectRefused, match=f"redirects away: http://127.0.0.1:{other.port} is not"):
        await transport.send(get(), {"Authorization": "Bearer hunter2", "Cookie": "me=hunter2"})

    assert other.connections == 0


async def test_a_loop_ends_at_its_first_repeat(server: FaultServer, transport: HttpTransport) -> None:
    server.plays(redirect("/b"), redirect("/items"))

    with pytest.raises(RedirectRefused, match="redirects in a loop"):
        await transport.send(get(), {})

    assert len(server.requests) == 2


async def test_an_endless_chain_ends_after_five_hops(server: FaultServer, transport: HttpTransport) -> None:
    async def onward(wire: Wire) -> None:
        await redirect(f"/{len(server.requests)}")(wire)

    server.plays(onward)

    with pytest.raises(RedirectRefused, match="more than 5 times"):
        await transport.send(get(), {})

    assert len(server.requests) == 6


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "//127.0.0.2/x",
        "http://127.0.0.2/private",
        "http://user:pw@127.0.0.1/",
        "http://[::1",
        "http://",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:0/",
        "javascript:alert(1)",
        "/a b",
        "/a\\..\\b",
        "https://127.0.0.1/",
    ],
)
async def test_a_location_that_is_none_of_ours_is_refused(
    server: FaultServer, transport: HttpTransport, location: str
) -> None:
    server.plays(redirect(location))

    with pytest.raises(RedirectRefused):
        await transport.send(get(), {})

    assert len(server.requests) == 1


async def test_a_redirect_to_nowhere_is_refused(server: FaultServer, transport: HttpTransport) -> None:
    server.plays(answer(b"", status="301 Moved Permanently"))

    with pytest.raises(RedirectRefused, match="names no Location"):
        await transport.send(get(), {})


async def test_a_post_is_never_redirected(server: FaultServer, transport: HttpTransport) -> None:
    server.plays(redirect("/elsewhere", "307 Temporary Redirect"))

    with pytest.raises(RedirectRefused, match="only a GET is redirected"):
        await transport.send(get("/graphql", method="POST"), {})
