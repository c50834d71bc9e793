"""Numbers as short texts. Each function states its maximum width, so columns can have a fixed one."""

from typing import Final

UNKNOWN: Final = "-"
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400


def count(number: float) -> str:
    """Return a count in at most 5 cells: "999", "9,999", "12.3k", "412k", "1.9M"."""
    whole = int(number)
    if whole < 10_000:
        return f"{whole:,}"
    value = float(whole)
    for unit in "kMGT":
        value /= 1000
        if value < 99.95:
            return f"{value:.1f}{unit}"
        if value < 999.5:
            return f"{value:.0f}{unit}"
    return ">999T"


def size(octets: float) -> str:
    """Return a number of bytes in at most 7 cells: "512 B", "41.2 kB", "1.2 GB"."""
    if octets < 1000:
        return f"{int(octets)} B"
    value = octets
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 99.95:
            return f"{value:.1f} {unit}"
        if value < 999.5:
            return f"{value:.0f} {unit}"
    return f"{value / 1000:.0f} PB"


def rate(per_second: float) -> str:
    """Return requests per second in at most 5 cells: "0.3", "12.4", "102", "1,204"."""
    if per_second <= 0:
        return "0"
    return f"{per_second:.1f}" if per_second < 99.95 else count(per_second)


def latency(seconds: float | None) -> str:
    """Return a latency in at most 5 cells: "212ms", "1.2s", "38s", "9m"."""
    if seconds is None:
        return UNKNOWN
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f}ms"
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    return f"{seconds:.0f}s" if seconds < 999.5 else duration(seconds)


def duration(seconds: float | None) -> str:
    """Return a span of time in at most 5 cells: "38s", "12m04", "1h20", "3d04h", ">99d"."""
    if seconds is None:
        return UNKNOWN
    whole = max(0, round(seconds))
    if whole < _MINUTE:
        return f"{whole}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}m{whole % _MINUTE:02d}"
    if whole < _DAY:
        return f"{whole // _HOUR}h{whole % _HOUR // _MINUTE:02d}"
    days = whole // _DAY
    if days < 10:
        return f"{days}d{whole % _DAY // _HOUR:02d}h"
    return f"{days}d" if days < 100 else ">99d"


def countdown(seconds: float | None) -> str:
    """Return the remaining time of a wait in at most 5 cells: "00:38", "41:10", "1h40"."""
    if seconds is None:
        return UNKNOWN
    whole = max(0, round(seconds))
    return f"{whole // _MINUTE:02d}:{whole % _MINUTE:02d}" if whole < _HOUR else duration(seconds)


def stopwatch(seconds: float) -> str:
    """Return an elapsed time: "02:14:07", and "3d 02:14:07" after a day."""
    whole = max(0, int(seconds))
    days, rest = divmod(whole, _DAY)
    text = f"{rest // _HOUR:02d}:{rest % _HOUR // _MINUTE:02d}:{rest % _MINUTE:02d}"
    return f"{days}d {text}" if days else text


def share(part: float, whole: float) -> str:
    """Return a percentage in at most 4 cells: "0%", "<1%", "46%", "100%". It is rounded down: 100% means all of it."""
    if whole <= 0 or part <= 0:
        return "0%"
    percent = min(part / whole, 1.0) * 100
    if percent < 1:
        return "<1%"
    return f"{int(percent)}%"
