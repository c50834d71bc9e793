"""A simulator in a thread of the test's own process, with its own loop and any free port."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from simulator.common.settings import Capacity, FaultRule
from simulator.config import SimulatorConfig, quiet
from simulator.registry import kind
from simulator.serving.server import Simulator, serve

T = TypeVar("T")

_PATIENCE = 20.0
"""Seconds that a start or a call may take on a busy machine."""


class Running:
    """A running simulator, as seen from another thread."""

    def __init__(self, url: str, simulator: Simulator, loop: asyncio.AbstractEventLoop) -> None:
        self.url = url
        """ "http://127.0.0.1:PORT", without a slash at the end."""
        self._simulator = simulator
        self._loop = loop

    def base_url(self, api: str) -> str:
        """Return the base URL for a client of an API."""
        return f"{self.url}/{api}{kind(api).path}"

    def stats(self, api: str) -> dict[str, Any]:
        """Return an API's counters since the start or the last reset."""
        return self._ask(self._simulator.services[api].snapshot)

    def faults(self, api: str, *rules: FaultRule) -> None:
        """Replace the fault rules of an API; no rule ends all faults."""
        self._ask(lambda: self._simulator.services[api].faults.replace(rules))

    def capacity(self, api: str, capacity: Capacity) -> None:
        """Change how fast an API works."""

        def change() -> None:
            self._simulator.services[api].capacity = capacity

        self._ask(change)

    def within(self, api: str, do: Callable[[Any], T]) -> T:
        """Call a function with an API's look-alike, in the simulator's thread."""
        return self._ask(lambda: do(self._simulator.services[api].api))

    def reset(self, api: str) -> None:
        """Clear the counters and restore the configuration of the start."""
        self._ask(self._simulator.services[api].reset)

    def _ask(self, question: Callable[[], T]) -> T:
        async def answer() -> T:
            return question()

        return asyncio.run_coroutine_threadsafe(answer(), self._loop).result(_PATIENCE)


class _Thread:
    """The thread of a simulator."""

    def __init__(self, config: SimulatorConfig, http: type[asyncio.Protocol] | None) -> None:
        self._config = config
        self._http = http
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._running: Running | None = None
        self._stop: Callable[[], object] = lambda: None
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)

    def start(self) -> Running:
        """Start, and wait until it serves."""
        self._thread.start()
        self._ready.wait(_PATIENCE)
        if self._running is None:
            raise RuntimeError("the simulator did not start") from self._failure
        return self._running

    def stop(self) -> None:
        """Stop, and wait until it has ended."""
        self._stop()
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        try:
            _finish(self._serve())
        except BaseException as error:  # noqa: BLE001 - whatever it is belongs to the thread that waits for the start
            self._failure = error
        finally:
            self._stop = lambda: None
            self._ready.set()

    async def _serve(self) -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        self._stop = lambda: loop.call_soon_threadsafe(stop.set)

        def ready(url: str, simulator: Simulator) -> None:
            self._running = Running(url, simulator, loop)
            self._ready.set()

        await serve(self._config, ready=ready, stop=stop, http=self._http)


def _finish(work: Coroutine[Any, Any, None]) -> None:
    """Run on a plain selector loop, whatever loop the tests use themselves."""
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(work)


@contextmanager
def running(config: SimulatorConfig | None = None, *, http: type[asyncio.Protocol] | None = None) -> Iterator[Running]:
    """Run a simulator, by default the quiet one, while the block lasts.

    Raises:
        RuntimeError: it did not start; its cause says why.
    """
    thread = _Thread(config or quiet(), http)
    try:
        yield thread.start()
    finally:
        thread.stop()
