"""Simulated servers: how fast they serve, and how that changes with time or by endpoint."""

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server of constant speed. Subclasses change with time or by endpoint."""

    workers: Sequence[tuple[float, int]]
    """The number of parallel workers from each second on, the first from 0."""
    median: float
    """The median of the service time, in seconds."""
    sigma: float = 0.0
    """The standard deviation of the logarithm of the service time; 0 makes it constant."""
    network: float
    """Seconds of the network, both ways."""
    outages: Sequence[tuple[float, float]] = ()
    """The times in which every request gets a 503 at once."""

    def service(self, rng: random.Random, now: float, route: int) -> float:
        """Draw a service time, in seconds."""
        _ = (now, route)
        return self.median * rng.lognormvariate(0.0, self.sigma) if self.sigma else self.median

    def network_at(self, now: float) -> float:
        """Return the seconds of the network, both ways."""
        _ = now
        return self.network

    def route(self, rng: random.Random, now: float) -> int:
        """Draw the endpoint of the client's next request."""
        _ = (rng, now)
        return 0

    def failing(self, now: float) -> float:
        """Return the share of requests that end in a 500."""
        _ = now
        return 0.0

    def out(self, now: float) -> bool:
        """Return whether there is an outage."""
        return any(begins <= now < ends for begins, ends in self.outages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengthening(Server):
    """The network becomes slower, and the capacity stays."""

    after: float
    """The second from which on the network takes `to` seconds."""
    to: float

    def network_at(self, now: float) -> float:
        return self.network if now < self.after else self.to


@dataclass(frozen=True, slots=True, kw_only=True)
class Slowing(Server):
    """The service time grows linearly from `median` to `to` seconds."""

    begins: float
    lasts: float
    to: float

    def service_at(self, now: float) -> float:
        """Return the service time of a request that starts now."""
        share = min(1.0, max(0.0, (now - self.begins) / self.lasts))
        return self.median + share * (self.to - self.median)

    def service(self, rng: random.Random, now: float, route: int) -> float:
        _ = (rng, route)
        return self.service_at(now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed(Server):
    """A fast endpoint (0, `median` seconds) and a slow one (1, `slow` seconds), in a mix that changes."""

    slow: float
    shares: Sequence[float]
    """The shares of requests for the slow endpoint, used one after the other."""
    turn: float
    """Seconds of each share."""

    def share(self, now: float) -> float:
        """Return the share of requests for the slow endpoint."""
        return self.shares[int(now // self.turn) % len(self.shares)]

    def route(self, rng: random.Random, now: float) -> int:
        return int(rng.random() < self.share(now))

    def service(self, rng: random.Random, now: float, route: int) -> float:
        """Draw a service time, which varies by up to a tenth."""
        _ = now
        return (self.slow if route else self.median) * rng.uniform(0.9, 1.1)

    def rate(self, workers: int, now: float) -> float:
        """Return the responses a second that so many workers can give."""
        share = self.share(now)
        return workers / (self.median * (1 - share) + self.slow * share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erring(Server):
    """Some requests end in a 500, and more of them for a while."""

    share: float
    worse: float
    spell: tuple[float, float]
    """The time in which the share is `worse`."""

    def failing(self, now: float) -> float:
        return self.worse if self.spell[0] <= now < self.spell[1] else self.share
