"""A wire that keeps what it was given, a clock that stands still, and a service on both."""

from typing import Any

from simulator.common.page import Header
from simulator.common.settings import ApiConfig
from simulator.config import SimulatorConfig, quiet
from simulator.registry import kind
from simulator.serving.service import Service
from simulator.serving.wire import Wire


class FakeClock:
    def __init__(self, now: float = 1_700_000_000.5) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class FakeWire(Wire):
    """Takes whole answers only."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.content = b""

    async def whole(self, status: int, headers: list[Header], body: bytes) -> None:
        self.status = status
        self.headers = {name.decode(): value.decode() for name, value in headers}
        self.content = body


def service(config: ApiConfig, clock: FakeClock) -> Service:
    api = kind(config.name).build(config, seed=1, year=2025, clock=clock)
    return Service(api, config, seed=1, clock=clock)


def api_config(name: str, config: SimulatorConfig | None = None) -> ApiConfig:
    return (config or quiet()).api(name)


async def get(to: Service, path: str, *, query: str = "", token: str = "", **headers: str) -> FakeWire:
    sent = {"host": "127.0.0.1:1", "user-agent": "tests", **headers}
    if token:
        sent["authorization"] = f"Bearer {token}"
    scope: dict[str, Any] = {
        "method": "GET",
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()],
    }
    wire = FakeWire()
    await to.serve(wire, scope, path)
    return wire
