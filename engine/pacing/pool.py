"""What all draw on together who ask one host with one credential: its budgets, and whose turn it is."""

from collections.abc import Sequence

from engine.model.source import RateBudget
from engine.pacing.admission import Admission
from engine.pacing.budgets.configured_window import ConfiguredWindow, WorkSeconds
from engine.pacing.budgets.fair_queue import FairQueue
from engine.pacing.budgets.header_budgets import HeaderBudgetRegistry


class CredentialBudgets:
    """Each budget is there once, however many lanes and groups draw on it."""

    def __init__(self) -> None:
        self.told = HeaderBudgetRegistry()
        self.turns = FairQueue()
        self.members: list[Admission] = []
        """A refusal that names no resource makes all of them rest."""
        self._windows: dict[tuple[str, int, float], ConfiguredWindow] = {}
        self._work: dict[tuple[float, float], WorkSeconds] = {}

    def window(self, budget: RateBudget) -> ConfiguredWindow | None:
        """Return the window that a budget's numbers describe; None where they describe none."""
        if budget.requests is None:
            return None
        name = budget.shared or budget.resource
        made = ConfiguredWindow(name, budget.requests, budget.per)
        return self._windows.setdefault((name, budget.requests, budget.per), made)

    def work(self, mine: Sequence[RateBudget], all_: Sequence[RateBudget]) -> Sequence[WorkSeconds]:
        """Return what bounds the server's work: what all lanes share, and less for one with less of its own."""
        named = [budget for budget in all_ if budget.cpu_seconds is not None]
        if not any(budget in named for budget in mine):
            return ()
        most = max(named, key=lambda budget: budget.cpu_seconds or 0.0)
        own = [budget for budget in mine if budget in named and budget.cpu_seconds != most.cpu_seconds]
        return [self._seconds(budget) for budget in (most, *own)]

    def _seconds(self, budget: RateBudget) -> WorkSeconds:
        seconds, per = budget.cpu_seconds or 0.0, budget.per
        return self._work.setdefault((seconds, per), WorkSeconds(seconds, per))
