"""What a request really takes from a budget that answers tell of: learned, in place of what was declared. Pure."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Final, NamedTuple

from engine.pacing.budgets.budget import Reading

# What one request took, from steps of `remaining` in which others may have taken their part. Pure.

APART: Final = 0.1
"""Gaps must differ by so many seconds before two steps tell how fast others take."""
SOON: Final = 1.0
"""In a longer gap than this others can take as much as a dear request: alone, such a step proves nothing."""
LONGEST: Final = 2.0
"""In a gap of more seconds than this, what others took hides what one request did."""
MIDDLE: Final = 0.2
"""A fifth of the longest steps is noise: another client was counted in."""


class Step(NamedTuple):
    """How far `remaining` fell between two answers, with one request of ours in between."""

    gap: float
    """Seconds between the answers."""
    size: float


def cost_of(steps: Sequence[Step], *, usual: float) -> float:
    """Return what a request took, given what it usually does.

    Others take the more, the longer the gap; our request takes the same however long it is. So the slope of the steps
    (Theil and Sen's, https://en.wikipedia.org/wiki/Theil%E2%80%93Sen_estimator) is theirs, and is taken off. The
    request is dearer only if every step says so, and cheaper only if most do: others never make a step shorter.
    """
    slopes = [(b.size - a.size) / (b.gap - a.gap) for a, b in combinations(sorted(steps), 2) if b.gap - a.gap >= APART]
    theirs = max(0.0, median(slopes)) if slopes else 0.0
    ours = sorted(step.size - theirs * step.gap for step in steps)
    dearer = usual if not slopes and steps[-1].gap > SOON else max(usual, float(round(ours[0])))
    return min(dearer, sorted(step.size for step in steps)[-1 - int(MIDDLE * len(steps))])


ENOUGH: Final = 5
"""So many steps are wanted before they say anything."""
KEPT: Final = 15
ONE_WINDOW: Final = 2.5
"""Resets within so many seconds of each other are one window."""
GAIN: Final = 0.2
SUREST: Final = 0.95
"""However often nothing had changed, the next answer may be another."""
MOST: Final = 256
"""More kinds of request than this are taken at their word, so that no source can fill the memory."""

Kind = tuple[str, float, bool]
"""The route, the declared cost, and whether the answer is that nothing has changed (304)."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a request will take."""

    likely: float
    """The pace is kept by this."""
    most: float
    """So much is set aside until the answer is here."""


class Costs:
    """Learns from the step of `remaining` between two answers, where one request alone can have made it.

    That is a request that was under way with no other of ours, right after an answer with none of ours under way; what
    such steps say is doubted (`engine.pacing.budgets.request_cost`). What an answer itself says it took (GitHub:
    https://docs.github.com/en/graphql/reference/objects#ratelimit) wins over what is declared and over what is learned.
    """

    def __init__(self, *, unchanged_free: bool = False) -> None:
        self.mean = 1.0
        """What an answer took of late, on average."""
        self._unchanged_free = unchanged_free
        self._steps: dict[Kind, deque[Step]] = {}
        self._measured: dict[Kind, float] = {}
        self._told: dict[tuple[str, float], float] = {}
        self._unchanged: dict[tuple[str, float], float] = {}
        """How often nothing had changed, 0 to 1, of what was asked conditionally."""
        self._prices: dict[tuple[str, float, bool], Price] = {}
        """Prices at hand: they are asked for several times with each request, and change seldom."""
        self._flying = 0
        self._before: dict[str, Reading] = {}
        """What the last answer told, where nothing of ours was under way any more."""
        self._told_at = 0.0
        """When it told so."""

    def price(self, route: str, declared: float, *, conditional: bool = False) -> Price:
        """Say what a request will take; a conditional one takes less, the more often nothing had changed."""
        price = self._prices.get((route, declared, conditional))
        if price is None:
            self._prices = self._prices if len(self._prices) < MOST else {}
            price = self._prices[route, declared, conditional] = self._priced(route, declared, conditional=conditional)
        return price

    def of(self, route: str, declared: float, *, unchanged: bool) -> float:
        """Return what an answer of this kind takes."""
        if not unchanged and (route, declared) in self._told:
            return self._told[route, declared]
        measured = self._measured.get((route, declared, unchanged))
        return self._usual(declared, unchanged=unchanged) if measured is None else measured

    def sent(self) -> None:
        """Note that a request left."""
        self._flying += 1
        if self._flying > 1:
            self._before = {}

    def gone(self) -> None:
        """Note that a request is over without an answer: it may have been counted or not."""
        self._flying = max(0, self._flying - 1)
        self._before = {}

    def disturb(self) -> None:
        """Note that somebody else's request that is known of may have made the next step."""
        self._before = {}

    def answered(
        self,
        now: float,
        kind: Kind,
        readings: Sequence[tuple[str, Reading]],
        *,
        conditional: bool = False,
        refused: bool = False,
    ) -> float:
        """Learn from an answer; return what it took."""
        route, declared, unchanged = kind
        if conditional and not refused and (len(self._unchanged) < MOST or (route, declared) in self._unchanged):
            often = self._unchanged.get((route, declared), 0.0)
            self._unchanged[route, declared] = often + GAIN * (unchanged - often)
            self._prices.pop((route, declared, True), None)
        self._flying = max(0, self._flying - 1)
        gap = now - self._told_at
        if self._before and gap <= LONGEST and len(readings) == 1 and not refused:
            name, reading = readings[0]
            self._step(kind, self._before.get(name), reading, gap=gap)
        self._before, self._told_at = (dict(readings) if self._flying == 0 and not refused else {}), now
        took = self.of(route, declared, unchanged=unchanged)
        self.mean += GAIN * (took - self.mean)
        return took

    def told(self, route: str, declared: float, cost: float) -> None:
        """Take in what an answer says it took."""
        if len(self._told) < MOST or (route, declared) in self._told:
            self._told[route, declared] = max(0.0, cost)
            self._prices = {}

    def _priced(self, route: str, declared: float, *, conditional: bool) -> Price:
        changed = self.of(route, declared, unchanged=False)
        if not conditional:
            return Price(changed, changed)
        same = self.of(route, declared, unchanged=True)
        share = min(SUREST, self._unchanged.get((route, declared), 0.0))
        return Price(changed + share * (same - changed), max(same, changed))

    def _step(self, kind: Kind, before: Reading | None, after: Reading, *, gap: float) -> None:
        _, declared, unchanged = kind
        if before is None or before.remaining is None or after.remaining is None:
            return
        if before.resets_at is None or after.resets_at is None or before.limit != after.limit:
            return
        if abs(after.resets_at - before.resets_at) > ONE_WINDOW:
            return
        steps = self._steps.get(kind)
        if steps is None:
            if len(self._steps) >= MOST:
                return
            steps = self._steps[kind] = deque(maxlen=KEPT)
        if after.remaining > before.remaining:
            steps.clear()  # within a window it only falls: what these answers tell cannot be compared
            return
        steps.append(Step(gap, before.remaining - after.remaining))
        if len(steps) >= ENOUGH:
            self._measured[kind] = cost_of(steps, usual=self._usual(declared, unchanged=unchanged))
            self._prices = {}

    def _usual(self, declared: float, *, unchanged: bool) -> float:
        return 0.0 if unchanged and self._unchanged_free else declared
