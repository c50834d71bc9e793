"""One API being served: every request passes its guard, limits, faults and station, and is counted."""

import asyncio
import logging
from dataclasses import replace
from typing import Any

from simulator.common.api import Api, Backstage, Call, Clock
from simulator.common.limits import Limiter, Refusal
from simulator.common.settings import ApiConfig, Capacity
from simulator.serving.answers import Answers
from simulator.serving.fault_effects import FaultEffects, takes_work
from simulator.serving.fault_plan import FaultPlan
from simulator.serving.pages import Pages
from simulator.serving.station import Station
from simulator.serving.stats import Stats
from simulator.serving.wire import Message, Wire

TOO_MANY = 429
BACKSTAGE = "(backstage)"
"""The route of everything an API serves besides its own routes."""

_log = logging.getLogger("simulator")


class Service:
    """One API of the server, with its counters and all that can change while it runs."""

    def __init__(self, api: Api, config: ApiConfig, *, seed: int, clock: Clock) -> None:
        self.api = api
        self.stats = Stats()
        self.faults = FaultPlan(config.faults, seed=seed)
        self._config = config
        self._seed = seed
        self._clock = clock
        self._in_flight = 0
        self._limiter = Limiter(config.limits)
        self._pages = Pages(api, limit=config.cache_bytes)
        self._answers = Answers(api, stats=self.stats, limiter=self._limiter, clock=clock, gzip=config.gzip)
        self._fault_effects = FaultEffects(
            api, pages=self._pages, answers=self._answers, limiter=self._limiter, clock=clock
        )
        self._station = self._new_station()
        self._backstage = api if isinstance(api, Backstage) else None

    def __repr__(self) -> str:
        return f"<Service {self.api.name}: {self.stats.routes.total()} requests, {self._in_flight} in flight>"

    @property
    def capacity(self) -> Capacity:
        """The capacity at present."""
        return self._station.capacity

    @capacity.setter
    def capacity(self, capacity: Capacity) -> None:
        self._station.change(capacity, self._clock())

    def reset(self) -> None:
        """Clear all counters and undo every change made since the start."""
        self.stats.clear()
        self._limiter.clear()
        self.faults.replace(self._config.faults)
        self._station = self._new_station()

    def snapshot(self) -> dict[str, Any]:
        """Return the counters as JSON values."""
        return {**self.stats.snapshot(), "in_flight": self._in_flight}

    async def serve(self, wire: Wire, scope: Message, path: str) -> None:
        """Serve one request; `path` is below the API's prefix."""
        others = self._in_flight
        self._in_flight += 1
        self.stats.max_concurrency = max(self.stats.max_concurrency, others + 1)
        try:
            await self._serve(wire, await self._call(wire, scope, path), others)
        except Exception:
            self.stats.crashes += 1
            _log.exception("the simulator failed at /%s%s", self.api.name, path)
            raise
        finally:
            self._in_flight -= 1

    async def _serve(self, wire: Wire, call: Call, others: int) -> None:
        if self._backstage and (page := await self._backstage.backstage(call)):
            self.stats.routes[BACKSTAGE] += 1
            await self._answers.send(wire, call, page)
            return
        route = self._pages.route(call)
        self.stats.routes[route] += 1
        if turned_away := self.api.guard(call):
            self._count_turned_away(turned_away.status)
            await self._answers.send(wire, call, turned_away)
        elif refusal := self._admit(call, route, others):
            await self._refuse(wire, call, refusal)
        else:
            await self._work(wire, self._with_quota(call, route), route)

    async def _work(self, wire: Wire, call: Call, route: str) -> None:
        rule = self.faults.choose(route)
        if rule is None or takes_work(rule):
            wait = self._station.serve(self._clock())
            if wait:
                await asyncio.sleep(wait)
        if rule is None:
            await self._answers.send_or_unchanged(wire, call, self._pages.render(call), self.api.cost(route))
        else:
            self.stats.faults[rule.fault] += 1
            await self._fault_effects.apply(wire, call, rule)

    def _with_quota(self, call: Call, route: str) -> Call:
        """Pass the budget's state to a route that costs nothing, since reporting it is that route's purpose."""
        if self.api.cost(route):
            return call
        return replace(call, quota=self._limiter.quota(self.api.credential(call), self._clock()))

    def _admit(self, call: Call, route: str, others: int) -> Refusal | None:
        now = self._clock()
        credential = self.api.credential(call)
        if self._limiter.too_early(credential, call.path, now):
            self.stats.violations["retry-after"] += 1
        refusal = self._limiter.admit(credential, route=route, in_flight=others, now=now, cost=self.api.cost(route))
        if refusal:
            self.stats.refused[refusal.reason] += 1
            if refusal.violation:
                self.stats.violations[refusal.reason] += 1
        return refusal

    def _count_turned_away(self, status: int) -> None:
        """Count a refusal by an endpoint's own limit. It is documented, so it counts as a violation."""
        if status == TOO_MANY:
            self.stats.refused["endpoint"] += 1
            self.stats.violations["endpoint"] += 1

    async def _refuse(self, wire: Wire, call: Call, refusal: Refusal) -> None:
        if delay := self.capacity.delay:
            await asyncio.sleep(delay)
        await self._answers.send(wire, call, self.api.refuse(call, refusal))

    async def _call(self, wire: Wire, scope: Message, path: str) -> Call:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"127.0.0.1").decode("latin-1")
        return Call(
            path=path,
            query=scope["query_string"].decode("latin-1"),
            base=f"http://{host}/{self.api.name}",
            headers=headers,
            method=scope["method"],
            body=await wire.body() if scope["method"] == "POST" else b"",
        )

    def _new_station(self) -> Station:
        return Station(self._config.capacity, steps=self._config.steps, seed=self._seed)
