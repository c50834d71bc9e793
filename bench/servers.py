"""Simulated servers: what is served how fast, and how that changes with time or by endpoint."""

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What is served how fast. Subclasses change with time or by endpoint."""

    workers: Sequence[tuple[float, int]]
    """How many work in parallel from which second on, the first from 0."""
    median: float
    """Seconds of service."""
    sigma: float = 0.0
    """Of the logarithm of the service time; 0 makes it constant."""
    network: float
    """Seconds there and back."""
    outages: Sequence[tuple[float, float]] = ()
    """From when to when everything is answered with 503 at once."""

    def service(self, rng: random.Random, now: float, route: int) -> float:
        """Draw a service time in seconds."""
        _ = (now, route)
        return self.median * rng.lognormvariate(0.0, self.sigma) if self.sigma else self.median

    def network_at(self, now: float) -> float:
        """Return the seconds there and back."""
        _ = now
        return self.network

    def route(self, rng: random.Random, now: float) -> int:
        """Draw the endpoint the client asks next."""
        _ = (rng, now)
        return 0

    def failing(self, now: float) -> float:
        """Return the share of requests that end in a 500."""
        _ = now
        return 0.0

    def out(self, now: float) -> bool:
        """Say whether there is an outage."""
        return any(begins <= now < ends for begins, ends in self.outages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengthening(Server):
    """The way there and back becomes longer, and the capacity stays."""

    after: float
    """The second from which on it takes `to` seconds."""
    to: float

    def network_at(self, now: float) -> float:
        """Return one or the other."""
        return self.network if now < self.after else self.to


@dataclass(frozen=True, slots=True, kw_only=True)
class Slowing(Server):
    """Service becomes slower bit by bit, from `median` to `to` seconds."""

    begins: float
    lasts: float
    to: float

    def service_at(self, now: float) -> float:
        """Return the seconds of service of a request that begins now."""
        share = min(1.0, max(0.0, (now - self.begins) / self.lasts))
        return self.median + share * (self.to - self.median)

    def service(self, rng: random.Random, now: float, route: int) -> float:
        """Return them: there is no chance in it."""
        _ = (rng, route)
        return self.service_at(now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed(Server):
    """A fast endpoint (0, `median` seconds) and a slow one (1, `slow` seconds), in a mix that changes."""

    slow: float
    shares: Sequence[float]
    """Of requests to the slow endpoint, in turn."""
    turn: float
    """Seconds of each."""

    def share(self, now: float) -> float:
        """Return the share of requests that go to the slow endpoint."""
        return self.shares[int(now // self.turn) % len(self.shares)]

    def route(self, rng: random.Random, now: float) -> int:
        """Draw the endpoint."""
        return int(rng.random() < self.share(now))

    def service(self, rng: random.Random, now: float, route: int) -> float:
        """Draw a service time, up to a tenth more or less."""
        _ = now
        return (self.slow if route else self.median) * rng.uniform(0.9, 1.1)

    def rate(self, workers: int, now: float) -> float:
        """Return the answers a second so many workers can give."""
        share = self.share(now)
        return workers / (self.median * (1 - share) + self.slow * share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erring(Server):
    """Some requests end in a 500, for a while more of them."""

    share: float
    worse: float
    spell: tuple[float, float]
    """From when to when it is worse."""

    def failing(self, now: float) -> float:
        """Return the share of failing requests."""
        return self.worse if self.spell[0] <= now < self.spell[1] else self.share
