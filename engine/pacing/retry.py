"""When a request is sent again, after how long, and when it fails for good. docs/retries.md has it as a table.

Every attempt ends in one `Outcome`. Three functions decide what follows from it:

- `outcome_of_status` and `outcome_of_error` name the outcome. (A refusal for the rate is recognised by
  `engine.pacing.response.throttling`, because that takes the headers and the body.)
- `next_wait` says after how many seconds the request is sent again, or that it has failed for good.
- `penalty_wait` says how long a refusal for the rate stops a whole limit domain.

Nothing sleeps here. A request that waits is back in the queue on disk with the time it is due, so a restart forgets
neither the wait nor the count of attempts. Pure: chance is passed in.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from tenacity import RetryCallState, Retrying, wait_exponential

from engine.common.errors import (
    BadBody,
    BodyTooLarge,
    FetchdeckError,
    LoginNeeded,
    NoRoom,
    RedirectRefused,
    RequestRefused,
    SourceError,
    TlsRefused,
    TransportError,
    UsageError,
)
from engine.model.source import LimitsRetries, Source

# How often.

DEFAULT_RETRIES: Final = 4
"""How often a request is sent again after failures, where neither the person nor the source sets a number."""
BAD_BODY_RETRIES: Final = 1
"""How often a request is sent again after a broken body, where the person sets no number: a body that broke on the way
is whole the second time; one that is not stays broken. A person who sets a number knows the API, so theirs holds."""

# After how long, in seconds.

FIRST_WAIT: Final = 0.5
"""The shortest backoff after the first attempt. Chance makes it up to twice as long, and each attempt doubles both."""
LONGEST_WAIT: Final = 60.0
"""No backoff is longer. A Retry-After may be."""
SHORTEST_PENALTY: Final = 0.5
LONGEST_PENALTY: Final = 3600.0
"""After an hour the API is asked again, whatever it said."""
LONGEST_GUESS: Final = 30.0
"""The longest penalty where the server names no time."""
PENALTY_MARGIN: Final = 0.2
"""Added to every penalty: at the very instant a server names, half of its machines still refuse."""
SECONDARY_WAIT: Final = 60.0
"""The penalty for a secondary limit that names no time. GitHub asks for at least a minute, then longer each time:
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately"""

# Which outcomes.

TRANSIENT: Final = frozenset({408, 425, 500, 502, 503, 504, 507, 509, 520, 521, 522, 523, 524, 529, 530})
"""Statuses of failures that pass. Those from 520 on come from CDNs, mostly because the origin did not answer."""
NOT_READY: Final = 202
SUCCESSES: Final = frozenset(range(200, 300)) - {NOT_READY} | {304}
FATAL_MESSAGES: Final = ("invalid user agent", "login attempt", "bad credentials", "account was suspended")
"""In the message of a 403, in lower case: no other request of this source would be answered."""


class Outcome(StrEnum):
    """How an attempt ended, as far as sending its request again is concerned."""

    SUCCESS = "success"
    """Not sent again. That includes every status that the source accepts."""
    THROTTLED = "throttled"
    """Refused for its rate. Always sent again, however often, because it is not the request's fault."""
    NOT_READY = "not ready"
    """The server still works on it (202). Sent again like a transient failure, but says nothing about the load."""
    TRANSIENT = "transient failure"
    """A failure that passes: no connection, a timeout, an overloaded server."""
    BAD_BODY = "bad body"
    """The answer arrived, but its source does not understand it. Sent again once."""
    EXPIRED = "expired credential"
    """The credential was refused, and there is a new one since. Sent again at once, a few times in a row at most: a
    new one may have expired as well by the time it is used."""
    LOGIN_NEEDED = "login needed"
    """The credential is refused, or cannot be got. The source waits for another one, and then sends the request again;
    it stops where none can come."""
    NO_ROOM = "no room"
    """This process had no memory or no descriptor for the answer. Always sent again; the server is not to blame."""
    PERMANENT = "permanent failure"
    """The same request would fail again. Fails for good at once."""
    FATAL = "fatal failure"
    """No request of this source can succeed. The source stops; the request stays queued for the next run."""

    @property
    def counts(self) -> bool:
        """Whether the attempt uses up one of the request's attempts."""
        return self in {Outcome.SUCCESS, Outcome.NOT_READY, Outcome.TRANSIENT, Outcome.BAD_BODY, Outcome.PERMANENT}


