"""A simulated server in virtual time: workers behind a network, one queue, and a client that always has more to ask."""

import heapq
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class Asking(Protocol):
    """The law under test, as the yardstick calls it."""

    def gate(self, now: float, in_flight: int) -> float | None:
        """Say whether one more may leave: 0, a wait in seconds, or None until an answer comes."""

    def on_send(self, now: float, request: Any) -> None:
        """Note that a request left."""

    def on_resp(self, now: float, request: Any, status: int, latency: float, headers: Any) -> None:
        """Note an answer."""


@dataclass(slots=True)
class Sent:
    """A request under way."""

    t_send: float
    inflight: int
    client: int = 0
    cls: int = 0
    tag: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What is served how fast."""

    workers: Sequence[tuple[float, int]]
    """How many work in parallel from which second on, the first from 0."""
    median: float
    """Seconds of service."""
    sigma: float
    """Of the logarithm of the service time; 0 makes it constant."""
    network: float
    """Seconds there and back."""

    def service(self, rng: random.Random) -> float:
        """Draw a service time in seconds."""
        return self.median * rng.lognormvariate(0.0, self.sigma) if self.sigma else self.median


@dataclass(slots=True, kw_only=True)
class Station:
    """One run of clients against a server; a client asks from its own second on."""

    server: Server
    clients: Sequence[tuple[float, Asking]]
    seconds: float
    rng: random.Random
    latencies: list[list[float]] = field(default_factory=list)
    answered_at: list[list[float]] = field(default_factory=list)
    _events: list[tuple[float, int, str, Any]] = field(default_factory=list)
    _count: int = 0
    _workers: int = 0
    _busy: int = 0
    _queue: deque[Sent] = field(default_factory=deque)
    _in_flight: list[int] = field(default_factory=list)
    _wakes: list[float | None] = field(default_factory=list)

    def run(self) -> None:
        """Run until the time is over."""
        many = len(self.clients)
        self.latencies, self.answered_at = [[] for _ in range(many)], [[] for _ in range(many)]
        self._in_flight, self._wakes = [0] * many, [None] * many
        for at, workers in self.server.workers:
            self._at(at, "workers", workers)
        for number, (begins, _) in enumerate(self.clients):
            self._at(begins, "wake", number)
        while self._events:
            now, _, kind, what = heapq.heappop(self._events)
            if now > self.seconds:
                return
            getattr(self, f"_on_{kind}")(now, what)

    def _at(self, when: float, kind: str, what: Any) -> None:
        self._count += 1
        heapq.heappush(self._events, (when, self._count, kind, what))

    def _on_workers(self, now: float, workers: int) -> None:
        self._workers = workers
        self._serve(now)

    def _on_wake(self, now: float, client: int) -> None:
        wake = self._wakes[client]
        if wake is not None and now >= wake:
            self._wakes[client] = None
        self._ask(now, client)

    def _on_arrive(self, now: float, sent: Sent) -> None:
        self._queue.append(sent)
        self._serve(now)

    def _on_served(self, now: float, sent: Sent) -> None:
        self._busy -= 1
        self._at(now + self._hop(), "answer", sent)
        self._serve(now)

    def _on_answer(self, now: float, sent: Sent) -> None:
        client = sent.client
        self._in_flight[client] -= 1
        self.latencies[client].append(now - sent.t_send)
        self.answered_at[client].append(now)
        self.clients[client][1].on_resp(now, sent, 200, now - sent.t_send, {})
        for number in range(len(self.clients)):
            if self.clients[number][0] <= now:
                self._ask(now, number)

    def _serve(self, now: float) -> None:
        while self._queue and self._busy < self._workers:
            self._busy += 1
            self._at(now + self.server.service(self.rng), "served", self._queue.popleft())

    def _ask(self, now: float, client: int) -> None:
        law = self.clients[client][1]
        while (wait := law.gate(now, self._in_flight[client])) is not None:
            if wait > 0:
                self._sleep(now + max(wait, 1e-4), client)
                return
            self._in_flight[client] += 1
            sent = Sent(now, self._in_flight[client], client)
            law.on_send(now, sent)
            self._at(now + self._hop(), "arrive", sent)

    def _sleep(self, until: float, client: int) -> None:
        wake = self._wakes[client]
        if wake is None or until < wake - 1e-9:
            self._wakes[client] = until
            self._at(until, "wake", client)

    def _hop(self) -> float:
        return self.server.network / 2 * self.rng.uniform(1.0, 1.05)
