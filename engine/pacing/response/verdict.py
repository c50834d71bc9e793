"""What an answer, or the error that came instead, means for its request and for the server's load. Pure.

This module reads the answer; the rule that follows from it (sent again, when, how often) is `engine.pacing.retry`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from engine.common.errors import FetchdeckError
from engine.common.text import clean
from engine.model.source import Response
from engine.pacing.concurrency.controller import LoadSignal
from engine.pacing.response.error_text import own_words, status_words
from engine.pacing.response.headers import RateLimitInfo
from engine.pacing.response.throttling import Throttle, refusal
from engine.pacing.retry import (
    BAD_BODY_RETRIES,
    SUCCESSES,
    Outcome,
    next_wait,
    outcome_of_error,
    outcome_of_status,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be done about one attempt."""

    outcome: Outcome
    reason: str
    """In plain words, clean: "429 Too Many Requests: retry-after 60 s"."""
    kind: str
    """Groups errors that are the same: the status, or the error's class."""
    wait: float | None = None
    """Seconds before the next attempt, None when there is none. For THROTTLED, the seconds the server asked for, None
    when it named no time."""
    throttle: Throttle | None = None
    """Which kind of refusal a THROTTLED is."""
    excused: bool = False
    """The failure is the server's or the network's and not the request's: it uses up no attempt."""

    @property
    def retry(self) -> bool:
        """Whether the request is sent again in this run."""
        always = {Outcome.THROTTLED, Outcome.EXPIRED, Outcome.LOGIN_NEEDED, Outcome.NO_ROOM}
        return self.outcome in always or self.wait is not None

    @property
    def load(self) -> LoadSignal:
        """What the attempt says about the server's load. A 404 is an answer like any other."""
        if self.outcome is Outcome.THROTTLED or (self.outcome is Outcome.NOT_READY and self.retry):
            return LoadSignal.NEUTRAL
        answered = self.outcome is Outcome.SUCCESS or (self.kind.isdigit() and int(self.kind) < 500)
        return LoadSignal.OK if answered else LoadSignal.OVERLOADED


def judge(
    result: Response | FetchdeckError,
    *,
    attempt: int,
    retries: int,
    limits: RateLimitInfo | None,
    accepted: bool,
    backoff: Callable[[int], float],
    server_now: float | None = None,
    bad_body_retries: int = BAD_BODY_RETRIES,
) -> Verdict:
    """Decide what an answer or an error means for its request.

    A refusal for the rate is looked for before what the source accepts: a source that can make sense of a 403 must not
    be given one that only says "slow down".

    Args:
        result: the answer, or the error that came instead.
        attempt: number of the attempt just made, the first being 1.
        retries: how often a failed request may be sent again.
        limits: what the answer's headers say; None for an error.
        accepted: whether the source makes sense of this status.
        backoff: seconds to wait after attempt n.
        server_now: the server's time in seconds since the epoch; None takes the answer's Date.
        bad_body_retries: how often a request may be sent again whose body is broken.
    """
    if isinstance(result, FetchdeckError):
        outcome, retry_after = outcome_of_error(result), None
        reason, kind = clean(str(result)) or type(result).__name__, type(result).__name__
    else:
        limits = limits or RateLimitInfo()
        words, kind = status_words(result.status), str(result.status)
        refused = refusal(result, limits, attempt=attempt, server_now=server_now)
        if refused:
            reason = clean(f"{words}: {refused.why}")
            return Verdict(
                outcome=Outcome.THROTTLED, reason=reason, kind=kind, wait=refused.wait, throttle=refused.kind
            )
        if accepted or result.status in SUCCESSES:
            return Verdict(outcome=Outcome.SUCCESS, reason=words, kind=kind)
        if result.renewed:
            reason = f"{words}: the credential is no longer accepted; sent again with a new one"
            return Verdict(outcome=Outcome.EXPIRED, reason=reason, kind=kind)
        message = own_words(result)
        outcome, retry_after = outcome_of_status(result.status, message.lower()), limits.retry_after
        reason = _reason(words, result.status, message)
    wait = next_wait(
        outcome,
        attempt=attempt,
        retries=retries,
        bad_body_retries=bad_body_retries,
        backoff=backoff,
        retry_after=retry_after,
    )
    return Verdict(outcome=outcome, reason=reason, kind=kind, wait=wait)


def _reason(words: str, status: int, message: str) -> str:
    if status == 401:
        words = f"{words}: the credential was refused or is missing"
    return clean(f"{words}: {message}") if message else words
