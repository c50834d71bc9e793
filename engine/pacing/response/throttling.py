"""Whether an answer refuses a request for its rate, what kind of refusal it is, and how long to wait. Pure.

APIs refuse by 429, 403 or 503, and GraphQL ones by a 200 with errors. The order of the tests is the one that GitHub
recommends: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.model.source import Response
from engine.pacing.response.error_text import decoded_object, own_words
from engine.pacing.response.headers import RateLimitInfo
from engine.pacing.retry import LONGEST_PENALTY, secondary_wait

RESET_MARGIN: Final = 1.0
"""Seconds added to a reset, because the resets of one API's machines differ by a second."""
_SECONDARY: Final = re.compile(r"secondary rate|abuse detection|submitted too quickly", re.IGNORECASE)
_PRIMARY: Final = re.compile(r"rate limit (?:already )?exceeded", re.IGNORECASE)
_GRAPHQL_TYPES: Final = frozenset({"RATE_LIMITED", "RATE_LIMIT"})
_LARGEST: Final = 64 * 1024


class Throttle(StrEnum):
    """Kinds of refusal. Each teaches the engine something different."""

    PRIMARY = "primary"
    """A budget that the headers show is used up. Nothing new is learned."""
    SECONDARY = "secondary"
    """A limit that no header shows, mostly on concurrency."""
    PLAIN = "plain"
    """Too many requests, without any detail."""
    BUSY = "busy"
    """The server is overloaded and says when to come back: 503 with Retry-After."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal of a request for its rate."""

    kind: Throttle
    wait: float | None
    """Seconds that the domain must rest; None if the answer does not say."""
    why: str


def refusal(response: Response, limits: RateLimitInfo, *, attempt: int, server_now: float | None) -> Refusal | None:
    """Return the refusal if an answer is one, else None.

    Args:
        response: the answer.
        limits: what its headers say.
        attempt: number of the attempt, from 1. A secondary wait that is not named doubles with it.
        server_now: the server's time in seconds since the epoch; None uses the answer's Date.
    """
    now = limits.date if server_now is None else server_now
    match response.status:
        case 429:
            return _secondary_text(response, limits, attempt) or _primary(response, limits, now) or _plain(limits)
        case 403:
            return _secondary(response, limits, attempt) or _primary(response, limits, now)
        case 503 if limits.retry_after is not None:
            return Refusal(Throttle.BUSY, limits.retry_after, f"retry-after {limits.retry_after:.0f} s")
        case 200 if b"RATE_LIMIT" in response.body[:_LARGEST] and _graphql_limited(response):
            return _primary(response, limits, now) or _plain(limits)
    return None


def _secondary(response: Response, limits: RateLimitInfo, attempt: int) -> Refusal | None:
    if limits.retry_after is not None:
        return Refusal(Throttle.SECONDARY, limits.retry_after, f"retry-after {limits.retry_after:.0f} s")
    return _secondary_text(response, limits, attempt)


def _secondary_text(response: Response, limits: RateLimitInfo, attempt: int) -> Refusal | None:
    if not _SECONDARY.search(own_words(response, 500)):
        return None
    if limits.retry_after is not None:
        return Refusal(
            Throttle.SECONDARY, limits.retry_after, f"secondary limit, retry-after {limits.retry_after:.0f} s"
        )
    wait = secondary_wait(attempt)
    return Refusal(Throttle.SECONDARY, wait, f"secondary limit, no wait named: {wait:.0f} s")


def _primary(response: Response, limits: RateLimitInfo, now: float | None) -> Refusal | None:
    spent = [quota for quota in limits.quotas if quota.remaining == 0]
    if not spent:
        # A 403 has many reasons, so its text must name the rate limit. A 429 without quotas is handled by `_plain`.
        told = response.status == 403 and _PRIMARY.search(own_words(response))
        return Refusal(Throttle.PRIMARY, limits.retry_after, "rate limit exceeded") if told else None
    name = f" of {spent[0].name}" if spent[0].name else ""
    if limits.retry_after is not None:
        return Refusal(Throttle.PRIMARY, limits.retry_after, f"0 left{name}, retry-after {limits.retry_after:.0f} s")
    resets = [quota.reset for quota in spent if quota.reset and (now is not None or quota.reset.clock == "delta")]
    if not resets:
        return Refusal(Throttle.PRIMARY, None, f"0 left{name}")
    wait = min(LONGEST_PENALTY, max(reset.wait(now or 0.0) for reset in resets) + RESET_MARGIN)
    return Refusal(Throttle.PRIMARY, wait, f"0 left{name}, resets in {wait:.0f} s")


def _plain(limits: RateLimitInfo) -> Refusal:
    if limits.retry_after is None:
        return Refusal(Throttle.PLAIN, None, "no wait named")
    return Refusal(Throttle.PLAIN, limits.retry_after, f"retry-after {limits.retry_after:.0f} s")


def _graphql_limited(response: Response) -> bool:
    errors = decoded_object(response).get("errors")
    return isinstance(errors, list) and any(
        isinstance(error, dict) and error.get("type") in _GRAPHQL_TYPES for error in errors
    )
