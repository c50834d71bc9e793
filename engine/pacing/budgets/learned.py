"""Limits inferred from refusals because no header names them, and the part that is stored for the next run. Pure."""

from collections import deque
from dataclasses import dataclass
from typing import Final

from engine.pacing.budgets.inferred_limits import HiddenRate, OverstatedLimit, SecondaryCap

KEPT: Final = 8192
"""Send times kept by `Successes`."""
FRESH: Final = 86_400.0
"""An older knee is not used."""
STALE: Final = 30 * 86_400.0
"""Anything else older than this is forgotten."""
SHORT_SPAN, LONG_SPAN = 10.0, 60.0
"""Seconds over which the rate before a refusal is counted."""
SLOW: Final = 2.0
"""Below so many requests a second the long span is used, because the short one holds too few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What is known of one limit domain at the end of a run. It is stored in the table `learned`."""

    at: float
    """Seconds since the epoch, UTC."""
    knee: float | None = None
    """Requests in flight when the run ended."""
    secondary: float | None = None
    """Requests in flight that the server served before it refused more."""
    true_rate: float | None = None
    """Requests a second that succeeded while the headers promised more."""
    hidden_rate: float | None = None
    """Requests a second that succeeded without any headers."""
    resting_until: float | None = None
    """End of a penalty, seconds since the epoch."""
    confidence: float = 0.0
    """0 to 1, by the number of penalties. Below 0.5 only the knee is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A refusal that no known limit explains."""

    at: float
    """Arrival of the answer."""
    sent_at: float
    wait: float | None
    """Seconds that the server asked to wait; None if it did not say."""


class InferredLimits:
    """The inferred limits of one domain, and the counts behind them."""

    def __init__(self) -> None:
        self.overstated = OverstatedLimit()
        self.hidden = HiddenRate()
        self.secondary = SecondaryCap()
        self._passed = Successes()
        self._first_at: float | None = None
        self._opened_at: float | None = None
        """When the gate last opened."""
        self._pending: Refused | None = None
        """The refusal to learn from after all requests of its flight are over."""
        self._before: Refused | None = None
        """The refusal before that."""
        self._last_refused_at: float | None = None
        """When the last canary of this penalty was refused; None if none was."""
        self.events = 0
        """Number of penalties."""

    def began(self, now: float) -> None:
        """Note the first send."""
        if self._first_at is None:
            self._first_at = self._opened_at = now

    def passed(self, sent_at: float) -> None:
        """Count a success by its send time."""
        self._passed.note(sent_at)

    def struck(self, now: float, *, first: bool) -> None:
        """Record a refusal that closed the gate, or kept it closed if it is not the first of its penalty."""
        self.events += first
        self._last_refused_at = None if first else now

    def refused(self, now: float, sent_at: float, wait: float | None, window: float | None) -> None:
        """Learn from a refusal that no known limit explains.

        Args:
            now: the time of the refusal.
            sent_at: when its request was sent.
            wait: seconds that the server asked to wait; None if it did not say.
            window: seconds of a header budget with units left; None without one.
        """
        # A wait much shorter than the window is not the end of that window, so the headers are not to blame.
        if window is not None and (wait is None or wait >= window / 4):
            self.overstated.refused(now, self._passed.count(now - window, now), window, wait or 0.0)
        else:
            self._pending = Refused(at=now, sent_at=sent_at, wait=wait)

    def reopened(self, now: float) -> None:
        """Measure what succeeded. The penalty is over, so every request of the flight that caused it is over, too."""
        last, self._pending = self._pending, None
        if last is not None:
            measured = last.wait is not None or self._last_refused_at is not None
            rate = self._rate_to_the_end(last, now) if measured else self._rate_before(last)
            self.hidden.refused(now, rate, last.wait or 0.0, measured=measured)
            self._before = last
        self._opened_at = now

    def export(self, wall: float, *, knee: float) -> Learned:
        """Return what is worth keeping for the next run."""
        return Learned(
            at=wall,
            knee=knee,
            secondary=self.secondary.known,
            true_rate=self.overstated.rate,
            hidden_rate=self.hidden.ceiling,
            confidence=min(1.0, 0.25 + 0.25 * self.events),
        )

    def restore(self, now: float, learned: Learned, *, age: float) -> float | None:
        """Apply what an earlier run learned `age` seconds ago. Return the limit to start from; None if too old."""
        if 0 <= age <= STALE and learned.confidence >= 0.5:
            if learned.secondary is not None:
                self.secondary.restore(now, learned.secondary)
            if learned.true_rate is not None:
                self.overstated.restore(now, learned.true_rate)
            if learned.hidden_rate is not None:
                self.hidden.restore(now, learned.hidden_rate)
        if learned.knee is None or not 0 <= age <= FRESH:
            return None
        # Half of the knee: the server may take less today, and the start doubles quickly.
        return max(2.0, learned.knee / 2)

    def _rate_to_the_end(self, last: Refused, now: float) -> float:
        """Return the rate from the last opening of the gate to the end of the penalty: the limit itself.

        The end is what the server named. Without that, it lies halfway between the last canary that was refused and the
        one that succeeded.
        """
        ended = last.at + (last.wait or 0.0) if self._last_refused_at is None else (self._last_refused_at + now) / 2
        began = self._opened_at if self._opened_at is not None else last.sent_at
        return self._passed.count(began - 1e-6, now) / max(1.0, ended - began)

    def _rate_before(self, last: Refused) -> float:
        """Return the rate of successes before the refused request was sent."""
        rate = self._passed_in(last.sent_at, SHORT_SPAN)
        if rate < SLOW:
            return self._passed_in(last.sent_at, LONG_SPAN)
        opened, before = self._opened_at or 0.0, self._before
        if before is None or last.sent_at - opened >= SHORT_SPAN:
            return rate
        # This refusal came soon after the gate opened. The time since then holds a burst that the server had saved up,
        # so that rate is too high. The time since the earlier refusal holds the pause, so that one is too low.
        since_opening = self._passed_in(last.sent_at, last.sent_at - opened)
        return (since_opening + self._passed_in(last.sent_at, last.sent_at - before.sent_at)) / 2

    def _passed_in(self, until: float, span: float) -> float:
        began = self._first_at if self._first_at is not None else until
        span = max(1.0, min(span, until - began))
        # The 1e-6 makes the count include a send at exactly the first moment.
        return self._passed.count(until - span - 1e-6, until) / span


class Successes:
    """The send times of the latest successes."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=KEPT)

    def note(self, sent_at: float) -> None:
        """Count a success."""
        self._times.append(sent_at)

    def count(self, after: float, until: float) -> float:
        """Return how many were sent in (after, until]. If that reaches beyond what is kept, extrapolate the rate."""
        found, oldest = 0, until
        for sent_at in reversed(self._times):
            # The times are in the order of the answers, so slightly later ones may still follow.
            if sent_at <= after - 1.0:
                return found
            if after < sent_at <= until:
                found, oldest = found + 1, min(oldest, sent_at)
        if len(self._times) == KEPT and until > oldest > after:
            return found * (until - after) / (until - oldest)
        return found
