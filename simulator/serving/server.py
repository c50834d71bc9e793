"""The server: every API under its prefix, the control endpoints, one loopback port."""

import asyncio
import contextlib
import errno
import socket
import time
from collections.abc import Callable, Iterator

import uvicorn

from simulator.common.api import Clock
from simulator.common.page import json_page
from simulator.config import SimulatorConfig
from simulator.registry import kind
from simulator.serving.control import control_app
from simulator.serving.service import Service
from simulator.serving.wire import Message, Receive, Send, Wire, protocol_class

HOST = "127.0.0.1"
CONTROL = "_simulator"


class PortInUse(OSError):
    """Another program listens on the port."""


class Simulator:
    """The ASGI application: it dispatches a path to its API."""

    def __init__(self, config: SimulatorConfig, *, clock: Clock | None = None) -> None:
        self.config = config
        now = clock or steady_clock(config.clock_offset)
        self.services = {
            api.name: Service(
                kind(api.name).build(api, seed=config.seed, year=config.year, clock=now),
                api,
                seed=config.seed,
                clock=now,
            )
            for api in config.apis
        }
        self._control = control_app(self.services)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one ASGI request."""
        if scope["type"] != "http":
            return
        name, slash, rest = scope["path"][1:].partition("/")
        if service := self.services.get(name):
            await service.serve(Wire(scope, receive, send), scope, slash + rest)
        elif name == CONTROL:
            await self._control(scope, receive, send)
        else:
            await _nowhere(Wire(scope, receive, send), list(self.services))


def steady_clock(offset: float = 0.0) -> Clock:
    """Return a clock that starts at the machine's time and never jumps."""
    began = time.time() + offset - time.monotonic()
    return lambda: began + time.monotonic()


def listen(port: int = 0) -> socket.socket:
    """Open the loopback port; 0 takes any free one.

    Raises:
        PortInUse: another program has it.
    """
    # asyncio sets TCP_NODELAY only on sockets with IPPROTO_TCP. Without it a request takes 45 ms.
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((HOST, port))
        opened.listen(2048)
    except OSError as error:
        opened.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(f"port {port} is in use: choose another one, or 0 for any that is free") from error
        raise
    opened.setblocking(False)
    return opened


async def serve(
    config: SimulatorConfig,
    port: int = 0,
    ready: Callable[[str, Simulator], None] | None = None,
    *,
    stop: asyncio.Event | None = None,
    http: type[asyncio.Protocol] | None = None,
) -> None:
    """Serve until `stop` is set or the task is cancelled.

    `ready` is called with the address ("http://127.0.0.1:PORT"). `http` is the protocol class, one of
    `wire.protocol_class`.

    Raises:
        PortInUse: another program has the port.
    """
    simulator = Simulator(config)
    opened = listen(port)
    server = _Server(
        uvicorn.Config(
            simulator,
            http=http or protocol_class(),
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=75,
        ),
        stop=stop or asyncio.Event(),
        on_started=lambda: ready(f"http://{HOST}:{opened.getsockname()[1]}", simulator) if ready else None,
    )
    try:
        await server.serve(sockets=[opened])
    except asyncio.CancelledError:
        if server.started:
            await server.shutdown([opened])
        raise
    finally:
        opened.close()


class _Server(uvicorn.Server):
    """uvicorn's server without signal handlers, which does not wait for clients to leave."""

    def __init__(self, config: uvicorn.Config, *, stop: asyncio.Event, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._stop = stop
        self._on_started = on_started

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no handlers: the caller handles signals."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then call `on_started`."""
        await super().startup(sockets)
        self._on_started()

    async def main_loop(self) -> None:
        """Wait for the stop, without uvicorn's polling."""
        await self._stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Abort every connection, because one that stalls on purpose would never end."""
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        for task in list(self.server_state.tasks):
            task.cancel()
        await super().shutdown(sockets)


async def _nowhere(wire: Wire, names: list[str]) -> None:
    prefixes = ", ".join(f"/{name}/" for name in names)
    page = json_page({"message": f"The simulator serves {prefixes} and /{CONTROL}/"}, status=404)
    headers = [(b"content-type", page.kind), (b"content-length", b"%d" % len(page.body))]
    await wire.whole(page.status, headers, page.body)
