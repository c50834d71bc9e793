"""The circuit breaker: when every request fails it stops sending and tests the server with single requests. Pure.

The pattern: https://martinfowler.com/bliki/CircuitBreaker.html. The test request is called canary here.
"""

from typing import Final

from engine.model.outside_wait import Cause, OutsideWait

FEWEST: Final = 5
"""Least failures in a row that trip it."""
PAUSES: Final = (1.0, 2.0, 3.0, *(13 * (4.0,)), 6.0, 8.0, 10.0)
"""Seconds before the canaries; the last value repeats. A minute of quick ones serves restarts and deployments; after it
the server is in maintenance, and 400 canaries an hour are enough."""
JITTER: Final = 0.2
"""Pauses vary by this share either way, so that several clients do not return at once."""


class Breaker:
    """Trips after failures in a row, as many as half of the limit. It closes with the first success.

    "In a row" goes by the time of sending. A success whose request was sent before the first failure proves nothing.
    """

    def __init__(self) -> None:
        self.limit_before = 0
        """The limit when the failures began."""
        self._streak = 0
        self._streak_sent_at = 0.0
        self._open = False
        self._tripped_at = 0.0
        self._until = 0.0
        self._pauses = 0
        self._canary_sent_at: float | None = None
        self._failed_canaries = 0
        self._failing_since = 0.0

    @property
    def open(self) -> bool:
        """Whether it holds requests back."""
        return self._open

    @property
    def doubt(self) -> int:
        """How far to stay below the limit. From the fifth failure in a row on, failed requests are not replaced."""
        return 0 if self._open else max(0, self._streak - FEWEST + 1)

    def blocked(self, now: float) -> float | None:
        """Return the seconds until a request may be sent; 0 for now, None while the canary is in flight."""
        if not self._open:
            return 0.0
        return None if self._canary_sent_at is not None else max(0.0, self._until - now)

    def sent(self, now: float) -> bool:
        """Record a send. Return whether it is the canary."""
        if not self._open or now < self._until or self._canary_sent_at is not None:
            return False
        self._canary_sent_at = now
        return True

    def failed(self, now: float, sent_at: float, limit: int, chance: float) -> bool:
        """Count a failure. Return whether the breaker trips now. `chance` is 0 to 1 and sets the jitter."""
        if self._open:
            if sent_at == self._canary_sent_at:
                self._failed_canaries += 1
                self._rest(now, chance)
            return False
        if self._streak == 0:
            self._streak_sent_at, self.limit_before, self._failing_since = sent_at, limit, now
        self._streak += 1
        if self._streak < max(FEWEST, self.limit_before // 2):
            return False
        self.trip(now, limit, chance)
        return True

    def trip(self, now: float, limit: int, chance: float) -> None:
        """Open it: too much fails."""
        if self._open:
            return
        if self._streak == 0:
            self.limit_before, self._failing_since = limit, now
        self._open, self._tripped_at, self._pauses, self._failed_canaries = True, now, 0, 0
        self._rest(now, chance)

    def excuses(self, requests_left: float) -> bool:
        """Whether a failure is put down to the server and not to its request.

        While every request fails, none of them is to blame. But the last requests of a run may be bad ones that no
        good one stands beside. So when as many canaries as there are requests have failed, they count against theirs.
        """
        return self._open and self._failed_canaries + 1 < requests_left

    def outside(self, now: float, words: str) -> OutsideWait | None:
        """Return the wait, its times on the clock of `now`, if it is open. `words` are those of the last failure."""
        if not self._open:
            return None
        left = self.blocked(now)
        return OutsideWait(
            cause=Cause.FAILING,
            words=words or "the server fails every request",
            since=self._failing_since,
            next_try=None if left is None else now + left,
        )

    def succeeded(self, sent_at: float) -> bool:
        """Record a success. Return whether the breaker closes."""
        if self._open:
            # Sent before the trip: it may have been answered before the outage.
            if sent_at <= self._tripped_at:
                return False
            self._open, self._canary_sent_at, self._streak = False, None, 0
            return True
        if sent_at > self._streak_sent_at:
            self._streak = 0
        return False

    def gone(self, sent_at: float) -> None:
        """Record that a request ended without a verdict. If it was the canary, another may be sent."""
        if sent_at == self._canary_sent_at:
            self._canary_sent_at = None

    def describe(self, now: float) -> str:
        """Describe the state in one line; "" when it is closed."""
        if not self._open:
            return ""
        wait = self.blocked(now)
        if wait is None:
            return "the server fails every request; one tests whether it is back"
        return f"the server fails every request; asked again in {wait:.0f} s"

    def _rest(self, now: float, chance: float) -> None:
        pause = PAUSES[min(self._pauses, len(PAUSES) - 1)]
        self._until = now + pause * (1 + JITTER * (2 * chance - 1))
        self._pauses += 1
        self._canary_sent_at = None
