"""A scenario: a server with its limits, what the client knows, the most that can be reached, and the bar."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from bench.simulation.bars import Bar
from bench.simulation.rules import Rule
from bench.simulation.servers import Server

DRIFT: Final = 1.025
"""The network takes up to 5 % longer than `network` says, so 2.5 % on average (see `Station._hop`)."""


def no_rules(rng: Random) -> Sequence[Rule]:
    """Return no limits."""
    _ = rng
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A named scenario. Times are seconds from the start."""

    name: str
    what: str
    """The description in the table."""
    server: Server
    seconds: float
    oracle: float
    """The responses of a client that knows the server in advance."""
    bar: Bar
    rules: Callable[[Random], Sequence[Rule]] = no_rules
    """Returns the limits of one run."""
    refusal: int = 429
    foreign: float = 0.0
    """Requests a second of another client of the same credential."""
    dated: bool = True
    skew: float = 0.0
    """Seconds by which the client's clock is ahead of the server's."""
    cap: int = 128
    budgets: Sequence[tuple[int, float]] = ()
    """The rates that the client is configured with, as (requests, seconds)."""
    hard_cap: int | None = None
    """The concurrency limit that the client is configured with."""
    limited: bool = False
    """Whether the server has limits, so that refusals are compared too."""


def rate(server: Server, workers: int) -> float:
    """Return the responses a second of so many workers."""
    return workers / server.median


def round_trip(server: Server) -> float:
    """Return the mean latency of an idle server."""
    return server.median + DRIFT * server.network
