"""Durations as people write them: `20s`, `5m`, `2h`, `1h30m`."""

import re
from typing import Final

_UNITS: Final = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}
_SHAPE: Final = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?", re.ASCII)
_LONGEST: Final = 365 * 86_400.0


def parse_duration(text: str) -> float:
    """Read a duration in seconds. Larger units come first; only seconds may have a fraction.

    Raises:
        ValueError: it is none, is zero, or is longer than a year; the message says what would be right.
    """
    found = _SHAPE.fullmatch(text.strip().lower())
    if found is None or not any(found.groups()):
        raise ValueError(f'got "{text}", want a duration such as 20s, 5m, 2h or 1h30m')
    seconds = sum(float(count or 0) * unit for count, unit in zip(found.groups(), _UNITS.values(), strict=True))
    if not 0 < seconds <= _LONGEST:
        raise ValueError(f'got "{text}", want more than 0 seconds and at most 365 days')
    return seconds


def format_duration(seconds: float) -> str:
    """Write a duration with its two largest units: `1h 30m`, `20s`, `0.4s`."""
    if seconds < 10:
        return f"{max(seconds, 0.0):.1f}s".replace(".0s", "s")
    left = round(seconds)
    parts = []
    for name, unit in _UNITS.items():
        count, left = divmod(left, int(unit))
        if count:
            parts.append(f"{count}{name}")
    return " ".join(parts[:2])
