"""Serves the deck to browsers: the pages, the guard before them, and the websocket behind which the deck runs."""

import asyncio
import secrets
import signal
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

import textual_serve
from aiohttp import hdrs, web

from engine.common.text import clean
from tui.serve import page
from tui.serve.guard import Guard
from tui.serve.seat import Seat
from tui.serve.session import END_WITHIN, Session
from tui.serve.wire import side

LARGEST_MESSAGE: Final = 256 * 1024
"""Bytes of one message from a browser: room for a long paste."""
HEARTBEAT: Final = 15.0
"""Seconds after which a browser that says nothing is asked whether it is there."""
_STATIC: Final = Path(textual_serve.__path__[0]) / "static"
_OPEN: Final = ("/login", "/static/")
"""What is shown without a token: the form that asks for it, and textual-serve's own files."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class DeckServer:
    """Lets one browser at a time have the deck."""

    def __init__(
        self,
        *,
        guard: Guard,
        argv: Sequence[str],
        hidden: str | None = None,
        said: Callable[[str], object] = lambda _: None,
        end_within: float = END_WITHIN,
    ) -> None:
        """Take what to run.

        Args:
            guard: whom to answer.
            argv: the command line of each session.
            hidden: an environment variable that is kept from it.
            said: hears when a session opens and how it ends.
            end_within: seconds a session has to end.
        """
        self._guard = guard
        self._argv = argv
        self._hidden = hidden
        self._said = said
        self._end_within = end_within
        self._seat = Seat()
        self._session: Session | None = None
        self._stopped = False
        self._cookie = secrets.token_urlsafe(32)
        """Who has it has shown the token; the token itself is never in a browser's store."""
        self._idle = asyncio.Event()
        self._idle.set()
        self.last_code: int | None = None
        """How the session ended that `stop` ended."""

    def application(self) -> web.Application:
        """Make the application that aiohttp serves."""
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
        """Let nobody in any more; pass the signal on to the session there is, and wait for its end."""
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
        return secrets.compare_digest(shown.encode(), self._cookie.encode())

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
        response.set_cookie(_cookie_name(request), self._cookie, httponly=True, samesite="Strict", path="/")
        return response

    async def _websocket(self, request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=LARGEST_MESSAGE)
        await websocket.prepare(request)
        who = f"a browser at {clean(request.remote or 'an unknown address', 60)}"
        async with self._seat.taken(who) as refusal:
            if refusal or self._stopped:
                await websocket.send_bytes(f"fetchdeck: {refusal or 'the server is ending'}\r\n".encode())
                await websocket.close()
            else:
                await self._follow(websocket, who, side(request.query.get("width"), 80), request.query.get("height"))
        return websocket

    async def _follow(self, websocket: web.WebSocketResponse, who: str, width: int, height: str | None) -> None:
        """Run a session from its start to its end, whatever becomes of the browser meanwhile."""
        session = Session(argv=self._argv, hidden=self._hidden, websocket=websocket, end_within=self._end_within)
        self._idle.clear()
        try:
            await session.start(width, side(height, 24))
            self._session = session
            self._said(f"opened for {who}")
            try:
                await session.listen()
            finally:
                self._seat.leaving()
                code = await session.ended()
                self.last_code = code if self._stopped else None
                self._said(f"closed for {who}, exit code {code}")
        finally:
            self._session = None
            self._idle.set()


def _cookie_name(request: web.Request) -> str:
    """Name the cookie after the port: browsers share cookies among the ports of a host."""
    return f"fetchdeck-{request.host.rpartition(':')[2] if ':' in request.host else 'deck'}"


def _headed(response: web.StreamResponse) -> web.StreamResponse:
    response.headers.update(page.HEADERS)
    return response
