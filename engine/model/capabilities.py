"""What a source may add so that `fetchdeck plan` can tell the cost of a run before it begins. Pure, as a source is."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from engine.model.source import Memory, Request, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A part of what a run would ask for, as far as a source can say it without asking."""

    resource: str = "core"
    requests_low: int
    """At least so many, or as good as."""
    requests_high: int | None
    """At most so many; None where that cannot be known before a first run."""
    naive_requests: int
    """What the plainest client would make for the same rows: nothing batched, nothing remembered, no 304."""
    why: str
    """In words: "60 repositories, 100 on a page"."""
    quota: int | None = None
    """Requests (or points) in a window, as documented, where only headers tell of it."""
    window: float = 3600.0
    """Seconds of that window."""
    naive_open: bool = False
    """The plainest client would make more than `naive_requests`, and nobody knows how many."""
    timed: bool = True
    """An answer takes about as long as any API's. How long a clone takes, or the listing of a channel, is unknown."""


@runtime_checkable
class Estimator(Protocol):
    """What a source may add, so that `fetchdeck plan` can tell the cost of a run before it begins.

    One that derives from this and has nothing to ask writes `estimate` alone.
    """

    def probes(self, memory: Memory) -> Sequence[Request]:  # noqa: ARG002 -- for those that ask
        """Name the few requests without which an estimate would be a guess."""
        return ()

    def learn(self, request: Request, response: Response) -> Mapping[str, int]:  # noqa: ARG002 -- likewise
        """Read numbers out of a probe's answer; none where it says nothing.

        Raises:
            BadBody: the answer cannot be understood.
        """
        return {}

    @abstractmethod
    def estimate(self, memory: Memory, known: Mapping[str, int]) -> Sequence[Estimate]:
        """Say what a run would ask for, from what is remembered and what probes have told."""
