"""What a scenario is: a server with its limits, what the client is told, the most that can be had, and the bar."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from bench.bars import Bar
from bench.rules import Rule
from bench.servers import Server

DRIFT: Final = 1.025
"""A hop takes up to 5 % longer than its mean: half of that on average."""


def no_rules(rng: Random) -> Sequence[Rule]:
    """Limit nothing."""
    _ = rng
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One of the named scenarios. Times are seconds from the start."""

    name: str
    what: str
    """In words, for the table."""
    server: Server
    seconds: float
    oracle: float
    """Answers a client that knows everything would have."""
    bar: Bar
    rules: Callable[[Random], Sequence[Rule]] = no_rules
    """Makes the limits of one run."""
    refusal: int = 429
    foreign: float = 0.0
    """Requests a second of another client of the same credential."""
    dated: bool = True
    skew: float = 0.0
    """Seconds the client's clock is ahead of the server's."""
    cap: int = 128
    budgets: Sequence[tuple[int, float]] = ()
    """What the client is told of rates, as (requests, seconds)."""
    hard_cap: int | None = None
    """What the client is told of concurrency."""
    limited: bool = False
    """Whether refusals say more about a law than latency does."""


def rate(server: Server, workers: int) -> float:
    """Return the answers a second so many workers give."""
    return workers / server.median


def round_trip(server: Server) -> float:
    """Return the mean latency on an idle server."""
    return server.median + DRIFT * server.network
