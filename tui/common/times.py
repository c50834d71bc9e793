"""Stored times as text."""

from datetime import UTC, datetime, tzinfo


def hour(at: float, zone: tzinfo | None) -> str:
    """Return the time of day of a moment in epoch seconds as "14:03". A zone of None is the machine's own."""
    return datetime.fromtimestamp(at, UTC).astimezone(zone).strftime("%H:%M")


def timestamp(at: float, zone: tzinfo | None) -> str:
    """Return a stored time, in epoch seconds, as "2026-05-17 12:00:00". A zone of None is the machine's own."""
    return datetime.fromtimestamp(at, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