def outcome_of_status(status: int, message: str) -> Outcome:
    """Name the outcome of an answer that is neither a success nor a refusal for the rate.

    Args:
        status: of the answer.
        message: what its body says, in lower case.
    """
    if status == NOT_READY:
        return Outcome.NOT_READY
    if status in TRANSIENT:
        return Outcome.TRANSIENT
    if status == 401:
        return Outcome.LOGIN_NEEDED
    if status == 403 and any(words in message for words in FATAL_MESSAGES):
        return Outcome.FATAL
    return Outcome.PERMANENT


def outcome_of_error(error: FetchdeckError) -> Outcome:
    """Name the outcome of an attempt that brought no usable answer."""
    match error:
        case BadBody():
            return Outcome.BAD_BODY
        case NoRoom():
            return Outcome.NO_ROOM
        case RedirectRefused() | BodyTooLarge() | TlsRefused() | RequestRefused():
            return Outcome.PERMANENT
        case TransportError():
            return Outcome.TRANSIENT
        case LoginNeeded():
            return Outcome.LOGIN_NEEDED
        case SourceError() | UsageError():
            return Outcome.FATAL
    return Outcome.PERMANENT


def allowed_retries(source: Source, wanted: int | None) -> int:
    """Return how often a failed request is sent again: the person's number, else the source's, else the default."""
    if wanted is not None:
        return wanted
    return source.retries if isinstance(source, LimitsRetries) else DEFAULT_RETRIES


def allowed_bad_body_retries(source: Source, wanted: int | None) -> int:
    """Return how often a request is sent again whose bodies are broken: the person's number, else once at most."""
    return wanted if wanted is not None else min(BAD_BODY_RETRIES, allowed_retries(source, None))


def next_wait(
    outcome: Outcome,
    *,
    attempt: int,
    retries: int,
    bad_body_retries: int = BAD_BODY_RETRIES,
    backoff: Callable[[int], float],
    retry_after: float | None = None,
) -> float | None:
    """Return the seconds until a request that failed is sent again; None when it has failed for good.

    THROTTLED is not asked about: such a request is queued again at once, and waits for the penalty of its domain.

    Args:
        outcome: of the attempt just made.
        attempt: its number, the first being 1. Attempts that do not count have no number.
        retries: how often a request may be sent again.
        bad_body_retries: how often, where the body is broken; never more than `retries`.
        backoff: seconds to wait after attempt n.
        retry_after: seconds the server asked for, where it did. It can make the wait longer, never shorter.
    """
    if outcome is Outcome.BAD_BODY:
        retries = min(bad_body_retries, retries)
    elif outcome not in {Outcome.TRANSIENT, Outcome.NOT_READY}:
        return None
    return max(backoff(attempt), retry_after or 0.0) if attempt <= retries else None


_RETRYING: Final = Retrying()


class Backoff:
    """Exponential backoff with jitter: doubles the wait with every attempt, and draws its upper half at random.

    Half of the wait is random so that requests that failed together do not come back together ("equal jitter":
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). The doubling is tenacity's, which is
    asked for a number only, because the queue on disk does the waiting.

    Args:
        chance: returns a share from 0 up to 1; a new one is drawn for each wait.
        first: seconds of the first wait, at least; at most twice that.
        longest: seconds of any wait, at most.
    """

    def __init__(
        self, *, chance: Callable[[], float], first: float = FIRST_WAIT, longest: float = LONGEST_WAIT
    ) -> None:
        self._chance = chance
        self._wait = wait_exponential(multiplier=2 * first, max=longest)

    def __call__(self, attempt: int) -> float:
        """Return the seconds to wait after attempt number `attempt`, the first being 1."""
        state = RetryCallState(_RETRYING, None, (), {})
        state.attempt_number = max(1, attempt)
        return self._wait(state) * (1 + self._chance()) / 2


def penalty_wait(wait: float | None, strikes: int, chance: float = 0.0) -> float:
    """Return for how many seconds a refusal stops its limit domain.

    Args:
        wait: seconds the server asked for (Retry-After, or the reset of a spent budget); None when it named no time.
        strikes: how many times in a row it refused, this one included. One flight of refusals is one strike.
        chance: 0 to 1, the share of the jitter to add.
    """
    guess = min(LONGEST_GUESS, 2.0 ** min(strikes - 1, 10))
    # A server that keeps saying "one second" and keeps refusing is not taken at its word.
    base = guess if wait is None else max(wait, guess if strikes > 1 else 0.0)
    jitter = chance * min(2.0, 0.02 * base)
    return min(LONGEST_PENALTY, max(SHORTEST_PENALTY, base + PENALTY_MARGIN + jitter))


def secondary_wait(attempt: int) -> float:
    """Return the seconds to wait for a secondary limit that names no time; they double with each attempt."""
    return min(LONGEST_PENALTY, SECONDARY_WAIT * 2.0 ** min(attempt - 1, 10))
