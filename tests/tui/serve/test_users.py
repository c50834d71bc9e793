"""A served deck and the other users of the machine: who connects is passed in, everything else is real."""

import io
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from engine.common.secret import Secret
from tui.cli.serve_options import Place
from tui.headless.printer import Printer
from tui.serve.guard import Guard
from tui.serve.server import DeckServer
from tui.serve.subcommand import _greet

TOKEN = "0123456789abcdef"
ME, OTHER = os.geteuid(), os.geteuid() + 1


class Machine:
    """Says of every connection that it is of `user`."""

    def __init__(self) -> None:
        self.user: int | None = ME

    def owner(self, _client: Any, _server: Any) -> int | None:
        return self.user


@pytest.fixture
def machine() -> Machine:
    return Machine()


@asynccontextmanager
async def deck(owner: Callable[[Any, Any], int | None] | None, token: str = "") -> AsyncIterator[str]:
    guard = Guard(host="127.0.0.1", token=Secret(token) if token else None)
    runner = web.AppRunner(DeckServer(guard=guard, argv=["--no-such-option"], owner=owner).application())
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def ask(url: str, method: str = "GET", **options: Any) -> tuple[int, str, str]:
    """Ask over a connection of its own; return the status, the body and the cookie."""
    headers = {"Origin": "/".join(url.split("/")[:3]), **options.pop("headers", {})}
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, headers=headers, allow_redirects=False, **options) as response,
    ):
        return response.status, await response.text(), response.headers.get("Set-Cookie", "").partition(";")[0]


@pytest.mark.parametrize(("told", "token", "warns"), [(False, "", True), (False, TOKEN, False), (True, "", False)])
def test_where_the_system_does_not_tell_the_start_says_who_gets_in(told: bool, token: str, warns: bool) -> None:
    place = Place(host="127.0.0.1", port=0, names=(), token=Secret(token) if token else None, token_env=None)
    stream = io.StringIO()

    _greet(("127.0.0.1", 8000), place, Printer(stream, environ={}), told=told)

    assert ("any user of this machine can open it" in stream.getvalue()) is warns


@pytest.mark.parametrize("path", ["/", "/deck.js", "/ws", "/login", "/static/js/textual.js"])
@pytest.mark.parametrize("user", [OTHER, 65534, None])
async def test_another_user_gets_nothing_without_a_token(machine: Machine, path: str, user: int | None) -> None:
    machine.user = user
    async with deck(machine.owner) as url:
        status, body, _ = await ask(url + path)

    assert status == 403
    assert body.startswith("this deck is not for a")
    assert "its owner can let others in with --serve-token-env or --serve-token-file" in body


@pytest.mark.parametrize("user", [ME, 0])
async def test_the_owner_and_root_need_no_token(machine: Machine, user: int) -> None:
    machine.user = user
    async with deck(machine.owner) as url:
        assert (await ask(url + "/"))[0] == 200


async def test_where_the_system_does_not_tell_everyone_gets_in_as_the_start_says() -> None:
    async with deck(None) as url:
        assert (await ask(url + "/"))[0] == 200


async def test_another_user_gets_no_websocket(machine: Machine) -> None:
    machine.user = OTHER
    async with deck(machine.owner) as url, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{url}/ws", headers={"Origin": url})

    assert refused.value.status == 403


async def test_a_user_with_the_token_gets_in(machine: Machine) -> None:
    machine.user = OTHER
    async with deck(machine.owner, TOKEN) as url:
        without = await ask(url + "/")
        bearing = await ask(url + "/", headers={"Authorization": f"Bearer {TOKEN}"})
        status, _, cookie = await ask(url + "/login", "POST", data={"token": TOKEN})
        inside = await ask(url + "/", headers={"Cookie": cookie})

    assert (without[0], bearing[0], status, inside[0]) == (303, 200, 303, 200)


async def test_a_cookie_that_another_user_has_come_by_counts_for_nothing(machine: Machine) -> None:
    async with deck(machine.owner, TOKEN) as url:
        _, _, cookie = await ask(url + "/login", "POST", data={"token": TOKEN})
        mine = await ask(url + "/", headers={"Cookie": cookie})
        machine.user = OTHER
        stolen = await ask(url + "/", headers={"Cookie": cookie})

    assert (mine[0], stolen[0]) == (200, 303)


async def test_a_user_is_asked_for_once_in_a_connection(machine: Machine) -> None:
    async with deck(machine.owner) as url, aiohttp.ClientSession() as session:
        async with session.get(url + "/") as first:
            await first.read()
        machine.user = OTHER
        async with session.get(url + "/") as second:
            await second.read()

    assert (first.status, second.status) == (200, 200)
