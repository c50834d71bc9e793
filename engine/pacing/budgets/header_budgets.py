"""The budgets that response headers tell of: a `HeaderWindow` if there is a reset, else a `HeaderBucket`. Pure."""

from collections.abc import Sequence
from typing import Final

from engine.pacing.budgets.header_bucket import HeaderBucket
from engine.pacing.budgets.header_window import HeaderWindow
from engine.pacing.response.rate_limit_headers import QuotaReading

MOST: Final = 32
"""Upper bound of the names kept. An API has a handful, and a hostile one must not fill the memory."""


class HeaderBudgetRegistry:
    """The header budgets of one host and credential, by name. All lanes of all sources share them."""

    def __init__(self) -> None:
        self.by_name: dict[str, HeaderWindow | HeaderBucket] = {}
        self.changes = 0
        """Counts the budgets that were added or replaced, so that cached lists can be renewed."""
        self._met: dict[str, dict[str, None]] = {}

    def met(self, resource: str) -> dict[str, None]:
        """Return the names that answers for this resource mentioned. Requests for it must pass these budgets."""
        return self._met.setdefault(resource, {})


class HeaderBudgets:
    """The header budgets that bind the requests for one resource."""

    def __init__(self, registry: HeaderBudgetRegistry | None = None, resource: str = "") -> None:
        self._registry = registry or HeaderBudgetRegistry()
        self._met = self._registry.met(resource)

    @property
    def changes(self) -> int:
        """A change of this number means that `budgets` returns another list."""
        return self._registry.changes

    @property
    def budgets(self) -> Sequence[HeaderWindow | HeaderBucket]:
        return [self._registry.by_name[name] for name in self._met]

    def left(self) -> float | None:
        """Return the units left in the tightest budget; None if no budget is known."""
        return min((budget.remaining for budget in self.budgets if budget.remaining is not None), default=None)

    def share_left(self, now: float) -> float | None:
        """Return the share left in the tightest budget, 0 to 1; None while it is unknown."""
        quotas = [budget.quota(now) for budget in self.budgets]
        return min((q.remaining / q.limit for q in quotas if q.limit and q.remaining is not None), default=None)

    def window(self) -> float | None:
        """Return the shortest window in seconds of a budget with units left; None if there is none."""
        return min((budget.window or 60.0 for budget in self.budgets if (budget.remaining or 0) > 0), default=None)

    def learn(self, now: float, sent_at: float, reading: QuotaReading, *, refused: bool = False) -> None:
        """Take in a reading.

        The reset of a refusal may be the end of a penalty and not of a window. So a refusal never turns a bucket into a
        window.
        """
        if reading.remaining is None:
            return
        name = reading.name
        known = self._registry.by_name.get(name)
        if known is None and len(self._registry.by_name) >= MOST:
            return
        if known is None or self._is_another(known, now, reading, refused=refused):
            known = self._registry.by_name[name] = (HeaderBucket if reading.resets_at is None else HeaderWindow)(name)
            self._registry.changes += 1
        if name not in self._met:
            self._met[name] = None
            self._registry.changes += 1
        known.learn(now, sent_at, reading)

    @staticmethod
    def _is_another(known: HeaderWindow | HeaderBucket, now: float, reading: QuotaReading, *, refused: bool) -> bool:
        """Whether a bucket begins to name a reset, or a window that is over no longer does."""
        if refused:
            return False
        if isinstance(known, HeaderWindow):
            return reading.resets_at is None and now > known.ends_at
        return reading.resets_at is not None
