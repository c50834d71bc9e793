"""Rate limits as gauges: the remaining share as a bar and a percentage, or "unknown"."""

from collections.abc import Iterable
from typing import Final

from engine.model.lane_state import Quota
from engine.model.snapshot import GroupState
from tui.widgets.numbers import count, share
from tui.widgets.rows import Span, Tone, fit, right

UNKNOWN: Final = "unknown"
_PARTS: Final = " ▏▎▍▌▋▊▉"
LOW: Final = 0.25
"""The remaining share from which a gauge warns."""
EMPTY: Final = 0.05
"""The remaining share from which a gauge shows an error."""


def bar(fraction: float, width: int) -> str:
    """Return a bar of `width` cells in steps of an eighth of a cell."""
    eighths = round(min(1.0, max(0.0, fraction)) * width * 8)
    full, part = divmod(eighths, 8)
    drawn = "█" * full + (_PARTS[part] if part else "")
    return drawn + "░" * (width - len(drawn))


def left(quota: Quota) -> float | None:
    """Return the remaining share of a quota, from 0 to 1; None when the limit or the remainder is unknown."""
    if quota.limit is None or quota.remaining is None or quota.limit <= 0:
        return None
    return min(1.0, max(0.0, quota.remaining / quota.limit))


def tightest(quotas: Iterable[Quota]) -> Quota | None:
    """Return the quota with the smallest remaining share; one with an unknown share only if there is no other."""
    return min(quotas, key=_tightness, default=None)


def of_group(group: GroupState) -> Quota | None:
    """Return the tightest quota of a source, which its row in the source table shows."""
    return tightest(quota for lane in group.lanes for quota in lane.quotas)


def second_of_group(group: GroupState) -> Quota | None:
    """Return the second tightest quota of a source; None if it has fewer than two."""
    ordered = sorted((quota for lane in group.lanes for quota in lane.quotas), key=_tightness)
    return ordered[1] if len(ordered) > 1 else None


def use(quota: Quota) -> str:
    """Return who used the quota, as in ", yours 1,020, others 62".

    The result is "" if our own use was not counted. The use by others is left out where the API does not reveal it.
    """
    if quota.own is None:
        return ""
    others = "" if quota.others is None else f", others {count(quota.others)}"
    return f", yours {count(quota.own)}{others}"


def gauge(quota: Quota | None, width: int) -> list[Span]:
    """Draw a bar and a percentage in `width` cells, or words if the percentage is unknown."""
    fraction = None if quota is None else left(quota)
    if quota is None or fraction is None or quota.limit is None or quota.remaining is None:
        known = quota is not None and quota.remaining is not None
        word = (
            f"{count(max(0.0, quota.remaining))} left" if known and quota and quota.remaining is not None else UNKNOWN
        )
        return [Span(fit(word, width), Tone.DIM)]
    return [
        Span(bar(fraction, width - 5), tone(fraction)),
        Span(right(share(quota.remaining, quota.limit), 5), tone(fraction)),
    ]


def tone(fraction: float) -> Tone:
    """Return the tone for a remaining share."""
    if fraction <= EMPTY:
        return Tone.BAD
    return Tone.WARN if fraction <= LOW else Tone.GOOD


def _tightness(quota: Quota) -> tuple[bool, float]:
    fraction = left(quota)
    return (fraction is None, fraction or 0.0)
