"""The breaker: when nothing works any more it stops sending, and asks with one request now and then. Pure."""

from typing import Final

FEWEST: Final = 5
PAUSES: Final = (1.0, 2.0, 3.0, 4.0)
JITTER: Final = 0.2


class Breaker:
    """Trips after failures in a row, as many as half of what may be in flight, and closes with the first success.

    In a row means by the order of sending: an answer to a request sent before the first failure proves nothing.
    """

    def __init__(self) -> None:
        self.limit_before = 0
        """How many might be in flight when the failures began."""
        self._streak = 0
        self._streak_sent_at = 0.0
        self._open = False
        self._tripped_at = 0.0
        self._until = 0.0
        self._pauses = 0
        self._canary_sent_at: float | None = None

    @property
    def open(self) -> bool:
        """Whether it keeps requests back."""
        return self._open

    @property
    def doubt(self) -> int:
        """How many places to leave empty: from the fifth failure in a row on, none is followed by a new request."""
        return 0 if self._open else max(0, self._streak - FEWEST + 1)

    def blocked(self, now: float) -> float | None:
        """Return the seconds until a request may be sent, 0 for now, None while the canary is under way."""
        if not self._open:
            return 0.0
        return None if self._canary_sent_at is not None else max(0.0, self._until - now)

    def sent(self, now: float) -> bool:
        """Note a send; return whether it is the canary."""
        if not self._open or now < self._until or self._canary_sent_at is not None:
            return False
        self._canary_sent_at = now
        return True

    def failed(self, now: float, sent_at: float, limit: int, chance: float) -> bool:
        """Count a failure; return whether the breaker trips now. `chance` is 0 to 1, for the jitter."""
        if self._open:
            if sent_at == self._canary_sent_at:
                self._rest(now, chance)
            return False
        if self._streak == 0:
            self._streak_sent_at, self.limit_before = sent_at, limit
        self._streak += 1
        if self._streak < max(FEWEST, self.limit_before // 2):
            return False
        self._open, self._tripped_at, self._pauses = True, now, 0
        self._rest(now, chance)
        return True

    def succeeded(self, sent_at: float) -> bool:
        """Note a success; return whether the breaker closes."""
        if self._open:
            if sent_at <= self._tripped_at:
                return False
            self._open, self._canary_sent_at, self._streak = False, None, 0
            return True
        if sent_at > self._streak_sent_at:
            self._streak = 0
        return False

    def gone(self, sent_at: float) -> None:
        """Note that a request ended without telling anything: if it was the canary, another may go."""
        if sent_at == self._canary_sent_at:
            self._canary_sent_at = None

    def words(self, now: float) -> str:
        """Say the state in one line; "" when it is closed."""
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
