"""Requests for a token against a server that breaks, and against one that wants to lead them elsewhere."""

import pytest

from engine.common.errors import (
    BodyTooLarge,
    ConnectFailed,
    DeadlineExceeded,
    Interrupted,
    NoToken,
    SourceError,
    TransportError,
    UsageError,
)
from engine.common.secret import Secret
from engine.model.credentials import Credentials
from engine.transport.credentials.oauth import issued
from engine.transport.credentials.token_request import LARGEST, TokenEndpoint, check_token_url, seconds
from tests.faults.server import FaultServer, Script, Wire, answer


def endpoint(server: FaultServer, timeout: float = 60.0) -> TokenEndpoint:
    return TokenEndpoint(url=f"{server.url}/token?tenant=1", user_agent="fetchdeck/0", timeout=timeout)


def place(token: Secret) -> Credentials:
    return Credentials(headers={"Authorization": token})


async def test_a_token_with_its_lifetime(server: FaultServer) -> None:
    server.plays(answer(b'{"access_token": "abc", "expires_in": "3600"}'))
    sender = endpoint(server)

    found = issued(await sender.post_form({"a": "b c"}), sender, place)

    assert found.credentials.headers["Authorization"].reveal() == "abc"
    assert found.lifetime == 3600
    assert server.requests[0].startswith(b"POST /token?tenant=1 HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b"[]", b'{"access_token": 7}', b'{"access_token": "a\\u00e9"}']
)
async def test_an_answer_without_a_token_stops_the_source(server: FaultServer, body: bytes) -> None:
    server.plays(answer(body))
    sender = endpoint(server)

    with pytest.raises(SourceError, match="has no access_token"):
        issued(await sender.post_form({}), sender, place)


@pytest.mark.parametrize("status", ["429 Slow Down", "500 Oops", "503 Busy", "408 Late"])
async def test_a_busy_server_grants_none_now(server: FaultServer, status: str) -> None:
    server.plays(answer(b"{}", status=status))
    sender = endpoint(server)

    assert isinstance(sender.refusal(await sender.post_json({}), []), NoToken)


@pytest.mark.parametrize("status", ["501 Never", "505 Old"])
async def test_a_failure_that_does_not_pass_is_not_asked_again_and_blames_no_credential(
    server: FaultServer, status: str
) -> None:
    server.plays(answer(b"{}", status=status))
    sender = endpoint(server)

    refused = sender.refusal(await sender.post_json({}), [])

    assert isinstance(refused, SourceError)
    assert "credential" not in str(refused)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 There", "308 There"])
async def test_a_redirect_is_not_followed(server: FaultServer, other: FaultServer, status: str) -> None:
    server.plays(answer(b"", f"Location: {other.url}/token", status=status))
    sender = endpoint(server)

    refused = sender.refusal(await sender.post_json({"password": "hunter2"}), [Secret("hunter2")])

    assert isinstance(refused, SourceError)
    assert "never redirected" in str(refused)
    assert other.requests == []
    assert len(server.requests) == 1


async def test_a_refusal_shows_what_the_server_says_and_no_secret(server: FaultServer) -> None:
    server.plays(
        answer(b'{"error": "invalid_grant", "error_description": "hunter2 is void\\u001b[1m"}', status="400 No")
    )
    sender = endpoint(server)

    refused = sender.refusal(await sender.post_form({}), [Secret("hunter2")])

    assert isinstance(refused, SourceError)
    assert "(400, invalid_grant: *** is void" in str(refused)
    assert "\x1b" not in str(refused)


async def nothing(wire: Wire) -> None:
    wire.close()


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (nothing, Interrupted),
        (answer(b"x" * (LARGEST + 1)), BodyTooLarge),
        (answer(b"no gzip", "Content-Encoding: gzip"), TransportError),
    ],
)
async def test_a_broken_answer_is_an_error_of_the_way(
    server: FaultServer, script: Script, kind: type[Exception]
) -> None:
    server.plays(script)

    with pytest.raises(kind):
        await endpoint(server).post_json({"password": "hunter2"})


async def test_a_server_that_is_silent_is_given_up(server: FaultServer) -> None:
    async def silent(wire: Wire) -> None:
        await wire.drip(b"HTTP/1.1 200 OK\r\n" * 1000, every=1)

    server.plays(silent)

    with pytest.raises(DeadlineExceeded):
        await endpoint(server, timeout=0.05).post_json({})


async def test_nobody_there_is_no_connection(server: FaultServer) -> None:
    sender = TokenEndpoint(url="http://127.0.0.1:1/token", user_agent="fetchdeck/0")

    with pytest.raises(ConnectFailed):
        await sender.post_json({})


@pytest.mark.parametrize(
    "url", ["https://a.example/token", "http://127.0.0.1:9/t", "http://localhost/t", "http://[::1]/t"]
)
def test_an_address_over_tls_or_of_this_machine_is_taken(url: str) -> None:
    assert check_token_url(url) == url


@pytest.mark.parametrize(
    "url", ["http://a.example/token", "http://127.evil.example/t", "ftp://a/t", "https://me@a.example/t", "/t"]
)
def test_any_other_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        check_token_url(url)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(60, 60), ("60", 60), (1.5, 1.5), (-1, None), ("soon", None), (True, None), ("nan", None), (1e12, None)],
)
def test_a_lifetime_is_read_from_what_servers_send(value: object, wanted: float | None) -> None:
    assert seconds(value) == wanted
