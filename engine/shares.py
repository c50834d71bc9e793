"""Whose use of a budget window it was: ours, or somebody else's. Pure."""


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
