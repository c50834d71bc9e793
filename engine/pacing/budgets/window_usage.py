"""How much of a header budget was ours and how much other clients used, and what rate that leaves to us. Pure."""

from typing import Final

GAIN: Final = 0.5
"""Weight of the newest estimate."""
SHORTEST: Final = 2.0
"""Least seconds between two estimates."""
CLAIM: Final = 0.03
"""Share of other clients' use that is claimed when they use nearly the whole budget. A client that adapts backs off
until both get equal shares. One that does not shows up in `remaining`, and then we back off. This number and the next
three are measured in docs/decisions/0012-what-the-law-takes-for-proof.md."""
FLOOR: Final = 0.01
"""Share of the even pace that is ours whatever others use."""
GREEDY_FLOOR: Final = 0.1
"""The same beside a client that asks for more than the whole budget: backing off further would starve us."""
GREEDY: Final = (1.1, 1.3)
"""Between these multiples of the budget's rate, the floor rises from the one to the other."""


class Shares:
    """Counts what we used of a window. The rest of what is missing was used by others.

    What was used before the window was first seen belongs to nobody and is left out.
    """

    def __init__(self) -> None:
        self._first: float | None = None
        self._own = 0.0
        self._last = 0.0
        self._under_way: dict[float, list[float]] = {}
        """Cost charged in advance for the requests in flight, by send time."""

    def sent(self, now: float, cost: float) -> None:
        """Charge a request at its send: from now on the server may count it."""
        self._own += cost
        self._under_way.setdefault(now, []).append(cost)

    def answered(self, sent_at: float, cost: float) -> None:
        """Replace the charge by the real cost."""
        reckoned = self._under_way.get(sent_at)
        if reckoned is None:
            return
        self._own += cost - reckoned.pop()
        self._last = cost
        if not reckoned:
            del self._under_way[sent_at]

    def begin(self, remaining: float, limit: float | None) -> None:
        """Begin a window. `limit` is given if its beginning was seen, so that it began with that much."""
        waiting = sum(cost for costs in self._under_way.values() for cost in costs)
        self._own = waiting + (0.0 if limit is None else self._last)
        self._first = remaining if limit is None else limit

    def split(self, remaining: float) -> tuple[float, float] | None:
        """Return what we used and what others used; None before the first window.

        Requests in flight count as ours, so others are never blamed for them.
        """
        if self._first is None:
            return None
        return self._own, max(0.0, self._first - remaining - self._own)


class ForeignUse:
    """Estimates how fast other clients spend a budget: what is missing beyond our own use."""

    def __init__(self) -> None:
        self.rate = 0.0
        """Units a second, smoothed."""
        self._known = False
        self._mark: tuple[float, float] | None = None
        """Time and remaining units at which the running estimate began."""
        self._seen_at = 0.0
        self._own = 0.0

    def answered(self, cost: float) -> None:
        """Add the cost of an answer of ours."""
        self._own += cost

    def observe(self, now: float, remaining: float, window: float) -> None:
        """Take in a new value of `remaining`. Estimate every thirtieth of the window, at most every 2 s."""
        self._seen_at = now
        if self._mark is None:
            self.restart(now, remaining)
            return
        began, before = self._mark
        if now - began < max(SHORTEST, window / 30):
            return
        self._estimate(max(0.0, before - remaining - self._own) / (now - began), least=remaining <= 0)
        self.restart(now, remaining)

    def restart(self, now: float, remaining: float) -> None:
        """Begin the next estimate: with a new window, or after the last one."""
        self._mark, self._own, self._seen_at = (now, remaining), 0.0, now

    def since(self, now: float) -> float:
        """Return what others have used since the last reading."""
        return self.rate * max(0.0, now - self._seen_at)

    def ours(self, even: float, whole: float | None) -> float:
        """Return the rate that is ours.

        Args:
            even: the rate that spends what is left by the reset.
            whole: limit / window, if that is known.
        """
        greed = self.rate / whole if whole else 0.0
        begins, ends = GREEDY
        floor = FLOOR + (GREEDY_FLOOR - FLOOR) * min(1.0, max(0.0, (greed - begins) / (ends - begins)))
        # Squared, so that the claim is small unless others use nearly everything.
        share = min(1.0, self.rate / max(even, 1e-9))
        return max(even - (1.0 - CLAIM * share**2) * self.rate, floor * even)

    def _estimate(self, seen: float, *, least: bool) -> None:
        """Smooth an estimate. Once the budget is used up it is a lower bound: refused requests do not show in it."""
        if not self._known:
            self.rate, self._known = seen, True
        elif not least or seen > self.rate:
            self.rate += GAIN * (seen - self.rate)
