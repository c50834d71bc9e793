"""Windows of time: where each begins and ends, how an API is told, and which are known from earlier runs. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from engine.common.errors import UsageError
from sources.common.json_values import stamp
from sources.rest.config.windows import MOST, Every, Windows, moment

_LABELS: Final = {"hour": "%Y-%m-%dT%H", "month": "%Y-%m", "quarter": "%Y-%m", "year": "%Y"}


@dataclass(frozen=True, slots=True)
class Window:
    """One span, from its start to just before its end."""

    start: datetime
    end: datetime
    label: str

    @property
    def seconds(self) -> tuple[int, int]:
        """Start and end in seconds since the epoch."""
        return int(self.start.timestamp()), int(self.end.timestamp())


@lru_cache(maxsize=16)
def windows(configured: Windows, now: datetime) -> tuple[Window, ...]:
    """List all windows, oldest first; the last is the one that `now` lies in.

    They are the same for every list of an endpoint, and there may be one below each of many items.

    Raises:
        UsageError: there are far too many.
    """
    start = moment(configured.start)
    stop = moment(configured.until) if configured.until else None
    found: list[Window] = []
    while start <= now and (stop is None or start < stop):
        following = _next(start, configured.every)
        end = following if stop is None else min(following, stop)
        found.append(Window(start, end, start.strftime(_LABELS.get(configured.every, "%Y-%m-%d"))))
        start = following
        if len(found) > MOST:
            raise UsageError(
                f'windows.every: "{configured.every}" from {configured.start} makes more than {MOST:,} windows;'
                " choose longer ones"
            )
    return tuple(found)


def told(configured: Windows, window: Window) -> tuple[str | int, str | int]:
    """Return a window's start and end as the API is told them."""
    end = window.end
    if configured.end == "inclusive":
        # A day before the next window's. A moment is sent as it is: what happened at it is in two windows and stored
        # once, and a moment that is earlier by a second would leave out what happened within that second.
        end -= timedelta(milliseconds=1) if configured.format == "date" else timedelta()
    elif configured.format == "date" and end.time() != datetime.min.time():
        end += timedelta(days=1)
    return format_time(window.start, configured.format), format_time(end, configured.format)


def format_time(time: datetime, style: str) -> str | int:
    """Write a time as an API wants it."""
    if style in {"unix", "unix_ms"}:
        return round(time.timestamp() * (1000 if style == "unix_ms" else 1))
    return f"{time:%Y-%m-%d}" if style == "date" else stamp(time)


def open_windows(found: Iterable[Window], known: Sequence[tuple[int, int]]) -> Iterator[Window]:
    """Yield the windows that are not within the known ranges of seconds, whose ends are included."""
    for one in found:
        start, end = one.seconds
        if not any(low <= start and end - 1 <= high for low, high in known):
            yield one


def is_final(end: int, started: datetime, look_back: int) -> bool:
    """Say whether a window was over, and its stragglers had arrived, when the run began."""
    return end + look_back <= started.timestamp()


def _next(start: datetime, every: Every) -> datetime:
    day = datetime(start.year, start.month, start.day, tzinfo=UTC)
    match every:
        case "hour":
            return day + timedelta(hours=start.hour + 1)
        case "day":
            return day + timedelta(days=1)
        case "week":
            return day + timedelta(days=7 - day.weekday())
        case "month":
            return _month(start.year, start.month + 1)
        case "quarter":
            return _month(start.year, (start.month - 1) // 3 * 3 + 4)
        case "year":
            return _month(start.year, 13)


def _month(year: int, month: int) -> datetime:
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC)
