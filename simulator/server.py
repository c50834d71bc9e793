"""The server: every API under its prefix, the control endpoints, one loopback port."""

import asyncio
import contextlib
import errno
import socket
import time
from collections.abc import Callable, Iterator

import uvicorn

from simulator.api import Clock
from simulator.config import SimulatorConfig
from simulator.control import control_app
from simulator.page import json_page
from simulator.registry import kind
from simulator.service import Service
from simulator.wire import Message, Receive, Send, Wire, protocol_class

HOST = "127.0.0.1"
CONTROL = "_simulator"


class PortInUse(OSError):
    """Another program listens on the port."""


class Simulator:
    """The ASGI application: it knows which API a path belongs to, and nothing else."""

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
        """Serve one request, as ASGI has it."""
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
    """Make a clock that starts at the machine's time and never jumps."""
    began = time.time() + offset - time.monotonic()
    return lambda: began + time.monotonic()


def listen(port: int = 0) -> socket.socket:
    """Open the loopback port; 0 takes any.

    Raises:
        PortInUse: another program has it.
    """
    # asyncio turns Nagle's delay off only where the protocol is named: 45 ms a request otherwise.
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
    """Serve until `stop` is set or the task is cancelled; `ready` is given the address ("http://127.0.0.1:PORT").

    `http` is the protocol to speak: one of `wire.protocol_class`.

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
    """uvicorn's server, which leaves signals to whoever runs it and never waits for clients to go."""

    def __init__(self, config: uvicorn.Config, *, stop: asyncio.Event, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._stop = stop
        self._on_started = on_started

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        self._on_started()

    async def main_loop(self) -> None:
        """Wait for the stop; there is nothing to poll for."""
        await self._stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drop every connection: one that is stalled on purpose would never end."""
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
