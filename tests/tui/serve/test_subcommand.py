"""A served deck as browsers meet it: real sockets, real processes."""

import asyncio
import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp
import pyte
import pytest

from tests.tui.command import complaint, environment, fetchdeck, launch
from tests.tui.serve.test_peer import another_user

TOKEN: Final = "0123456789abcdef"
PATIENCE: Final = 60.0
"""Seconds a session may take on a busy machine; nobody waits for them when all is well."""


class Server:
    """A `fetchdeck --serve` of its own; `log` is what it has said."""

    def __init__(self, home: Path, *arguments: str, **environ: str) -> None:
        self.log = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tui", "--serve", "--port", "0", *arguments],
            cwd=home, env=environment(home, **environ), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.port = int(self.says(r"http://[^/]*:(\d+)/"))
        self.url = f"http://127.0.0.1:{self.port}"

    def says(self, pattern: str) -> str:
        """Read until a line has it; return its group."""
        assert self.process.stdout is not None
        while not (found := re.search(pattern, self.log)):
            line = self.process.stdout.readline()
            assert line, self.log
            self.log += line
        return found[1] if found.groups() else found[0]

    def ends(self, by: signal.Signals) -> int:
        self.process.send_signal(by)
        rest, _ = self.process.communicate(timeout=PATIENCE)
        self.log += rest
        return self.process.returncode

    def ask(self, path: str, *, method: str = "GET", body: str = "", **headers: str) -> http.client.HTTPResponse:
        """Ask once, with headers as they are given: `Host` too."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request(
            method, path, body=body or None, headers={n.replace("_", "-"): v for n, v in headers.items()}
        )
        response = connection.getresponse()
        response.body = response.read().decode(errors="replace")  # type: ignore[attr-defined]  # kept with it
        connection.close()
        return response


class Window:
    """A browser's window: what its terminal shows."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.raw = b""
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)

    async def shows(self, text: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while not any(text in line for line in self._screen.display):
                message = await self.socket.receive()
                assert message.type is aiohttp.WSMsgType.BINARY, (message, self._screen.display)
                self.raw += message.data
                self._stream.feed(message.data)

    async def press(self, keys: str) -> None:
        await self.socket.send_json(["stdin", keys])

    async def ends(self) -> None:
        async with asyncio.timeout(PATIENCE):
            async for message in self.socket:
                self.raw += message.data if message.type is aiohttp.WSMsgType.BINARY else b""


@asynccontextmanager
async def window(server: Server, **headers: str) -> AsyncIterator[Window]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.url}/ws?width=80&height=24", headers={"Origin": server.url, **headers}) as socket,
    ):
        yield Window(socket)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    made: list[Server] = []

    def start(*arguments: str, **environ: str) -> Server:
        made.append(Server(tmp_path, *arguments, **environ))
        return made[-1]

    yield start
    for server in made:
        if server.process.poll() is None:
            server.process.kill()
        server.process.communicate()


async def test_the_deck_is_shown_and_steered(serve: Callable[..., Server]) -> None:
    server = serve()

    async with window(server) as shown:
        await shown.shows("choose sources")
        await shown.press("?")
        await shown.shows("this page")
        await shown.socket.send_json(["resize", {"width": 60, "height": 15}])
        await shown.socket.send_str("no JSON at all")
        await shown.press("qq")
        await shown.ends()

    assert server.says(r"closed for a browser at 127\.0\.0\.1, exit code (\d+)") == "0"
    assert b"\x1b[?1003h" not in shown.raw
    assert server.ends(signal.SIGINT) == 0


