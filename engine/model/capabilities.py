"""What a source may offer beside `Source`: deliveries, clones, questions for `init`, estimates for `plan`, and more."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from engine.model.source import Memory, Request, Response


class Stored(Protocol):
    """A source's own tables as they are on disk now."""

    def select(
        self, table: str, where: Mapping[str, Any] | None = None, *, above: tuple[str, int] | None = None
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the rows whose columns equal `where`. `above` names a column and its lower bound, and sorts by it."""


@runtime_checkable
class Delivers(Protocol):
    """A source that also writes its rows to files for other programs.

    `deliver` derives everything from the rows on disk. It is idempotent: it may be called at any time and repeats
    nothing, and after a crash the next call does what was left.
    """

    def deliver(self, stored: Stored, since: float) -> Sequence[str]:
        """Bring the files up to date with the tables. Called in a thread, before, during and after a run.

        Args:
            stored: the source's tables.
            since: start of the run in seconds since the epoch. Rows written later are of this run.

        Returns:
            One line for each problem. None of them stops a run.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An option that `fetchdeck init` asks for, because a harvest makes little sense without it.

    A source's class lists them as `questions`. Without that list, init asks for the options that have no default.
    """

    key: str
    """The key in the configuration, with dots if it is in a table of its own."""
    ask: str
    """The question in a word or two: "organisations"."""
    help: str
    """What to write, in one line. It also becomes the comment above the key in the file."""
    unset: str = "none"
    """What leaving it out means: "the present one"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """How many requests a part of a run takes, as far as the source knows without making any."""

    resource: str = "core"
    cost: float = 1.0
    """Units that one of its requests takes from the resource's budgets."""
    requests_low: int
    """A lower bound, or close to one."""
    requests_high: int | None
    """An upper bound; None if there is none before the first run."""
    naive_requests: int
    """What the plainest client would need for the same rows: no batching, no memory, no 304."""
    why: str
    """The reason in words: "60 repositories, 100 on a page"."""
    quota: int | None = None
    """Requests or points per window as documented, for an API that tells its limit only by headers."""
    window: float = 3600.0
    """Length of that window in seconds."""
    naive_open: bool = False
    """`naive_requests` is a lower bound."""
    timed: bool = True
    """Whether an answer takes about as long as an API's usually does. A clone or a long listing may take any time."""


@runtime_checkable
class Estimator(Protocol):
    """A source that can estimate the requests of a run for `fetchdeck plan`.

    A class that derives from this and needs no probes implements `estimate` alone.
    """

    def probes(self, memory: Memory) -> Sequence[Request]:  # noqa: ARG002 -- for those that ask
        """Return the few requests without which the estimate would be a guess."""
        return ()

    def learn(self, request: Request, response: Response) -> Mapping[str, int]:  # noqa: ARG002 -- likewise
        """Read numbers from the answer to a probe. Return {} if it has none.

        Raises:
            BadBody: the answer cannot be understood.
        """
        return {}

    @abstractmethod
    def estimate(self, memory: Memory, known: Mapping[str, int]) -> Sequence[Estimate]:
        """Return the estimates, from what is remembered and what the probes have shown."""


@runtime_checkable
class ListsEndpoints(Protocol):
    """A source whose lists are configured one by one, each with a table of its name.

    `fetchdeck check` asks for a page of each.
    """

    @property
    def endpoints(self) -> Mapping[str, str]:
        """The parent of each list, by its name; "" for a list that the source seeds."""

    def endpoint_of(self, request: Request) -> str:
        """Return the name of the list that a request is a page of."""


@runtime_checkable
class FindsGaps(Protocol):
    """A source that can say what of its configuration finds nothing in a page."""

    def gaps(self, request: Request, response: Response) -> Mapping[str, Sequence[str]]:
        """Say what a page has nothing for, by the list whose configuration asks for it: itself, or one below it.

        Raises:
            BadBody: the page cannot be read.
        """


@runtime_checkable
class KnowsItsWalks(Protocol):
    """A source that can tell the names of its walks from those of an earlier configuration."""

    def asks(self, part: str, walk: str) -> bool:
        """Say whether the source may make a walk of this name. True in doubt.

        Args:
            part: the part of the coverage map that it belongs to.
            walk: its name.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkouts:
    """Where clones go and how git is run: what the git transport is built from."""

    base_url: str
    """The beginning of the addresses of all repositories."""
    target: str
    """The folder of the clones; a relative path starts at the configuration file's folder."""
    timeout: float
    """Seconds for one repository."""
    settings: Sequence[tuple[str, str]]
    """The user's own git settings."""


@runtime_checkable
class ClonesRepositories(Protocol):
    """A source that makes requests with `via="git"`."""

    @property
    def checkouts(self) -> Checkouts | None:
        """What the git transport is built from; None if nothing is cloned."""


@runtime_checkable
class NamesLimitHeaders(Protocol):
    """A source whose API sends the usual rate-limit headers under other names."""

    @property
    def header_names(self) -> Mapping[str, str]:
        """The API's name of a header, by the usual name."""


@runtime_checkable
class ConfiguredSeveralTimes(Protocol):
    """A source class of which several sources may be configured, each in a table of its own name."""

    @property
    def many(self) -> bool:
        """Whether that is so."""
