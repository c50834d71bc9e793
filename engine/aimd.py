"""Additive increase, multiplicative decrease, with a slow start and one eye on latency.

The classic law (https://en.wikipedia.org/wiki/Additive_increase/multiplicative_decrease), judged in rounds: a round
is as many answers as the limit allows in flight, all of them sent within the round.
"""

from statistics import median
from typing import Final

from engine.controller import Move, Outcome, Sample

DECREASE: Final = 0.7
QUEUEING: Final = 1.6
"""A round whose median latency is so many times the best one seen means that requests queue."""
DRIFT: Final = 0.02
"""How far the best latency follows a slower round, so that a server that became slower for good is accepted."""


class Aimd:
    """Starts at 2 and doubles until something pushes back; from then on one more a round, or three tenths less."""

    def __init__(self, cap: int, start: int = 2) -> None:
        self._cap = max(1, cap)
        self._limit = float(min(start, self._cap))
        self._best: dict[str, float] = {}
        self._doubling = True
        self._round_began = 0.0
        self._answers = self._overloaded = 0
        self._full = False
        self._ratios: list[float] = []

    @property
    def limit(self) -> int:
        """How many may be in flight."""
        return int(self._limit)

    def observe(self, now: float, sample: Sample) -> Move | None:
        """Count the sample into its round; at the round's end, move."""
        if sample.sent_at < self._round_began or sample.outcome is Outcome.NEUTRAL:
            return None
        self._answers += 1
        self._overloaded += sample.outcome is Outcome.OVERLOADED
        self._full = self._full or sample.in_flight >= self.limit
        if sample.outcome is Outcome.OK:
            self._ratios.append(self._ratio(sample))
        return self._judge(now) if self._answers >= max(4, self.limit) else None

    def _begin(self, now: float) -> None:
        self._round_began = now
        self._answers = self._overloaded = 0
        self._full = False
        self._ratios = []

    def _ratio(self, sample: Sample) -> float:
        best = self._best.get(sample.route, sample.latency)
        self._best[sample.route] = min(sample.latency, best + DRIFT * (sample.latency - best))
        return sample.latency / max(best, 1e-6)

    def _judge(self, now: float) -> Move | None:
        queueing = median(self._ratios) if self._ratios else 1.0
        share = self._overloaded / self._answers
        was_full = self._full
        self._begin(now)
        if share > 0.25:
            return self._move(self._limit * DECREASE, f"{share:.0%} of a round failed", ends_start=True)
        if queueing > QUEUEING:
            return self._move(self._limit * DECREASE, f"latency {queueing:.1f} times the best", ends_start=True)
        if not was_full:
            return None
        if self._doubling:
            return self._move(self._limit * 2, "no queue yet: doubling", ends_start=False)
        return self._move(self._limit + 1, "no queue: one more", ends_start=False)

    def _move(self, to: float, reason: str, *, ends_start: bool) -> Move | None:
        self._doubling = self._doubling and not ends_start
        old, self._limit = self.limit, max(1.0, min(float(self._cap), to))
        return Move(old, self.limit, reason) if self.limit != old else None