async def test_closing_the_tab_ends_the_harvest_so_that_it_can_be_resumed(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve("demo", "--db", "demo.db")

    async with window(server) as shown:
        await shown.shows("run")
        server.says("opened for")

    assert server.says(r"closed for .*, exit code (\d+)") == "129"
    with sqlite3.connect(tmp_path / "demo.db") as database:
        (unfinished,) = database.execute("select count(*) from run where state != 'done'").fetchone()
    database.close()
    assert unfinished > 0


async def test_a_reloaded_page_gets_the_deck_when_the_old_session_has_ended(serve: Callable[..., Server]) -> None:
    server = serve()
    async with window(server) as before:
        await before.shows("choose sources")

    async with window(server) as after:
        await after.shows("choose sources")


async def test_a_second_browser_is_told_who_has_the_deck(serve: Callable[..., Server]) -> None:
    server = serve()

    async with window(server) as first:
        await first.shows("choose sources")
        async with window(server) as second:
            await second.ends()
        await first.press("?")
        await first.shows("this page")

    assert second.raw == (
        b"fetchdeck: a browser at 127.0.0.1 has this deck: close it there, then open this page again\r\n"
    )


async def test_what_keeps_the_deck_from_opening_is_said_in_the_browser(serve: Callable[..., Server]) -> None:
    server = serve("run", "github")

    async with window(server) as shown:
        await shown.ends()

    assert shown.raw.startswith(b"fetchdeck: error: github: nothing to fetch")
    assert server.says(r"exit code (\d+)") == "2"


async def test_a_signal_ends_the_session_and_then_the_server(serve: Callable[..., Server]) -> None:
    server = serve("demo", "--db", "demo.db")

    async with window(server) as shown:
        await shown.shows("run")
        code = server.ends(signal.SIGTERM)

    assert code == 143
    assert "exit code 143" in server.log


async def test_a_server_that_is_killed_takes_its_session_with_it(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve("demo", "--db", "demo.db")
    async with window(server) as shown:
        await shown.shows("run")
        server.process.kill()
        server.process.wait()

    again = _harvested_at_last(tmp_path)

    assert again == 3


def _harvested_at_last(home: Path) -> int:
    """Harvest into the same database as soon as nobody holds it any more."""
    while True:
        ended = launch(home, "demo", "--headless", "--db", "demo.db", "--limit", "1")
        if ended.returncode != 2:
            return ended.returncode
        assert "in use by another fetchdeck" in ended.stderr, ended.stderr


async def test_a_foreign_page_gets_no_websocket(serve: Callable[..., Server]) -> None:
    server = serve()

    for headers in ({"Origin": "http://evil.example"}, {"Host": f"evil.example:{server.port}"}, {"Origin": "null"}):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with window(server, **headers):
                pass
        assert refused.value.status == 403

    assert "opened" not in server.log


def test_a_foreign_name_gets_no_page(serve: Callable[..., Server]) -> None:
    response = serve().ask("/", Host="evil.example:8000")

    assert response.status == 403
    assert "does not answer to the name evil.example" in response.body  # type: ignore[attr-defined]  # see `ask`


def test_the_page_loads_nothing_from_elsewhere(serve: Callable[..., Server]) -> None:
    server = serve()

    page = server.ask("/")
    parts = [server.ask(path).status for path in re.findall(r'(?:src|href)="(/[^"]+)"', page.body)]  # type: ignore[attr-defined]  # see `ask`

    assert "//" not in re.sub(r"<!DOCTYPE[^>]*>", "", page.body)  # type: ignore[attr-defined]  # likewise
    assert parts == [200] * 4
    assert "default-src 'none'" in (page.getheader("Content-Security-Policy") or "")
    assert page.getheader("X-Frame-Options") == "DENY"
    assert server.ask("/static/").status == 403
    assert server.ask("/static/../server.py").status == 404


def test_with_a_token_a_browser_logs_in_first(serve: Callable[..., Server]) -> None:
    server = serve("--serve-token-env", "DECK", DECK=TOKEN)
    form = {"Origin": server.url, "Content_Type": "application/x-www-form-urlencoded"}

    asked = server.ask("/")
    wrong = server.ask("/login", method="POST", body="token=wrong", **form)
    foreign = server.ask("/login", method="POST", body=f"token={TOKEN}", **form | {"Origin": "http://evil.example"})
    right = server.ask("/login", method="POST", body=f"token={TOKEN}", **form)
    cookie = right.getheader("Set-Cookie") or ""

    assert (asked.status, asked.getheader("Location")) == (303, "/login")
    assert (wrong.status, foreign.status, right.status) == (401, 403, 303)
    assert {"HttpOnly", "SameSite=Strict"} <= {part.strip() for part in cookie.split(";")}
    assert TOKEN not in cookie
    assert server.ask("/", Cookie=cookie.partition(";")[0]).status == 200
    assert server.ask("/", Cookie=cookie.partition("=")[0] + "=wrong").status == 303
    assert server.ask("/", Authorization=f"Bearer {TOKEN}").status == 200
    assert TOKEN not in server.log


async def test_without_the_token_there_is_no_websocket(serve: Callable[..., Server]) -> None:
    server = serve("--serve-token-env", "DECK", DECK=TOKEN)

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with window(server):
            pass
    async with window(server, Authorization=f"Bearer {TOKEN}") as shown:
        await shown.shows("choose sources")
        variables = _variables_of_the_child(server.process.pid)

    assert refused.value.status == 401
    assert not any(TOKEN.encode() in each for each in variables)


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def _variables_of_the_child(pid: int) -> list[bytes]:
    (child,) = _children(pid)
    return Path(f"/proc/{child}/environ").read_bytes().split(b"\0")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_another_user_of_this_machine_gets_nothing(serve: Callable[..., Server]) -> None:
    server = serve()
    with another_user():
        response = server.ask("/")

    assert response.status == 403
    assert "is not for another user of this machine" in response.body  # type: ignore[attr-defined]  # see `ask`
    assert server.ask("/").status == 200


async def test_of_two_tabs_the_one_that_is_closed_leaves_the_other_and_its_harvest_alone(
    serve: Callable[..., Server],
) -> None:
    server = serve("demo", "--db", "demo.db")

    async with window(server) as first:
        await first.shows("run")
        for _ in range(3):
            async with window(server) as second:
                await second.ends()
                assert b"has this deck" in second.raw
        children = _children(server.process.pid)
        await first.press("?")
        await first.shows("this page")

    assert len(children) == 1
    assert server.says(r"closed for .*, exit code (\d+)") == "129"
    assert server.log.count("opened for") == 1


def test_an_address_that_others_can_reach_needs_a_token(tmp_path: Path) -> None:
    said = complaint(fetchdeck(tmp_path, "--serve", "--host", "0.0.0.0"))

    assert said.startswith("--host 0.0.0.0: others could reach this deck; give a token with --serve-token-env")


def test_with_a_token_it_listens_where_others_can_reach_it(serve: Callable[..., Server], tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN + "\n")
    (tmp_path / "token").chmod(0o600)

    server = serve("--host", "0.0.0.0", "--serve-token-file", "token")
    server.says("the token travels in clear")

    assert server.ask("/").status == 303
    assert server.ask("/", Host="192.0.2.1:8000").status == 303
    assert server.ask("/", Host="evil.example").status == 403


def test_a_wrong_source_is_found_before_anything_is_served(tmp_path: Path) -> None:
    assert 'there is no source "gitub"' in complaint(fetchdeck(tmp_path, "--serve", "run", "gitub"))


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert f"cannot serve at 127.0.0.1 port {port}: " in complaint(
            fetchdeck(tmp_path, "--serve", "--port", str(port))
        )


def test_without_the_extra_one_line_says_how_to_install_it(tmp_path: Path) -> None:
    hide = "import sys; sys.modules['textual_serve'] = None; from tui.__main__ import main; sys.exit(main(['--serve']))"

    ended = subprocess.run(
        [sys.executable, "-c", hide], env=environment(tmp_path), capture_output=True, text=True, timeout=60, check=False
    )

    assert "pip install 'fetchdeck[web]'" in complaint(ended)


def test_under_nohup_closing_the_tab_still_ends_the_session(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        server = Server(tmp_path)
    finally:
        signal.signal(signal.SIGHUP, before)

    async def look() -> None:
        async with window(server) as shown:
            await shown.shows("choose sources")

    asyncio.run(look())

    assert server.says(r"exit code (\d+)") == "129"
    os.kill(server.process.pid, signal.SIGHUP)
    assert server.ends(signal.SIGINT) == 0
