"""The budgets that all lanes of one host and credential share, and the queue in which they draw on them."""

from collections.abc import Sequence

from engine.model.source import RateBudget
from engine.pacing.admission import Admission
from engine.pacing.budgets.configured_window import ConfiguredWindow, WorkSeconds
from engine.pacing.budgets.fair_queue import FairQueue
from engine.pacing.budgets.header_budgets import HeaderBudgetRegistry


class CredentialBudgets:
    """Keeps one instance of each budget, however many lanes and groups draw on it."""

    def __init__(self) -> None:
        self.header_budgets = HeaderBudgetRegistry()
        self.queue = FairQueue()
        self.members: list[Admission] = []
        """The admissions that rest together after a refusal that names no resource."""
        self._windows: dict[tuple[str, int, float], ConfiguredWindow] = {}
        self._work: dict[tuple[float, float], WorkSeconds] = {}

    def window(self, budget: RateBudget) -> ConfiguredWindow | None:
        """Return the window of a budget; None if the budget has no request limit."""
        if budget.requests is None:
            return None
        name = budget.shared or budget.resource
        made = ConfiguredWindow(name, budget.requests, budget.per)
        return self._windows.setdefault((name, budget.requests, budget.per), made)

    def work(self, mine: Sequence[RateBudget], all_: Sequence[RateBudget]) -> Sequence[WorkSeconds]:
        """Return the CPU-time budgets that apply: the host-wide one, plus the lane's own if it is stricter."""
        named = [budget for budget in all_ if budget.cpu_seconds is not None]
        if not any(budget in named for budget in mine):
            return ()
        most = max(named, key=lambda budget: budget.cpu_seconds or 0.0)
        own = [budget for budget in mine if budget in named and budget.cpu_seconds != most.cpu_seconds]
        return [self._seconds(budget) for budget in (most, *own)]

    def _seconds(self, budget: RateBudget) -> WorkSeconds:
        seconds, per = budget.cpu_seconds or 0.0, budget.per
        return self._work.setdefault((seconds, per), WorkSeconds(seconds, per))
