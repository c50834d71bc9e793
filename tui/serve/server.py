"""The web server of the deck: its pages, the guard, and the websocket of the session."""

import asyncio
import hmac
import os
import secrets
import signal
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import textual_serve
from aiohttp import hdrs, web

from engine.common.text import clean
from tui.serve import page
from tui.serve.deck_lock import DeckLock
from tui.serve.guard import Guard
from tui.serve.session import END_WITHIN, Session
from tui.serve.wire import side

LARGEST_MESSAGE: Final = 256 * 1024
"""The most bytes of one message from a browser; enough for a long paste."""
HEARTBEAT: Final = 15.0
"""Seconds of silence after which the browser is pinged."""
_STATIC: Final = Path(textual_serve.__path__[0]) / "static"
_OPEN: Final = ("/login", "/static/")
"""The paths that need no token: the form that asks for it, and the files of textual-serve."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class DeckServer:
    """Serves the deck to one browser at a time."""

    def __init__(
        self,
        *,
        guard: Guard,
        argv: Sequence[str],
        hidden: str | None = None,
        report: Callable[[str], object] = lambda _: None,
        end_within: float = END_WITHIN,
        owner: Callable[[Any, Any], int | None] | None = None,
    ) -> None:
        """Build the server.

        Args:
            guard: decides which requests are answered.
            argv: the command line of each session.
            hidden: an environment variable that a session does not get.
            report: called with a message when a session opens and when it ends.
            end_within: seconds that a session has to end.
            owner: returns the user behind a connection, from the addresses of its client and of this server; None
                where the system does not tell.
        """
        self._guard = guard
        self._argv = argv
        self._hidden = hidden
        self._report = report
        self._end_within = end_within
        self._owner = owner
        self._owners: WeakKeyDictionary[asyncio.BaseTransport, int | None] = WeakKeyDictionary()
        self._lock = DeckLock()
        self._session: Session | None = None
        self._stopped = False
        self._key = secrets.token_bytes(32)
        """Signs the cookies."""
        self._idle = asyncio.Event()
        self._idle.set()
        self.last_code: int | None = None
        """The exit code of the session that `stop` ended."""

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application(middlewares=[self._checked], client_max_size=4096)
        app.add_routes(
            [
                web.get("/", self._deck),
                web.get("/deck.js", self._script),
                web.get("/login", self._login_page),
                web.post("/login", self._login),
                web.get("/ws", self._websocket),
                web.static("/static", _STATIC),
            ]
        )
        return app

    async def stop(self, by: signal.Signals) -> None:
        """Accept no more browsers; pass the signal on to the open session and wait for its end."""
        self._stopped = True
        if self._session is not None:
            self._session.signal(by)
            try:
                async with asyncio.timeout(self._end_within):
                    await self._idle.wait()
            except TimeoutError:
                self._session.signal(signal.SIGKILL)
                await self._idle.wait()

    @web.middleware
    async def _checked(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        sends = request.method != hdrs.METH_GET or request.path == "/ws"
        refusal = self._guard.refuses(
            host=request.headers.get(hdrs.HOST), origin=request.headers.get(hdrs.ORIGIN), sends=sends
        )
        if not refusal and self._owner is not None:
            refusal = self._guard.refuses_user(self._user(request), own=os.geteuid())
        if refusal:
            return _headed(web.Response(status=403, text=refusal + "\n"))
        if not self._known(request) and not request.path.startswith(_OPEN):
            if request.path == "/":
                return _headed(web.Response(status=303, headers={hdrs.LOCATION: "/login"}))
            return _headed(web.Response(status=401, text="the token is missing or wrong: open /login\n"))
        try:
            response = await handler(request)
        except web.HTTPException as error:
            return _headed(web.Response(status=error.status, text=f"{error.reason}\n"))
        return response if response.prepared else _headed(response)

    def _known(self, request: web.Request) -> bool:
        if self._guard.token is None or self._guard.bears(request.headers.get(hdrs.AUTHORIZATION)):
            return True
        shown = request.cookies.get(_cookie_name(request), "")
        return secrets.compare_digest(shown.encode(), self._cookie(request).encode())

    def _cookie(self, request: web.Request) -> str:
        """Return what proves that a browser has sent the token. The token itself is never stored in a browser.

        It counts for one user of this machine only. Browsers send a cookie to every port of a host, so the server of
        another user, on another port, can come by it.
        """
        return hmac.digest(self._key, f"{self._user(request)}".encode(), "sha256").hex()

    def _user(self, request: web.Request) -> int | None:
        """Return the user of this machine behind a request; None for another machine's, or where nobody tells."""
        transport = request.transport
        if transport is None or self._owner is None:
            return None
        if transport not in self._owners:
            client, server = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
            self._owners[transport] = self._owner(client, server) if client and server else None
        return self._owners[transport]

    async def _deck(self, _request: web.Request) -> web.Response:
        return web.Response(text=page.DECK, content_type="text/html")

    async def _script(self, _request: web.Request) -> web.Response:
        return web.Response(text=page.SCRIPT, content_type="text/javascript")

    async def _login_page(self, _request: web.Request) -> web.Response:
        return web.Response(text=page.login(), content_type="text/html")

    async def _login(self, request: web.Request) -> web.Response:
        given = (await request.post()).get("token", "")
        if not isinstance(given, str) or not self._guard.accepts(given.strip()):
            return web.Response(status=401, text=page.login("That is not it."), content_type="text/html")
        response = web.Response(status=303, headers={hdrs.LOCATION: "/"})
        response.set_cookie(_cookie_name(request), self._cookie(request), httponly=True, samesite="Strict", path="/")
        return response

    async def _websocket(self, request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=LARGEST_MESSAGE)
        await websocket.prepare(request)
        who = f"a browser at {clean(request.remote or 'an unknown address', 60)}"
        async with self._lock.taken(who) as refusal:
            if refusal or self._stopped:
                await websocket.send_bytes(f"fetchdeck: {refusal or 'the server is ending'}\r\n".encode())
                await websocket.close()
            else:
                await self._follow(websocket, who, side(request.query.get("width"), 80), request.query.get("height"))
        return websocket

    async def _follow(self, websocket: web.WebSocketResponse, who: str, width: int, height: str | None) -> None:
        """Run a session to its end, even if the browser is gone earlier."""
        session = Session(argv=self._argv, hidden=self._hidden, websocket=websocket, end_within=self._end_within)
        self._idle.clear()
        try:
            await session.start(width, side(height, 24))
            self._session = session
            self._report(f"opened for {who}")
            try:
                await session.listen()
            finally:
                self._lock.leaving()
                code = await session.ended()
                self.last_code = code if self._stopped else None
                self._report(f"closed for {who}, exit code {code}")
        finally:
            self._session = None
            self._idle.set()


def _cookie_name(request: web.Request) -> str:
    """Return a cookie name that contains the port, because browsers share cookies between the ports of a host."""
    return f"fetchdeck-{request.host.rpartition(':')[2] if ':' in request.host else 'deck'}"


def _headed(response: web.StreamResponse) -> web.StreamResponse:
    response.headers.update(page.HEADERS)
    return response
