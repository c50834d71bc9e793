"""The control endpoints under /_simulator/: read statistics, and change faults and capacity."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.common.settings import FAULTS, FaultRule
from simulator.serving.service import Service

_ENDPOINTS = ("GET stats", "POST faults", "POST station", "POST reset")


class FaultOrder(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST faults. Without an API it applies to all."""

    rules: list[FaultRule]
    api: str | None = None
    add: bool = False
    """Keep the present rules."""


class StationOrder(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST station. Omitted values stay as they are; 0 workers means unbounded."""

    api: str | None = None
    workers: int | None = None
    latency: float | None = None
    spread: float | None = None
    delay: float | None = None


class ResetOrder(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST reset."""

    api: str | None = None


class BadOrder(ValueError):
    """An order names something that does not exist."""


class Control:
    """Handles the control endpoints for a set of services."""

    def __init__(self, services: Mapping[str, Service]) -> None:
        self._services = services

    async def index(self, _request: Request) -> Response:
        """List the APIs, the faults and the endpoints."""
        return JSONResponse({"apis": list(self._services), "faults": dict(FAULTS), "endpoints": list(_ENDPOINTS)})

    async def stats(self, _request: Request) -> Response:
        """Return what each API counted."""
        return JSONResponse({name: service.snapshot() for name, service in self._services.items()})

    async def faults(self, request: Request) -> Response:
        """Replace or extend the fault rules."""
        order = msgspec.json.decode(await request.body(), type=FaultOrder)
        for service in self._chosen(order.api):
            change = service.faults.add if order.add else service.faults.replace
            change(order.rules)
        return JSONResponse({name: [asdict(rule) for rule in one.faults.rules] for name, one in self._services.items()})

    async def station(self, request: Request) -> Response:
        """Change workers, latency, spread or delay."""
        order = msgspec.json.decode(await request.body(), type=StationOrder)
        said: dict[str, Any] = {
            name: value for name, value in msgspec.structs.asdict(order).items() if value is not None and name != "api"
        }
        if said.get("workers") == 0:
            said["workers"] = None
        for service in self._chosen(order.api):
            service.capacity = replace(service.capacity, **said)
        return JSONResponse({name: asdict(service.capacity) for name, service in self._services.items()})

    async def reset(self, request: Request) -> Response:
        """Clear the statistics, and restore the settings of the start."""
        order = msgspec.json.decode(await request.body() or b"{}", type=ResetOrder)
        for service in self._chosen(order.api):
            service.reset()
        return await self.stats(request)

    def _chosen(self, api: str | None) -> list[Service]:
        if api is None:
            return list(self._services.values())
        if api not in self._services:
            raise BadOrder(f"no API {api!r} is served here; there are {', '.join(self._services)}")
        return [self._services[api]]


def control_app(services: Mapping[str, Service]) -> Starlette:
    """Make the application behind /_simulator/."""
    control = Control(services)
    return Starlette(
        routes=[
            Route("/_simulator/", control.index),
            Route("/_simulator/stats", control.stats),
            Route("/_simulator/faults", control.faults, methods=["POST"]),
            Route("/_simulator/station", control.station, methods=["POST"]),
            Route("/_simulator/reset", control.reset, methods=["POST"]),
        ],
        exception_handlers={ValueError: _bad_order},
    )


async def _bad_order(_request: Request, error: Exception) -> Response:
    return JSONResponse({"message": str(error)}, status_code=400)
