"""The configuration of one simulated API: data sizes, limits, capacity and faults."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

FAULTS: Mapping[str, str] = {
    "429": "too many requests, with a Retry-After",
    "429-bare": "too many requests, without any header that says how long",
    "500": "a server error, in the API's own words",
    "502": "a bad gateway with an HTML body",
    "503": "service unavailable with an HTML body",
    "503-retry-after": "service unavailable with a Retry-After",
    "reset": "the connection is reset in the middle of the body",
    "short": "the connection closes before Content-Length bytes were sent",
    "slow": "one byte of the body every `wait` seconds",
    "malformed": "JSON that ends in the middle, with a right Content-Length",
    "truncated-gzip": "a gzip stream without its tail, with a right Content-Length",
    "html": "a page of HTML with status 200",
    "foreign-next": "the next link leads to another host",
    "endless-next": "a next page for ever, with repeating content",
    "stall": "no answer, ever",
}
"""Every fault by name, with its effect on the wire."""

MeterKind = Literal["fixed", "sliding", "bucket"]
Preset = Literal["real", "demo", "quiet"]


@dataclass(frozen=True, slots=True)
class Budget:
    """Requests per time. `fixed` opens at the first request, `sliding` looks back, `bucket` refills."""

    requests: int
    per: float
    """Seconds."""
    kind: MeterKind = "fixed"

    def __post_init__(self) -> None:
        if self.requests < 1 or self.per <= 0:
            raise ValueError(f"a budget needs at least 1 request and some seconds, not {self.requests}/{self.per}s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of an API. None means no limit."""

    budget: Budget | None = None
    """Per credential."""
    anonymous: Budget | None = None
    """For clients without a credential; None means the same as `budget`."""
    points: Budget | None = None
    """Per endpoint and credential: GitHub's secondary limit."""
    queries: Budget | None = None
    """GraphQL points per credential, besides `budget`. A query beyond them is refused with status 200."""
    query_points: Budget | None = None
    """Replaces `points` where the path ends in /graphql."""
    concurrency: int | None = None
    penalty: float = 60.0
    """Retry-After in seconds when a secondary limit is exceeded.

    Until then every request of the credential is refused.
    """
    status: int = 403
    """Status of a refusal: GitHub may use 403 or 429."""
    retry_after: bool = False
    """Whether the refusal of a spent `budget` has a Retry-After."""
    known: Literal["documented", "headers", "never"] = "documented"
    """How a client can know the budget: before its first request, from the first response's headers, or not at all."""
    grace: float = 0.25
    """Seconds that a response may take to be read before ignoring it counts as a violation."""
    unchanged_is_free: Literal["authorized", "always", "never"] = "never"
    """Whether a 304 gives its request back to the budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """How fast the API works."""

    workers: int | None = None
    """Requests served at once, while others queue; None is unbounded."""
    latency: float = 0.0
    """Seconds to serve a request; the median where there is a spread."""
    spread: float = 0.0
    """Sigma of a lognormal distribution; 0 makes every request take `latency`."""
    delay: float = 0.0
    """Seconds of network round trip, which occupy no worker."""

    def __post_init__(self) -> None:
        if self.workers is not None and self.workers < 1:
            raise ValueError(f"a station needs at least 1 worker, not {self.workers}")
        if min(self.latency, self.spread, self.delay) < 0:
            raise ValueError("latency, spread and delay are never below 0")


@dataclass(frozen=True, slots=True)
class CapacityStep:
    """A change of capacity, `after` seconds from the first request."""

    after: float
    capacity: Capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRule:
    """When a fault occurs: by chance (`rate`), on `every` nth request, or on the `next` n requests."""

    fault: str
    rate: float = 0.0
    every: int = 0
    next: int = 0
    route: str = ""
    """Only requests whose route template contains this; "" matches all."""
    wait: float = 1.0
    """Seconds of a Retry-After, or between the bytes of a slow response."""

    def __post_init__(self) -> None:
        if self.fault not in FAULTS:
            raise ValueError(f"there is no fault {self.fault!r}; known: {', '.join(FAULTS)}")
        if not 0 <= self.rate <= 1:
            raise ValueError(f"the rate of fault {self.fault} is {self.rate}: it must lie between 0 and 1")
        if min(self.every, self.next, self.wait) < 0:
            raise ValueError(f"every, next and wait of fault {self.fault} are never below 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiConfig:
    """Everything about one API of the simulator."""

    name: str
    sizes: Any
    """The amount of data, in the API's own dataclass (`GitHubSizes`, `Pr0grammSizes`)."""
    limits: Limits = Limits()
    capacity: Capacity = Capacity()
    steps: tuple[CapacityStep, ...] = ()
    faults: tuple[FaultRule, ...] = ()
    token: str | None = None
    """The only accepted credential; None accepts any."""
    gzip: bool = True
    """Whether responses are compressed for clients that accept it."""
    cache_bytes: int = 64 * 2**20
    """Memory for rendered responses."""
