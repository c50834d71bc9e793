"""What the headers of an answer say about limits: quotas, when to come back, and the server's time. Pure; never raises.

Rules for `Retry-After` (https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3) and for what servers send instead (the
rules for quotas are in `engine.pacing.response.rate_limit_headers`):

- It is seconds, an HTTP-date, or an epoch, which is told from seconds by its size. Sent twice, the longer wait counts.
- In the past it is 0; too large it is the caller's longest wait; negative or malformed it counts as absent.
- An answer from a cache (`Age` above 0) says nothing about now, so its quotas and date are ignored.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.pacing.response.http_time import by_size, http_date
from engine.pacing.response.rate_limit_headers import QuotaReading, read_quotas

_DIGITS: Final = re.compile(r"[0-9]{1,400}(?:\.[0-9]{1,9})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimitInfo:
    """What the headers of one answer say about limits and time."""

    quotas: tuple[QuotaReading, ...] = ()
    retry_after: float | None = None
    """Seconds to wait, at most the caller's longest wait."""
    date: float | None = None
    """The server's clock at its answer, in whole seconds since the epoch."""


def read(headers: Mapping[str, str], *, server_now: float, longest: float = 3600.0) -> RateLimitInfo:
    """Read the headers of an answer.

    Args:
        headers: by name in any case.
        server_now: the server's time in seconds since the epoch, for an answer without a Date.
        longest: upper bound of `retry_after` in seconds.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    cached = lower.get("age", "0").strip("0 ") != ""
    date = None if cached else http_date(lower.get("date"))
    now = server_now if date is None else date
    return RateLimitInfo(
        quotas=() if cached else read_quotas(lower, server_now=now),
        retry_after=_retry_after(lower.get("retry-after"), now, longest),
        date=date,
    )


def _retry_after(text: str | None, now: float, longest: float) -> float | None:
    if not text:
        return None
    parts = [part.strip() for part in text.split(",")]
    if all(_DIGITS.fullmatch(part) for part in parts):
        return min(longest, max(by_size(float(part)).wait(now) for part in parts))
    moment = http_date(text)
    return None if moment is None else min(longest, max(0.0, moment - now))
