"""What an answer, or the lack of one, means for its request: landed, throttled, to be tried again, or failed. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.common.errors import (
    BadBody,
    BodyTooLarge,
    FetchdeckError,
    RedirectRefused,
    SourceError,
    TlsRefused,
    TransportError,
    UsageError,
)
from engine.common.text import clean
from engine.model.source import Response
from engine.pacing.response.error_text import own_words, status_words
from engine.pacing.response.headers import RateLimitInfo
from engine.pacing.response.throttling import Throttle, refusal

BAD_BODY_ATTEMPTS: Final = 2
"""A body broken on the way is whole the second time; one that is not stays broken."""
_PERMANENT_ERRORS: Final = (RedirectRefused, BodyTooLarge, TlsRefused)
_FATAL_ERRORS: Final = (SourceError, UsageError)
_TRANSIENT: Final = frozenset({408, 425, 500, 502, 503, 504, 507, 509, 520, 521, 522, 523, 524, 529, 530})
_FATAL_WORDS: Final = ("invalid user agent", "login attempt", "bad credentials", "account was suspended")
"""In a 403's message: no request of this source will fare better."""
_NOT_READY: Final = 202
_SUCCESSES: Final = frozenset(range(200, 300)) - {_NOT_READY} | {304}
_NO_ADVICE: Final = RateLimitInfo()


class Outcome(StrEnum):
    """What came of a request."""

    OK = "ok"
    THROTTLED = "throttled"
    """Refused for its rate: the whole limit domain rests. Not the request's fault, so it is always sent again."""
    FAILED = "failed"
    IGNORED = "ignored"
    """The server works on it and says so (202): no failure, and no sample of anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be done about one answer."""

    outcome: Outcome
    reason: str
    """In plain words, clean: "429 Too Many Requests: retry-after 60 s"."""
    kind: str
    """Groups errors that are the same: the status, or the error's class."""
    retry: bool = False
    wait: float | None = None
    """Seconds before the next attempt; for THROTTLED, how long the domain rests, None when the server names no time."""
    throttle: Throttle | None = None
    """Which kind of refusal a THROTTLED is."""
    fatal: bool = False
    """No request of this source can fare better: it stops as a whole."""


def judge(
    result: Response | FetchdeckError,
    *,
    attempt: int,
    max_attempts: int,
    advice: RateLimitInfo | None,
    accepted: bool,
    backoff: Callable[[int], float],
    server_now: float | None = None,
) -> Verdict:
    """Decide what an answer or an error means for its request.

    A refusal for the rate comes before what the source accepts: a source that can make sense of a 403 must not be
    given one that only says "slow down".

    Args:
        result: the answer, or the error that came instead.
        attempt: number of the attempt just made, the first being 1.
        max_attempts: after this many a request fails for good.
        advice: what the answer's headers say; None for an error.
        accepted: whether the source makes sense of this status.
        backoff: seconds to wait after attempt n.
        server_now: the server's time in seconds since the epoch; None takes the answer's Date.
    """
    if isinstance(result, FetchdeckError):
        return _judge_error(result, attempt, max_attempts, backoff)
    advice = advice or _NO_ADVICE
    words, kind = status_words(result.status), str(result.status)
    refused = refusal(result, advice, attempt=attempt, server_now=server_now)
    if refused:
        reason = clean(f"{words}: {refused.why}")
        return Verdict(
            outcome=Outcome.THROTTLED, reason=reason, kind=kind, retry=True, wait=refused.wait, throttle=refused.kind
        )
    if accepted or result.status in _SUCCESSES:
        return Verdict(outcome=Outcome.OK, reason=words, kind=kind)
    if result.status == _NOT_READY or result.status in _TRANSIENT:
        outcome = Outcome.IGNORED if result.status == _NOT_READY else Outcome.FAILED
        wait = max(backoff(attempt), advice.retry_after or 0.0)
        return _again(outcome, _reason(words, result), kind, attempt, max_attempts, wait)
    return Verdict(outcome=Outcome.FAILED, reason=_reason(words, result), kind=kind, fatal=_fatal(result))


def _judge_error(error: FetchdeckError, attempt: int, max_attempts: int, backoff: Callable[[int], float]) -> Verdict:
    reason, kind = clean(str(error)) or type(error).__name__, type(error).__name__
    if isinstance(error, BadBody):
        attempts = min(BAD_BODY_ATTEMPTS, max_attempts)
    elif isinstance(error, TransportError) and not isinstance(error, _PERMANENT_ERRORS):
        attempts = max_attempts
    else:
        return Verdict(outcome=Outcome.FAILED, reason=reason, kind=kind, fatal=isinstance(error, _FATAL_ERRORS))
    return _again(Outcome.FAILED, reason, kind, attempt, attempts, backoff(attempt))


def _again(outcome: Outcome, reason: str, kind: str, attempt: int, attempts: int, wait: float) -> Verdict:
    if attempt < attempts:
        return Verdict(outcome=outcome, reason=reason, kind=kind, retry=True, wait=wait)
    return Verdict(outcome=Outcome.FAILED, reason=reason, kind=kind)


def _reason(words: str, response: Response) -> str:
    said = own_words(response)
    if response.status == 401:
        words = f"{words}: the credential was refused or is missing"
    return clean(f"{words}: {said}") if said else words


def _fatal(response: Response) -> bool:
    said = own_words(response).lower()
    return response.status == 401 or (response.status == 403 and any(word in said for word in _FATAL_WORDS))
