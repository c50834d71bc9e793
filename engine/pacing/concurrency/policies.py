"""The policies a user can choose by name, and the rules for what is left to others. Pure."""

import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from engine.common.errors import ConfigError
from engine.common.text import clean
from engine.pacing.concurrency.controller import Controller, LoadSignal, Move, Sample
from engine.pacing.concurrency.knee import Knee

NAMES: Final = 'want adaptive, "fixed N", quota-ladder or latency-step'
_KEEP: Final = re.compile(r"keep ([0-9]{1,9})(?: for [a-z ]{1,40})?", re.IGNORECASE)
_HOURS: Final = re.compile(r"([0-9]{1,2})-([0-9]{1,2}) at most ([0-9]{1,3}) ?%", re.IGNORECASE)
_LADDER: Final = ((0.75, 10), (0.5, 5), (0.25, 3))
"""Share of the budget left, and how many may be in flight above it."""
_SLOW: Final = 1.0
"""Mean latency in seconds from which on `LatencyStep` goes down."""
_WINDOW: Final = 20
"""Answers in the mean of `LatencyStep`."""


class Fixed:
    """A limit that never moves: for a server whose limit is known, and to compare the other controllers with."""

    def __init__(self, limit: int) -> None:
        self._limit = max(1, limit)

    @property
    def limit(self) -> int:
        return self._limit

    @property
    def spacing(self) -> float:
        return 0.0

    def ask(self, now: float) -> None:
        """Ignored."""

    def sent(self, now: float, in_flight: int, route: str) -> int:
        _ = (now, in_flight, route)
        return 0

    def observe(self, now: float, sample: Sample) -> Move | None:
        _ = (now, sample)
        return None

    def resume(self, limit: float) -> Move | None:
        _ = limit
        return None

    def try_out(self, limit: float, why: str) -> Move | None:
        _ = (limit, why)
        return None

    def describe(self) -> str:
        return f"fixed at {self._limit}"


class QuotaLadder(Fixed):
    """Lowers the limit with the budget: 10 above 75 % left, 5 above 50 %, 3 above 25 %, else 1."""

    def __init__(self, cap: int, left: Callable[[], float | None]) -> None:
        super().__init__(cap)
        self._left = left

    @property
    def limit(self) -> int:
        """The step for what is left; 1 while the budget is unknown."""
        left = self._left()
        step = next((many for above, many in _LADDER if left is not None and left > above), 1)
        return min(self._limit, step)

    def describe(self) -> str:
        left = self._left()
        return "quota ladder, budget unknown" if left is None else f"quota ladder, {left:.0%} left"


class LatencyStep(Fixed):
    """Five in flight while the mean of the last twenty answers is under a second, else three."""

    def __init__(self, cap: int) -> None:
        super().__init__(cap)
        self._latencies: deque[float] = deque(maxlen=_WINDOW)

    @property
    def limit(self) -> int:
        return min(self._limit, 5 if self._mean() < _SLOW else 3)

    def observe(self, now: float, sample: Sample) -> Move | None:
        _ = now
        if sample.signal is not LoadSignal.OK or sample.lagged:
            return None
        old = self.limit
        self._latencies.append(sample.latency)
        return Move(old, self.limit, f"mean latency {self._mean():.1f} s") if self.limit != old else None

    def describe(self) -> str:
        return f"latency step, mean {self._mean():.1f} s"

    def _mean(self) -> float:
        return sum(self._latencies) / len(self._latencies) if self._latencies else 0.0


@dataclass(frozen=True, slots=True)
class Hours:
    """Use at most `share` of a budget from hour `start` up to hour `end`, over midnight if `end` is smaller."""

    start: int
    end: int
    share: float

    def covers(self, hour: int) -> bool:
        """Whether the rule holds in this hour of the day, 0 to 23."""
        if self.start < self.end:
            return self.start <= hour < self.end
        return hour >= self.start or hour < self.end


@dataclass(frozen=True, slots=True)
class Restraint:
    """What the user leaves to others of every budget."""

    reserve: float = 0.0
    """Units that are never spent."""
    hours: Sequence[Hours] = ()

    def at(self, hour: int | None) -> tuple[float, float]:
        """Return the reserve and the largest share that may be used in this hour of the day."""
        if hour is None or not self.hours:
            return self.reserve, 1.0
        return self.reserve, min((rule.share for rule in self.hours if rule.covers(hour)), default=1.0)


NO_RESTRAINT: Final = Restraint()


def parse_policy(text: str, *, cap: int, left: Callable[[], float | None] = lambda: None) -> Controller:
    """Build the controller that a policy names.

    Args:
        text: "adaptive", "fixed 4", "quota-ladder" or "latency-step".
        cap: the highest limit that the controller may choose.
        left: returns the share left of the tightest budget, 0 to 1; None while that is unknown.

    Raises:
        ConfigError: there is no such policy.
    """
    name, _, argument = " ".join(text.split()).lower().partition(" ")
    if name == "fixed":
        if not argument.isascii() or not argument.isdigit() or not 1 <= int(argument[:9]) <= cap:
            raise ConfigError(f'policy "{clean(text, 40)}": want "fixed N" with N from 1 to {cap}')
        return Fixed(int(argument))
    builders: dict[str, Callable[[], Controller]] = {
        "adaptive": lambda: Knee(cap),
        "quota-ladder": lambda: QuotaLadder(cap, left),
        "latency-step": lambda: LatencyStep(cap),
    }
    if argument or name not in builders:
        raise ConfigError(f'policy "{clean(text, 40)}": {NAMES}')
    return builders[name]()


def parse_restraint(rules: Sequence[str]) -> Restraint:
    """Parse rules such as "keep 500 for humans" and "08-18 at most 30 %".

    Raises:
        ConfigError: a rule is neither.
    """
    reserve, hours = 0.0, list[Hours]()
    for rule in rules:
        plain = " ".join(rule.split())
        keep, when = _KEEP.fullmatch(plain), _HOURS.fullmatch(plain)
        if keep:
            reserve = max(reserve, float(keep[1]))
        elif when and int(when[1]) <= 23 and int(when[2]) <= 24 and when[1] != when[2] and 1 <= int(when[3]) <= 100:
            hours.append(Hours(int(when[1]), int(when[2]) % 24, int(when[3]) / 100))
        else:
            raise ConfigError(f'rule "{clean(rule, 60)}": want "keep 500 for humans" or "08-18 at most 30 %"')
    return Restraint(reserve, tuple(hours))
