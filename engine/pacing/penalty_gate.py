"""The penalty gate: after a refusal a whole limit domain rests. Then one request tests whether the penalty is over.

Pure: all times are seconds on one monotonic clock and are passed in.
"""

from dataclasses import dataclass
from typing import Final

from engine.common.text import span
from engine.model.outside_wait import Cause, OutsideWait
from engine.pacing.retry import LONGEST_PENALTY, SHORTEST_PENALTY, penalty_wait

LONG: Final = 600.0
"""From so many seconds on the domain is parked, and the user is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalty:
    """A penalty in force."""

    until: float
    """When the canary may be sent."""
    reason: str
    strikes: int
    """Refusals that led to this rest: 1, plus one for each refused canary."""
    refused: int
    """Answers refused since it began, including those of the whole flight."""
    canary: bool
    """Whether the canary is in flight."""


class PenaltyGate:
    """Closes on a refusal and opens when a canary succeeds.

    One flight is one event: answers to requests sent before the refusal that closed the gate say nothing new, whether
    good or bad. Without this rule, one refusal of 20 requests in flight would become a backoff of half a minute.
    """

    def __init__(self) -> None:
        self._shut = False
        self._shut_at = float("-inf")
        """When it closed; a refused canary leaves that as it is."""
        self._tripped_at = float("-inf")
        self._until = float("-inf")
        self._canary_sent_at: float | None = None
        self._strikes = 0
        self._refused = 0
        self._reason = ""
        self.length = 0.0
        """Seconds that the server asked for when the gate closed last; 0 if it did not say."""

    def __repr__(self) -> str:
        if not self._shut:
            return "<PenaltyGate open>"
        return f"<PenaltyGate shut until {self._until:.1f}, strike {self._strikes}: {self._reason}>"

    @property
    def open(self) -> bool:
        return not self._shut

    def blocked(self, now: float) -> float | None:
        """Return the seconds until a request may be sent; 0 for now, None while the canary is in flight."""
        if not self._shut:
            return 0.0
        if self._canary_sent_at is not None:
            return None
        return max(0.0, self._until - now)

    def on_sent(self, now: float) -> bool:
        """Record a send. Return whether it is the canary."""
        canary = self._shut and self.blocked(now) == 0.0
        if canary:
            self._canary_sent_at = now
        return canary

    def on_refused(self, now: float, sent_at: float, wait: float | None, reason: str, *, chance: float = 0.0) -> bool:
        """Record a refusal. Return whether it closed the gate or extended the rest.

        Args:
            now: the time of the answer.
            sent_at: the time its request was sent.
            wait: seconds that the server asks for; None if it does not say.
            reason: in words, for the screen.
            chance: 0 to 1, the share of the jitter to add to the rest.
        """
        if sent_at <= self._tripped_at:
            self._refused += self._shut
            return False
        self._strikes += 1  # 0 while the gate is open
        self._shut_at = self._shut_at if self._shut else now
        self._refused = self._refused + 1 if self._shut else 1
        self._shut, self._canary_sent_at = True, None
        self._tripped_at, self._reason = now, reason
        self.length = 0.0 if wait is None else min(LONGEST_PENALTY, max(SHORTEST_PENALTY, wait))
        self._until = now + penalty_wait(wait, self._strikes, chance)
        return True

    def join(self, now: float, wait: float | None, reason: str, *, chance: float = 0.0) -> None:
        """Rest because another domain was refused by a limit that also holds here. A longer rest in force stays."""
        if not self._shut or (self.blocked(now) or 0.0) < (wait or 0.0):
            self.on_refused(now, now, wait, reason, chance=chance)

    def rest(self, now: float, seconds: float) -> None:
        """Continue a rest that the server asked an earlier process for."""
        self._shut, self._canary_sent_at, self._strikes = True, None, max(1, self._strikes)
        self._shut_at = now
        self._tripped_at, self._reason = now, "the API asked an earlier run to wait"
        self.length = min(LONGEST_PENALTY, max(SHORTEST_PENALTY, seconds))
        self._until = now + self.length

    def parked(self, now: float) -> float | None:
        """Return the seconds left of a rest that is long enough for parking; None otherwise."""
        left = self.blocked(now)
        return left if left and self.length > LONG else None

    def outside(self, now: float, name: str) -> OutsideWait | None:
        """Return the rest as a wait, its times on the clock of `now`, if the domain of `name` is parked."""
        left = self.parked(now)
        if left is None:
            return None
        words = f"{name} asks for {span(self.length)}"
        return OutsideWait(cause=Cause.PARKED, words=words, since=self._shut_at, next_try=now + left)

    def on_success(self, sent_at: float) -> bool:
        """Record a success. Return whether it opened the gate."""
        if not self._shut or sent_at <= self._tripped_at:
            return False
        self._shut, self._canary_sent_at, self._strikes = False, None, 0
        return True

    def on_gone(self, sent_at: float) -> None:
        """Record that a request failed otherwise or was cancelled. If it was the canary, another may be sent."""
        if sent_at == self._canary_sent_at:
            self._canary_sent_at = None

    def snapshot(self) -> Penalty | None:
        """Return the penalty in force; None if there is none."""
        if not self._shut:
            return None
        return Penalty(
            until=self._until,
            reason=self._reason,
            strikes=self._strikes,
            refused=self._refused,
            canary=self._canary_sent_at is not None,
        )

    def describe(self, now: float) -> str:
        """Describe the state in one line; "" when the gate is open."""
        if not self._shut:
            return ""
        wait = self.blocked(now)
        if wait is None:
            return f"{self._reason}; one request tests whether it is over"
        return f"{self._reason}; again in {wait:.0f} s" if wait else f"{self._reason}; the next request tests it"
