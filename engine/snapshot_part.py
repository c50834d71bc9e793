"""A part of the coverage map as it is shown. Frozen, its texts are safe to show, and None means unknown."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of what a source harvests: a row of the coverage map."""

    source: str
    key: str
    """What the command line calls it."""
    name: str
    state: str
    """"complete", "stale", "failed", "queued", "missing" or "unknown"."""
    detail: str
    rows: int | None
    updated: float | None
    """When it was last known whole, seconds since the epoch, UTC."""
    fillable: bool
    """Whether it can be fetched alone."""
