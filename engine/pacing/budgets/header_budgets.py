"""The budgets the answers of one domain tell of, each followed by the law that fits what is told. Pure."""

from collections.abc import Sequence
from typing import Final

from engine.pacing.budgets.budget import Reading
from engine.pacing.budgets.header_bucket import HeaderBucket
from engine.pacing.budgets.header_window import HeaderWindow

MOST: Final = 32
"""More names than this are ignored: an API has a handful, and a hostile one must not fill the memory."""


class HeaderBudgetRegistry:
    """Header windows and header buckets by name: what one host tells one credential, whoever asked."""

    def __init__(self) -> None:
        self.by_name: dict[str, HeaderWindow | HeaderBucket] = {}
        self.changes = 0
        """Counts what was met or replaced, so that nobody goes by an old list."""
        self._met: dict[str, dict[str, None]] = {}

    def met(self, resource: str) -> dict[str, None]:
        """Return the names that answers for a resource told of: the requests for it must pass these."""
        return self._met.setdefault(resource, {})


class HeaderBudgets:
    """What binds the requests for one resource."""

    def __init__(self, told: HeaderBudgetRegistry | None = None, resource: str = "") -> None:
        self._told = told or HeaderBudgetRegistry()
        self._met = self._told.met(resource)

    @property
    def changes(self) -> int:
        """Another number than before means that `budgets` is another list."""
        return self._told.changes

    @property
    def budgets(self) -> Sequence[HeaderWindow | HeaderBucket]:
        """All that are known."""
        return [self._told.by_name[name] for name in self._met]

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

    def learn(self, now: float, sent_at: float, name: str, reading: Reading, *, refused: bool = False) -> None:
        """Take in a reading.

        A reset that is told with a refusal only is the end of a penalty, not of a window.
        """
        if reading.remaining is None:
            return
        known = self._told.by_name.get(name)
        if known is None and len(self._told.by_name) >= MOST:
            return
        if known is None or self._is_another(known, now, reading, refused=refused):
            known = self._told.by_name[name] = (HeaderBucket if reading.resets_at is None else HeaderWindow)(name)
            self._told.changes += 1
        if name not in self._met:
            self._met[name] = None
            self._told.changes += 1
        known.learn(now, sent_at, reading)

    @staticmethod
    def _is_another(known: HeaderWindow | HeaderBucket, now: float, reading: Reading, *, refused: bool) -> bool:
        """Say whether a budget now tells of a reset for the first time, or of none any more."""
        if refused:
            return False
        if isinstance(known, HeaderWindow):
            return reading.resets_at is None and now > known.over
        return reading.resets_at is not None
