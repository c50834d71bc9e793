"""The budgets the answers of one domain tell of, each followed by the law that fits what is told. Pure."""

from collections.abc import Sequence
from typing import Final

from engine.budget import Reading
from engine.header_bucket import HeaderBucket
from engine.header_window import HeaderWindow

MOST: Final = 32
"""More names than this are ignored: an API has a handful, and a hostile one must not fill the memory."""


class Advertised:
    """Header windows and header buckets by name."""

    def __init__(self) -> None:
        self._by_name: dict[str, HeaderWindow | HeaderBucket] = {}

    @property
    def budgets(self) -> Sequence[HeaderWindow | HeaderBucket]:
        """All that are known."""
        return list(self._by_name.values())

    def left(self) -> float | None:
        """Return how many units the tightest has left; None while nothing is told."""
        return min((budget.remaining for budget in self.budgets if budget.remaining is not None), default=None)

    def share_left(self, now: float) -> float | None:
        """Return how much of the tightest is left, 0 to 1; None while that is unknown."""
        quotas = [budget.quota(now) for budget in self.budgets]
        return min((q.remaining / q.limit for q in quotas if q.limit and q.remaining is not None), default=None)

    def window(self) -> float | None:
        """Return the shortest window of one that is not used up, in seconds; None when nothing is told."""
        return min((budget.window or 60.0 for budget in self.budgets if (budget.remaining or 0) > 0), default=None)

    def learn(self, now: float, sent_at: float, name: str, reading: Reading, *, refused: bool = False) -> bool:
        """Take in a reading; return whether a budget was met for the first time.

        A reset that is told with a refusal only is the end of a penalty, not of a window.
        """
        if reading.remaining is None:
            return False
        known = self._by_name.get(name)
        if known is None and len(self._by_name) >= MOST:
            return False
        if reading.resets_at is not None and not refused and not isinstance(known, HeaderWindow):
            known = self._by_name[name] = HeaderWindow(name)
            known.learn(now, sent_at, reading)
            return True
        if isinstance(known, HeaderWindow) and reading.resets_at is None and now > known.over and not refused:
            known = None
        if known is None:
            kind = HeaderWindow if reading.resets_at is not None else HeaderBucket
            known = self._by_name[name] = kind(name)
            known.learn(now, sent_at, reading)
            return True
        known.learn(now, sent_at, reading)
        return False
