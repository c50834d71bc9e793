"""What a person's own `rate` makes of a source's budgets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from engine.common.errors import ConfigError
from engine.config.settings import SourceSettings
from engine.config.tables import Allowance
from engine.model.source import RateBudget
from engine.nearest import suggestion

SHARED: Final = "rate"
"""The name of the one allowance that several lanes draw on."""


def budgets_with(
    settings: SourceSettings, budgets: Sequence[RateBudget], known: Iterable[str] = ()
) -> Sequence[RateBudget]:
    """Put `rate` in the place of a source's own limits: one allowance for all lanes together, or one for each named.

    Args:
        settings: of the source.
        budgets: its own.
        known: lanes that may be named though it does not have them now, as GitHub's `graphql` without a token.

    Raises:
        ConfigError: a lane is named that the source does not have.
    """
    allowances = settings.common.allowances()
    if not allowances:
        return budgets
    lanes: dict[str, list[RateBudget]] = {}
    for budget in budgets or [RateBudget()]:
        lanes.setdefault(budget.resource, []).append(budget)
    there = {*lanes, *known}
    for lane in allowances:
        if lane and lane not in there:
            raise ConfigError(f"{settings.key(('rate', lane))}: there is no such lane: {suggestion(lane, there)}")
    return [budget for lane, mine in lanes.items() for budget in _lane(lane, mine, allowances, alone=len(lanes) == 1)]


def _lane(
    lane: str, mine: Sequence[RateBudget], allowances: Mapping[str, Allowance], *, alone: bool
) -> Sequence[RateBudget]:
    allowance = allowances.get("") or allowances.get(lane)
    if allowance is None:
        return mine
    requests, per = allowance
    places = min(budget.concurrency for budget in mine)
    own = replace(
        mine[0],
        requests=requests,
        per=per,
        concurrency=places,
        shared=SHARED if "" in allowances and not alone else "",
        cpu_seconds=None,
        unchanged_free=any(budget.unchanged_free for budget in mine),
    )
    # What bounds the server's work is no rate, and stays as it is.
    return [own, *(replace(budget, requests=None) for budget in mine if budget.cpu_seconds is not None)]
