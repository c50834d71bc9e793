"""What refusals taught about limits nobody tells of, and what of it the next run should know. Pure."""

from collections import deque
from dataclasses import dataclass
from typing import Final

from engine.pacing.budgets.inferred_limits import HiddenRate, OverstatedLimit, SecondaryCap

# When the requests that succeeded were sent: to count what a server really let through. Pure.

KEPT: Final = 8192


class Successes:
    """The send times of the latest successes."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=KEPT)

    def note(self, sent_at: float) -> None:
        """Count a success."""
        self._times.append(sent_at)

    def count(self, after: float, until: float) -> float:
        """Return how many were sent in (after, until]; beyond what is kept, at the same rate."""
        found, oldest = 0, until
        for sent_at in reversed(self._times):
            if sent_at <= after - 1.0:
                return found
            if after < sent_at <= until:
                found, oldest = found + 1, min(oldest, sent_at)
        if len(self._times) == KEPT and until > oldest > after:
            return found * (until - after) / (until - oldest)
        return found


FRESH: Final = 86_400.0
"""A knee older than this is not trusted."""
STALE: Final = 30 * 86_400.0
"""Any other lesson older than this is forgotten."""
SHORT_SPAN, LONG_SPAN = 10.0, 60.0
SLOW: Final = 2.0
"""Below so many requests a second a rate is counted over the long span."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What is known of one limit domain at the end of a run."""

    at: float
    """When, seconds since the epoch, UTC."""
    knee: float | None = None
    """Requests in flight that the server took."""
    secondary: float | None = None
    """Requests in flight that it never refused, once it had refused more."""
    true_rate: float | None = None
    """Requests a second that passed where the headers promised more."""
    hidden_rate: float | None = None
    """Requests a second that passed where nothing was promised."""
    resting_until: float | None = None
    """Until when the API told us to stay away, seconds since the epoch."""
    confidence: float = 0.0
    """0 to 1: how much it rests on; below a half only the knee is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A refusal that no known limit explains."""

    at: float
    """When the answer came."""
    sent_at: float
    wait: float | None
    """Seconds the server asked to wait."""


class InferredLimits:
    """The limits that were found out, and the bookkeeping to measure what really passed."""

    def __init__(self) -> None:
        self.lying = OverstatedLimit()
        self.hidden = HiddenRate()
        self.secondary = SecondaryCap()
        self._passed = Successes()
        self._first_at: float | None = None
        self._opened_at: float | None = None
        """When the present run of free sending began."""
        self._pending: Refused | None = None
        """The refusal to learn from once its flight is home."""
        self._before: Refused | None = None
        """The refusal before it."""
        self._last_refused_at: float | None = None
        """When the last canary of this penalty was refused."""
        self.events = 0
        """How many penalties there were."""

    def began(self, now: float) -> None:
        """Note the first send."""
        if self._first_at is None:
            self._first_at = self._opened_at = now

    def passed(self, sent_at: float) -> None:
        """Count a success."""
        self._passed.note(sent_at)

    def struck(self, now: float, *, first: bool) -> None:
        """Note a refusal that closed the gate or kept it closed."""
        self.events += first
        self._last_refused_at = None if first else now

    def refused(self, now: float, sent_at: float, wait: float | None, window: float | None) -> None:
        """Learn from a refusal that no known limit explains.

        Args:
            now: when it came.
            sent_at: when its request left.
            wait: seconds the server asked to wait.
            window: seconds, of a budget that is advertised and not used up; None without one.
        """
        if window is not None and (wait is None or wait >= window / 4):
            self.lying.refused(now, self._passed.count(now - window, now), window, wait or 0.0)
        else:
            self._pending = Refused(at=now, sent_at=sent_at, wait=wait)

    def reopened(self, now: float) -> None:
        """Measure what passed, now that the penalty is over and every answer of the flight that met it has come."""
        last, self._pending = self._pending, None
        if last is not None:
            measured = last.wait is not None or self._last_refused_at is not None
            rate = self._to_the_end(last, now) if measured else self._recent(last)
            self.hidden.refused(now, rate, last.wait or 0.0, measured=measured)
            self._before = last
        self._opened_at = now

    def export(self, wall: float, *, knee: float) -> Learned:
        """Say what is worth keeping."""
        return Learned(
            at=wall,
            knee=knee,
            secondary=self.secondary.known,
            true_rate=self.lying.rate,
            hidden_rate=self.hidden.ceiling,
            confidence=min(1.0, 0.25 + 0.25 * self.events),
        )

    def restore(self, now: float, learned: Learned, *, age: float) -> float | None:
        """Take up what was learned `age` seconds ago; return the concurrency to start from, where it is fresh."""
        if 0 <= age <= STALE and learned.confidence >= 0.5:
            if learned.secondary is not None:
                self.secondary.restore(now, learned.secondary)
            if learned.true_rate is not None:
                self.lying.restore(now, learned.true_rate)
            if learned.hidden_rate is not None:
                self.hidden.restore(now, learned.hidden_rate)
        if learned.knee is None or not 0 <= age <= FRESH:
            return None
        return max(2.0, learned.knee / 2)

    def _to_the_end(self, last: Refused, now: float) -> float:
        """Return the rate from the last opening to the end of the penalty: the limit itself.

        The end is when the server said, or halfway between the last canary that was refused and the one that passed.
        """
        ended = last.at + (last.wait or 0.0) if self._last_refused_at is None else (self._last_refused_at + now) / 2
        began = self._opened_at if self._opened_at is not None else last.sent_at
        return self._passed.count(began - 1e-6, now) / max(1.0, ended - began)

    def _recent(self, last: Refused) -> float:
        """Return the rate of what passed before the refused request left."""
        rate = self._passed_in(last.sent_at, SHORT_SPAN)
        if rate < SLOW:
            return self._passed_in(last.sent_at, LONG_SPAN)
        opened, before = self._opened_at or 0.0, self._before
        if before is None or last.sent_at - opened >= SHORT_SPAN:
            return rate
        # Refused again at once: since the opening a saved-up burst passed, which is too much; since the refusal before
        # it the pause counts as well, which is too little.
        since_opening = self._passed_in(last.sent_at, last.sent_at - opened)
        return (since_opening + self._passed_in(last.sent_at, last.sent_at - before.sent_at)) / 2

    def _passed_in(self, until: float, span: float) -> float:
        began = self._first_at if self._first_at is not None else until
        span = max(1.0, min(span, until - began))
        return self._passed.count(until - span - 1e-6, until) / span
