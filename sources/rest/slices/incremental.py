"""Incremental requests: when items changed, and where a later run continues. Times are compared as numbers."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sources.common.json_values import instant, integer, real, stamp
from sources.rest.config.since import Since
from sources.rest.config.types import Scalar
from sources.rest.json_paths import find

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS: Final = {"unix": 1.0, "unix_ms": 1000.0, "number": 1.0}


def mark(since: Since, item: Any) -> float | None:
    """Return when an item changed, in epoch seconds, or its number; None where it has neither."""
    return number(since, find(item, since.item))


def number(since: Since, found: Any) -> float | None:
    """Return a time as epoch seconds, and a number as it is; None if it is neither."""
    if since.format in _UNITS:
        holder = {"value": found}
        number = integer(holder, "value")
        value = real(holder, "value") if number is None else float(number)
        return None if value is None else value / _UNITS[since.format]
    moment = instant(found) if isinstance(found, str) else None
    return moment.timestamp() if moment else None


def newest(since: Since, item: Any, so_far: float | None, started: datetime) -> float | None:
    """Return the latest mark. A time beyond the run's start is capped, or later items would never count as new."""
    found = mark(since, item)
    if found is None:
        return so_far
    capped = found if since.format == "number" else min(found, started.timestamp())
    return capped if so_far is None else max(so_far, capped)


def start_value(since: Since, known: str | None) -> Scalar | None:
    """Return where to ask from: the stored mark less the look-back, or the configured start; None for everything."""
    try:
        value = float(known or "") - since.look_back
    except ValueError:
        return since.start
    if not math.isfinite(value):
        return since.start
    if since.format in _UNITS:
        return max(0, int(value * _UNITS[since.format]))
    # the cap is 9999-12-31T23:59:59Z, datetime's last second
    moment = _EPOCH + timedelta(seconds=max(0.0, min(value, 253_402_300_799.0)))
    return stamp(moment) if since.format == "iso" else f"{moment:%Y-%m-%d}"
