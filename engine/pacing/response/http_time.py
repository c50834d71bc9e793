"""Times as servers write them: epoch seconds or milliseconds, seconds from now, and HTTP-dates. Pure; never raises."""

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final, Literal

_MILLISECONDS: Final = 1e12
_EPOCH: Final = 1e8
"""As an epoch this was in 1973, as a delta it is three years. So no real value is ambiguous."""
_YEARS: Final = range(2000, 2100)


@dataclass(frozen=True, slots=True)
class Reset:
    """When a quota resets, in the server's own terms."""

    seconds: float
    clock: Literal["epoch", "delta"]
    """Whether `seconds` count from 1970 on the server's clock or from the answer."""

    def wait(self, server_now: float) -> float:
        """Return the seconds until the reset, given the server's time. A delta is returned as it is."""
        return self.seconds if self.clock == "delta" else max(0.0, self.seconds - server_now)


def by_size(value: float) -> Reset:
    """Tell epoch milliseconds (above 1e12), epoch seconds (above 1e8) and seconds from now apart by size."""
    if value > _MILLISECONDS:
        return Reset(value / 1000, "epoch")
    return Reset(value, "epoch" if value > _EPOCH else "delta")


@lru_cache(maxsize=256)  # a Date changes once a second, and parsing it costs as much as the rest of an answer's headers
def http_date(text: str | None) -> float | None:
    """Return an HTTP-date as seconds since the epoch; None if it is malformed or not of this century."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text[:100])
        # Both obsolete forms of an HTTP-date name no zone and are UTC
        # (https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7).
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.timestamp() if moment.year in _YEARS else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
