"""When things happened: a sixth before the year, two thirds within it, a sixth after it."""

import calendar
from functools import lru_cache
from time import gmtime

DAY = 86_400

_BEFORE, _AFTER = 1 / 6, 5 / 6


class Timeline:
    """Spreads fractions from 0 to 1 over the time around a year, evenly within each part."""

    def __init__(self, year: int) -> None:
        self.year = year
        self.begins = calendar.timegm((year - 1, 10, 1, 0, 0, 0))
        self.year_begins = calendar.timegm((year, 1, 1, 0, 0, 0))
        self.year_ends = calendar.timegm((year + 1, 1, 1, 0, 0, 0))
        self.ends = calendar.timegm((year + 1, 4, 1, 0, 0, 0))

    def at(self, fraction: float) -> int:
        """Return the time of a fraction in epoch seconds; it never decreases with the fraction."""
        if fraction < _BEFORE:
            return self.begins + int((self.year_begins - self.begins) * fraction / _BEFORE)
        if fraction < _AFTER:
            return self.year_begins + int(
                (self.year_ends - self.year_begins) * (fraction - _BEFORE) / (_AFTER - _BEFORE)
            )
        return self.year_ends + int((self.ends - self.year_ends) * (fraction - _AFTER) / (1 - _AFTER))


@lru_cache(maxsize=4096)
def _day(number: int) -> str:
    then = gmtime(number * DAY)
    return f"{then.tm_year:04}-{then.tm_mon:02}-{then.tm_mday:02}T"


def iso(seconds: int) -> str:
    """Format a time as GitHub does: 2025-03-04T05:06:07Z."""
    day, rest = divmod(seconds, DAY)
    return f"{_day(day)}{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}Z"
