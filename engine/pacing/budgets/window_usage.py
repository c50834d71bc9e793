"""How fast somebody else spends the same budget, and how much of it that leaves to us. Pure."""

from typing import Final

# Whose use of a budget window it was: ours, or somebody else's. Pure.


class Shares:
    """Counts what we sent in a window, and calls the rest of what went missing somebody else's.

    What was used before the first look at the window is nobody's: it is left out.
    """

    def __init__(self) -> None:
        self._first: float | None = None
        self._own = 0.0
        self._last = 0.0
        self._under_way: dict[float, list[float]] = {}
        """What was reckoned for the requests that are not answered yet, by the moment they were sent."""

    def sent(self, now: float, cost: float) -> None:
        """Count a send, for the server may count it from now on."""
        self._own += cost
        self._under_way.setdefault(now, []).append(cost)

    def answered(self, sent_at: float, cost: float) -> None:
        """Note what a request really cost."""
        reckoned = self._under_way.get(sent_at)
        if reckoned is None:
            return
        self._own += cost - reckoned.pop()
        self._last = cost
        if not reckoned:
            del self._under_way[sent_at]

    def begin(self, remaining: float, limit: float | None) -> None:
        """Begin a window with the answer that told of it; `limit` where it began full before our eyes."""
        waiting = sum(cost for costs in self._under_way.values() for cost in costs)
        self._own = waiting + (0.0 if limit is None else self._last)
        self._first = remaining if limit is None else limit

    def split(self, remaining: float) -> tuple[float, float] | None:
        """Return what was ours and what was others'; None before the first window.

        What is in flight counts as ours already, so that others are never blamed for it.
        """
        if self._first is None:
            return None
        return self._own, max(0.0, self._first - remaining - self._own)


GAIN: Final = 0.5
SHORTEST: Final = 2.0
CLAIM: Final = 0.03
"""So much of what others use is claimed all the same, where they use nearly all: those who adapt give way until each
uses the same, and those who do not are corrected for by what is left, before they notice."""
FLOOR: Final = 0.01
"""Of the even pace, so much is ours whatever others use."""
GREEDY_FLOOR: Final = 0.1
"""The same beside a client that would run into the limit without us, too: who yields to it starves."""
GREEDY: Final = (1.1, 1.3)
"""From the one to the other of these times the whole budget, the one floor becomes the other."""


class ForeignUse:
    """Compares what is left with what we used: the rest was somebody else."""

    def __init__(self) -> None:
        self.rate = 0.0
        """Units per second that others use, smoothed."""
        self._known = False
        self._mark: tuple[float, float] | None = None
        self._seen_at = 0.0
        self._own = 0.0

    def answered(self, cost: float) -> None:
        """Count what an answer of ours cost."""
        self._own += cost

    def observe(self, now: float, remaining: float, window: float) -> None:
        """Take in what is left now; estimate once in a thirtieth of the window."""
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
        """Begin to count anew: a new window, or an estimate was made."""
        self._mark, self._own, self._seen_at = (now, remaining), 0.0, now

    def since(self, now: float) -> float:
        """Return the units they used since we last heard what is left."""
        return self.rate * max(0.0, now - self._seen_at)

    def ours(self, even: float, whole: float | None) -> float:
        """Return the rate that is ours.

        Args:
            even: the rate that spends what is left until the reset.
            whole: the rate of the whole budget, where that is known.
        """
        greed = self.rate / whole if whole else 0.0
        begins, ends = GREEDY
        floor = FLOOR + (GREEDY_FLOOR - FLOOR) * min(1.0, max(0.0, (greed - begins) / (ends - begins)))
        share = min(1.0, self.rate / max(even, 1e-9))
        return max(even - (1.0 - CLAIM * share**2) * self.rate, floor * even)

    def _estimate(self, seen: float, *, least: bool) -> None:
        """Take in a rate; of a budget that is used up it is the least they asked for."""
        if not self._known:
            self.rate, self._known = seen, True
        elif not least or seen > self.rate:
            self.rate += GAIN * (seen - self.rate)
