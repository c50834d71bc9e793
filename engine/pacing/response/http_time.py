"""Points in time as servers write them: epochs, milliseconds, seconds from now, HTTP-dates. Pure; never raises."""

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final, Literal

_MILLISECONDS: Final = 1e12
_EPOCH: Final = 1e8
_YEARS: Final = range(2000, 2100)


@dataclass(frozen=True, slots=True)
class Reset:
    """When a quota is full again, as the server said it."""

    seconds: float
    clock: Literal["epoch", "delta"]
    """Whether `seconds` count from 1970 on the server's clock, or from the answer."""

    def wait(self, server_now: float) -> float:
        """Return the seconds until then, at the server's time `server_now`; for a delta, as told."""
        return self.seconds if self.clock == "delta" else max(0.0, self.seconds - server_now)


def by_size(value: float) -> Reset:
    """Tell epoch milliseconds (above 1e12), epoch seconds (above 1e8) and seconds from now apart by their size."""
    if value > _MILLISECONDS:
        return Reset(value / 1000, "epoch")
    return Reset(value, "epoch" if value > _EPOCH else "delta")


@lru_cache(maxsize=256)  # a Date changes once a second, and parsing one costs as much as all else in an answer
def http_date(text: str | None) -> float | None:
    """Return an HTTP-date as seconds since the epoch; None when it is none, or not of this century."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text[:100])
        # The two old forms of an HTTP-date name no zone, and are UTC all the same (RFC 9110, 5.6.7).
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.timestamp() if moment.year in _YEARS else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
