"""A simulated server in virtual time: workers behind a network, one queue, and clients that always have requests."""

import heapq
import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from bench.simulation.rules import EPOCH, Rule
from bench.simulation.servers import Server

QUICK: Final = 0.002
"""Seconds that a refusal takes, because it needs no worker."""


class Asking(Protocol):
    """The law under test, with the interface of the yardstick."""

    def gate(self, now: float, in_flight: int) -> float | None:
        """Return 0 if another request may be sent now, a wait in seconds, or None to wait for a response."""

    def on_send(self, now: float, request: Any) -> None:
        """Record that a request was sent."""

    def on_resp(self, now: float, request: Any, status: int, latency: float, headers: Any) -> float | None:
        """Record a response; return the seconds its worker sleeps before a retry, or None if there is no retry."""


@dataclass(slots=True)
class Sent:
    """A request in flight."""

    t_send: float
    inflight: int
    client: int = 0
    cls: int = 0
    tag: Any = None
    attempt: int = 0
    status: int = 200
    headers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Station:
    """One run of clients against a server. A client starts at its own second."""

    server: Server
    clients: Sequence[tuple[float, Asking]]
    seconds: float
    rng: random.Random
    rules: Sequence[Rule] = ()
    """The limits, checked in this order when a request arrives; those before one that refuses have counted it."""
    refusal: int = 429
    """The status of a refused request."""
    foreign: float = 0.0
    """Requests a second of another client with the same credential."""
    chance: random.Random | None = None
    """Draws the gaps between those requests (a Poisson process); without it they are all equal."""
    dated: bool = True
    """Whether answers carry a Date."""
    watch: Callable[[float], None] | None = None
    """Called every `every` seconds, to record the course of a run."""
    every: float = 0.5
    latencies: list[list[float]] = field(default_factory=list)
    """Of good responses, for each client."""
    answered_at: list[list[float]] = field(default_factory=list)
    sent_at: list[list[float]] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    foreign_sent: int = 0
    foreign_refused: int = 0
    _events: list[tuple[float, int, str, Any]] = field(default_factory=list)
    _count: int = 0
    _workers: int = 0
    _busy: int = 0
    _queue: deque[Sent] = field(default_factory=deque)
    _in_flight: list[int] = field(default_factory=list)
    _held: list[int] = field(default_factory=list)
    _wakes: list[float | None] = field(default_factory=list)

    def run(self) -> None:
        self._begin()
        while self._events:
            now, _, kind, what = heapq.heappop(self._events)
            if now > self.seconds:
                return
            getattr(self, f"_on_{kind}")(now, what)

    def _begin(self) -> None:
        many = len(self.clients)
        self.latencies, self.answered_at = [[] for _ in range(many)], [[] for _ in range(many)]
        self.sent_at, self._wakes = [[] for _ in range(many)], [None] * many
        self.refused, self.failed = [0] * many, [0] * many
        self._in_flight, self._held = [0] * many, [0] * many
        for at, workers in self.server.workers:
            self._at(at, "workers", workers)
        for number, (begins, _) in enumerate(self.clients):
            self._at(begins, "wake", number)
        if self.foreign:
            self._at(1 / self.foreign, "foreign", None)
        if self.watch is not None:
            self._at(0.0, "watch", self.watch)

    def _at(self, when: float, kind: str, what: Any) -> None:
        self._count += 1  # events of the same time keep their order, and the heap never compares payloads
        heapq.heappush(self._events, (when, self._count, kind, what))

    def _on_workers(self, now: float, workers: int) -> None:
        self._workers = workers
        self._serve(now)

    def _on_wake(self, now: float, client: int) -> None:
        wake = self._wakes[client]
        if wake is not None and now >= wake:
            self._wakes[client] = None
        self._ask(now, client)

    def _on_watch(self, now: float, watch: Callable[[float], None]) -> None:
        watch(now)
        self._at(now + self.every, "watch", watch)

    def _on_foreign(self, now: float, _: None) -> None:
        self.foreign_sent += 1
        self.foreign_refused += not all(rule.take(now, 0) for rule in self.rules)
        self._at(now + self._gap(), "foreign", None)

    def _gap(self) -> float:
        return 1 / self.foreign if self.chance is None else self.chance.expovariate(self.foreign)

    def _on_arrive(self, now: float, sent: Sent) -> None:
        if self.server.out(now):
            self._refuse(now, sent, 503, {})
            return
        others = sum(self._in_flight) - 1
        for rule in self.rules:
            if not rule.take(now, others):
                self._refuse(now, sent, self.refusal, self._headers(now, by=rule))
                return
        failing = self.server.failing(now)
        sent.status = 500 if failing and self.rng.random() < failing else 200
        self._queue.append(sent)
        self._serve(now)

    def _refuse(self, now: float, sent: Sent, status: int, fields: Mapping[str, Any]) -> None:
        sent.status, sent.headers = status, self._date(now, fields)
        self._at(now + QUICK + self._hop(now), "answer", sent)

    def _on_served(self, now: float, sent: Sent) -> None:
        self._busy -= 1
        sent.headers = self._date(now, self._headers(now))
        self._at(now + self._hop(now), "answer", sent)
        self._serve(now)

    def _on_answer(self, now: float, sent: Sent) -> None:
        client = sent.client
        self._in_flight[client] -= 1
        latency = now - sent.t_send
        self._note(now, sent, latency)
        sleep = self.clients[client][1].on_resp(now, sent, sent.status, latency, sent.headers)
        if sleep is not None:
            self._held[client] += 1
            self._at(now + sleep, "retry", sent)
        for number, (begins, _) in enumerate(self.clients):
            if begins <= now:
                self._ask(now, number)

    def _note(self, now: float, sent: Sent, latency: float) -> None:
        if sent.status == 200:
            self.latencies[sent.client].append(latency)
            self.answered_at[sent.client].append(now)
        elif sent.status == self.refusal:
            self.refused[sent.client] += 1
        else:
            self.failed[sent.client] += 1

    def _on_retry(self, now: float, sent: Sent) -> None:
        self._held[sent.client] -= 1
        self._send(now, sent.client, sent.cls, sent.attempt + 1)

    def _serve(self, now: float) -> None:
        while self._queue and self._busy < self._workers:
            self._busy += 1
            sent = self._queue.popleft()
            self._at(now + self.server.service(self.rng, now, sent.cls), "served", sent)

    def _ask(self, now: float, client: int) -> None:
        law = self.clients[client][1]
        while (wait := law.gate(now, self._in_flight[client] + self._held[client])) is not None:
            if wait > 0:
                # At least 0.1 ms, so that a wait lost to rounding does not stop virtual time.
                self._sleep(now + max(wait, 1e-4), client)
                return
            self._send(now, client, self.server.route(self.rng, now), 0)

    def _send(self, now: float, client: int, route: int, attempt: int) -> None:
        self._in_flight[client] += 1
        sent = Sent(now, self._in_flight[client] + self._held[client], client, route, attempt=attempt)
        self.sent_at[client].append(now)
        self.clients[client][1].on_send(now, sent)
        self._at(now + self._hop(now), "arrive", sent)

    def _sleep(self, until: float, client: int) -> None:
        wake = self._wakes[client]
        if wake is None or until < wake - 1e-9:
            self._wakes[client] = until
            self._at(until, "wake", client)

    def _hop(self, now: float) -> float:
        return self.server.network_at(now) / 2 * self.rng.uniform(1.0, 1.05)

    def _headers(self, now: float, by: Rule | None = None) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for rule in self.rules:
            fields |= rule.headers(now, refused=rule is by)
        return fields

    def _date(self, now: float, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**fields, "date": int(EPOCH + now)} if self.dated else fields
