"""What a source may add so that `fetchdeck plan` can tell the cost of a run before it begins. Pure, as a source is."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from engine.model.source import Memory, Request, Response

# A source whose rows become something outside the database as well: files, for whoever works on them next. Pure.
#
# `deliver` derives everything from what has landed, so it may be called at any time and as often as one likes: what was
# delivered before is found delivered, and what a crash left out is made up for by the next call.


class Stored(Protocol):
    """A source's own tables, as they are on disk now."""

    def select(
        self, table: str, where: Mapping[str, Any] | None = None, *, above: tuple[str, int] | None = None
    ) -> Iterator[Mapping[str, Any]]:
        """Yield rows whose columns equal `where`; `above` gives a column that must be larger, and orders by it."""


@runtime_checkable
class Delivers(Protocol):
    """What a source has beside `engine.model.source.Source` when it delivers."""

    def deliver(self, stored: Stored, since: float) -> Sequence[str]:
        """Bring what is outside up to what is stored; called in a thread, before a run, during it and after it.

        Args:
            stored: the source's tables.
            since: when the run began, seconds since the epoch: rows written later are this run's.

        Returns:
            What went wrong, one line each; nothing here stops a run.
        """


# What `fetchdeck init` asks for a source: the keys of its options without which a harvest makes little sense.


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A key of a source's options that `fetchdeck init` asks for: without it a harvest makes little sense.

    A source's class lists them as `questions`; without that, init asks for the keys that have no default.
    """

    key: str
    """As in the configuration; with dots where it lies in a table of its own."""
    ask: str
    """In a word or two: "organisations"."""
    help: str
    """What to write, in one line; it also stands above the key in the file."""
    unset: str = "none"
    """What leaving it out means: "the present one"."""


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
