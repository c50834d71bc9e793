"""What the command line asks of a harvest, apart from its sources."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the command line asks of a harvest; None leaves it to the configuration."""

    workers: int | None = None
    cap: int | None = None
    policy: str | None = None
    retries: int | None = None
    spacing: float | None = None
    limit: int | None = None
    duration: float | None = None
    full: bool = False
    retry_failed: bool = False
    fill: Sequence[str] = ()
    """Fetch only what fills these parts of the coverage map: their keys, or all of a state."""
