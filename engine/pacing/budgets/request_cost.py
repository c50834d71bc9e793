"""What a request really costs of a header budget: measured, and used in place of the declared cost. Pure."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Final, NamedTuple

from engine.pacing.response.rate_limit_headers import QuotaReading

APART: Final = 0.1
"""Two steps tell how fast other clients spend only if their gaps differ by so many seconds."""
SOON: Final = 1.0
"""In a longer gap other clients may spend as much as an expensive request, so a single step proves nothing."""
LONGEST: Final = 2.0
"""Steps with a longer gap, in seconds, are not used: other clients' use hides ours."""
MIDDLE: Final = 0.2
"""Share of the largest steps that is dropped: another client was probably counted in."""
ENOUGH: Final = 5
"""Least steps to measure a cost."""
KEPT: Final = 15
"""Steps kept for each kind of request."""
ONE_WINDOW: Final = 2.5
"""Resets within so many seconds belong to one window."""
GAIN: Final = 0.2
"""Weight of the newest answer in the moving averages."""
SUREST: Final = 0.95
"""Largest expected share of 304 answers. The next one may always be a 200."""
MOST: Final = 256
"""Kinds of request kept apart; others cost what they declare. No source can fill the memory."""

Kind = tuple[str, float, bool]
"""Route, declared cost, and whether the answer was 304 Not Modified."""


@dataclass(frozen=True, slots=True)
class Price:
    """The cost of a request as expected before its answer."""

    likely: float
    """Expected cost. The pacing uses it."""
    most: float
    """Highest cost. It is set aside until the answer."""


class Costs:
    """Learns costs from steps of `remaining` between two answers that a single request of ours can have made.

    The first answer must leave no request of ours in flight, and the request of the second must have been alone
    (docs/decisions/0014-costs-are-measured-when-one-is-alone.md). A cost that an answer names itself wins over the
    measured and the declared one. GitHub's GraphQL answers do:
    https://docs.github.com/en/graphql/reference/objects#ratelimit.
    """

    def __init__(self, *, unchanged_free: bool = False) -> None:
        self.mean = 1.0
        """Moving average of the costs."""
        self._unchanged_free = unchanged_free
        self._steps: dict[Kind, deque[Decrease]] = {}
        self._measured: dict[Kind, float] = {}
        self._reported: dict[tuple[str, float], float] = {}
        self._unchanged: dict[tuple[str, float], float] = {}
        """Share of conditional requests answered by 304, by route and declared cost."""
        self._prices: dict[tuple[str, float, bool], Price] = {}
        """A cache: prices are needed several times with each request and seldom change."""
        self._flying = 0
        self._before: dict[str, QuotaReading] = {}
        """Readings of the last answer, if it left no request of ours in flight."""
        self._answered_at = 0.0
        """Time of that answer."""

    def price(self, route: str, declared: float, *, conditional: bool = False) -> Price:
        """Return the price of a request. A conditional one is cheaper, the more often the answer was 304."""
        price = self._prices.get((route, declared, conditional))
        if price is None:
            self._prices = self._prices if len(self._prices) < MOST else {}
            price = self._prices[route, declared, conditional] = self._priced(route, declared, conditional=conditional)
        return price

    def of(self, route: str, declared: float, *, unchanged: bool) -> float:
        """Return the cost of an answer of this kind."""
        if not unchanged and (route, declared) in self._reported:
            return self._reported[route, declared]
        measured = self._measured.get((route, declared, unchanged))
        return self._usual(declared, unchanged=unchanged) if measured is None else measured

    def sent(self) -> None:
        """Count a send. With two in flight, the next step cannot be assigned to one of them."""
        self._flying += 1
        if self._flying > 1:
            self._before = {}

    def gone(self) -> None:
        """Record that a request ended without an answer. The server may or may not have counted it."""
        self._flying = max(0, self._flying - 1)
        self._before = {}

    def disturb(self) -> None:
        """Drop the last readings, because a request of another lane may be part of the next step."""
        self._before = {}

    def answered(
        self,
        now: float,
        kind: Kind,
        readings: Sequence[QuotaReading],
        *,
        conditional: bool = False,
        refused: bool = False,
    ) -> float:
        """Learn from an answer. Return its cost."""
        route, declared, unchanged = kind
        if conditional and not refused and (len(self._unchanged) < MOST or (route, declared) in self._unchanged):
            often = self._unchanged.get((route, declared), 0.0)
            self._unchanged[route, declared] = often + GAIN * (unchanged - often)
            self._prices.pop((route, declared, True), None)
        self._flying = max(0, self._flying - 1)
        gap = now - self._answered_at
        if self._before and gap <= LONGEST and len(readings) == 1 and not refused:
            self._step(kind, self._before.get(readings[0].name), readings[0], gap=gap)
        alone = self._flying == 0 and not refused
        self._before, self._answered_at = ({one.name: one for one in readings} if alone else {}), now
        took = self.of(route, declared, unchanged=unchanged)
        self.mean += GAIN * (took - self.mean)
        return took

    def reported(self, route: str, declared: float, cost: float) -> None:
        """Record the cost that an answer names."""
        if len(self._reported) < MOST or (route, declared) in self._reported:
            self._reported[route, declared] = max(0.0, cost)
            self._prices = {}

    def _priced(self, route: str, declared: float, *, conditional: bool) -> Price:
        changed = self.of(route, declared, unchanged=False)
        if not conditional:
            return Price(changed, changed)
        same = self.of(route, declared, unchanged=True)
        share = min(SUREST, self._unchanged.get((route, declared), 0.0))
        return Price(changed + share * (same - changed), max(same, changed))

    def _step(self, kind: Kind, before: QuotaReading | None, after: QuotaReading, *, gap: float) -> None:
        """Add the step between two readings of the same window, if it is one."""
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
            steps.clear()  # within a window `remaining` only falls, so these readings are not comparable
            return
        steps.append(Decrease(gap, before.remaining - after.remaining))
        if len(steps) >= ENOUGH:
            self._measured[kind] = cost_of(steps, usual=self._usual(declared, unchanged=unchanged))
            self._prices = {}

    def _usual(self, declared: float, *, unchanged: bool) -> float:
        return 0.0 if unchanged and self._unchanged_free else declared


class Decrease(NamedTuple):
    """The decrease of `remaining` between two answers with one request of ours in between."""

    gap: float
    """Seconds between the answers."""
    size: float


def cost_of(steps: Sequence[Decrease], *, usual: float) -> float:
    """Return the cost of a request from steps that may include other clients' use; `usual` is the cost assumed so far.

    Others use more in a longer gap, while our request costs the same in any gap. So the slope of the steps over their
    gaps is the others' rate, and their part is subtracted. The slope is the median of all pairs (Theil-Sen estimator,
    https://en.wikipedia.org/wiki/Theil%E2%80%93Sen_estimator), which outliers do not move. Others only ever lengthen a
    step. So the cost is above `usual` only if every step says so, and below it if most steps do.
    """
    slopes = [(b.size - a.size) / (b.gap - a.gap) for a, b in combinations(sorted(steps), 2) if b.gap - a.gap >= APART]
    theirs = max(0.0, median(slopes)) if slopes else 0.0
    ours = sorted(step.size - theirs * step.gap for step in steps)
    dearer = usual if not slopes and steps[-1].gap > SOON else max(usual, float(round(ours[0])))
    return min(dearer, sorted(step.size for step in steps)[-1 - int(MIDDLE * len(steps))])
