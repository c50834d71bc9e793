"""Reads an answer's headers with the server's clock in mind: what admission learns budgets from. Pure."""

from collections.abc import Mapping

from engine.pacing.budgets.budget import Reading
from engine.pacing.response import headers
from engine.pacing.response.headers import Advice
from engine.pacing.response.rate_limit_headers import QuotaReading
from engine.pacing.response.server_clock import SkewClock


class HeaderReader:
    """Keeps the skew between the server's clock and ours, one per host.

    Args:
        offset: wall clock minus monotonic clock, assumed until the first answer tells the server's time.
    """

    def __init__(self, *, offset: float = 0.0) -> None:
        self._clock = SkewClock(offset=offset)

    def read(self, fields: Mapping[str, str], *, sent_at: float, now: float) -> Advice:
        """Read an answer's headers, and learn from its Date what time it is at the server."""
        advice = headers.read(fields, server_now=self._clock.server_now(now))
        if advice.date is not None:
            self._clock.observe(advice.date, sent_at=sent_at, received_at=now)
        return advice

    def server_now(self, now: float) -> float:
        """Return the server's time in seconds since the epoch."""
        return self._clock.server_now(now)

    def readings(self, advice: Advice, now: float, *, unnamed: str) -> list[tuple[str, Reading]]:
        """Turn quotas into readings by name, resets told by the server's clock into times of ours."""
        return [(quota.name or unnamed, self._reading(quota, now)) for quota in advice.quotas]

    def _reading(self, quota: QuotaReading, now: float) -> Reading:
        resets_at = None
        if quota.reset is not None:
            delta = quota.reset.clock == "delta"
            wait = quota.reset.seconds if delta else quota.reset.seconds - self._clock.server_now(now)
            resets_at = now + wait
        return Reading(limit=quota.limit, remaining=quota.remaining, resets_at=resets_at, window=quota.window)
