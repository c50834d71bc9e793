"""What a refusal does to a limit domain: it stops as a whole, then one request tests whether the penalty is over. Pure.

All times are seconds on one monotonic clock, passed in.
"""

from dataclasses import dataclass
from typing import Final

from engine.pacing.retry import LONGEST_PENALTY, SHORTEST_PENALTY, penalty_wait

LONG: Final = 600.0
"""A longer rest is no pause but a stay: the domain is parked, and the person is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalty:
    """A penalty that is on."""

    until: float
    """When the canary may go."""
    reason: str
    strikes: int
    """How many refusals made it: 1, and one more for each refused canary."""
    refused: int
    """Answers that were refused since it began, the whole flight counted."""
    canary: bool
    """Whether the canary is under way."""


class PenaltyGate:
    """Closes on a refusal and opens again when a canary lands.

    One flight is one event: answers to requests sent before the refusal that closed the gate, good or bad, say nothing
    new. Without that rule twenty requests in flight would make one refusal a backoff of half a minute.
    """

    def __init__(self) -> None:
        self._shut = False
        self._tripped_at = float("-inf")
        self._until = float("-inf")
        self._canary_sent_at: float | None = None
        self._strikes = 0
        self._refused = 0
        self._reason = ""
        self.length = 0.0
        """Seconds the server asked for when it last closed the gate, 0 where it did not say."""

    def __repr__(self) -> str:
        if not self._shut:
            return "<PenaltyGate open>"
        return f"<PenaltyGate shut until {self._until:.1f}, strike {self._strikes}: {self._reason}>"

    @property
    def open(self) -> bool:
        """Whether nothing is held back."""
        return not self._shut

    def blocked(self, now: float) -> float | None:
        """Return the seconds until a request may be sent, 0 for now, None while the canary is under way."""
        if not self._shut:
            return 0.0
        if self._canary_sent_at is not None:
            return None
        return max(0.0, self._until - now)

    def on_sent(self, now: float) -> bool:
        """Note that a request was sent; return whether it is the canary."""
        canary = self._shut and self.blocked(now) == 0.0
        if canary:
            self._canary_sent_at = now
        return canary

    def on_refused(self, now: float, sent_at: float, wait: float | None, reason: str, *, chance: float = 0.0) -> bool:
        """Note a refusal; return whether it closed the gate or made the pause longer.

        Args:
            now: when the answer came.
            sent_at: when its request was sent.
            wait: seconds the server asks for; None when it does not say.
            reason: in words, for the screen.
            chance: 0 to 1, the share of the jitter to add to the pause.
        """
        if sent_at <= self._tripped_at:
            self._refused += self._shut
            return False
        self._strikes = self._strikes + 1 if self._shut else 1
        self._refused = self._refused + 1 if self._shut else 1
        self._shut, self._canary_sent_at = True, None
        self._tripped_at, self._reason = now, reason
        self.length = 0.0 if wait is None else min(LONGEST_PENALTY, max(SHORTEST_PENALTY, wait))
        self._until = now + penalty_wait(wait, self._strikes, chance)
        return True

    def join(self, now: float, wait: float | None, reason: str, *, chance: float = 0.0) -> None:
        """Rest as well: a refusal in another domain was meant for this one too. A longer rest of its own stays."""
        if not self._shut or (self.blocked(now) or 0.0) < (wait or 0.0):
            self.on_refused(now, now, wait, reason, chance=chance)

    def rest(self, now: float, seconds: float) -> None:
        """Go on with a rest that an earlier process was told to keep."""
        self._shut, self._canary_sent_at, self._strikes = True, None, max(1, self._strikes)
        self._tripped_at, self._reason = now, "the API asked an earlier run to wait"
        self.length = min(LONGEST_PENALTY, max(SHORTEST_PENALTY, seconds))
        self._until = now + self.length

    def parked(self, now: float) -> float | None:
        """Return the seconds left of a rest that is too long for a pause; None where there is no such rest."""
        left = self.blocked(now)
        return left if left and self.length > LONG else None

    def on_success(self, sent_at: float) -> bool:
        """Note a success; return whether it opened the gate."""
        if not self._shut or sent_at <= self._tripped_at:
            return False
        self._shut, self._canary_sent_at, self._strikes = False, None, 0
        return True

    def on_gone(self, sent_at: float) -> None:
        """Note that a request failed otherwise or was cancelled: if it was the canary, another may go."""
        if sent_at == self._canary_sent_at:
            self._canary_sent_at = None

    def snapshot(self) -> Penalty | None:
        """Return the penalty that is on; None when there is none."""
        if not self._shut:
            return None
        return Penalty(
            until=self._until,
            reason=self._reason,
            strikes=self._strikes,
            refused=self._refused,
            canary=self._canary_sent_at is not None,
        )

    def words(self, now: float) -> str:
        """Say the state in one line; "" when the gate is open."""
        if not self._shut:
            return ""
        wait = self.blocked(now)
        if wait is None:
            return f"{self._reason}; one request tests whether it is over"
        return f"{self._reason}; again in {wait:.0f} s" if wait else f"{self._reason}; the next request tests it"
