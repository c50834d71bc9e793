"""How a source is tuned: what a person may set of it before it runs, and change while it does."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

Layer = Mapping[str, Any]
"""Settings by name: those that one place sets. The file is the lowest layer, then comes the command line, then what is
changed while a source runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """The names are those of the configuration."""

    workers: int | None = None
    """The pinned number in flight; None where nothing is pinned, or not all lanes alike."""
    cap: int | None = None
    """Never more in flight than this; None where there is no such wish, or not for all lanes alike."""
    policy: str = "adaptive"
    """Who sets the concurrency: see `engine.pacing.concurrency.policies.parse_policy`."""
    rules: tuple[str, ...] = ()
    """What is left to others: see `engine.pacing.concurrency.policies.parse_restraint`."""
    limit: int | None = None
    """Requests of this process after which the source stops."""
    retries: int | None = None
    """How often a request that failed in passing is sent again, 0 for never; None leaves it to the source."""
    spacing: float = 0.0
    """Seconds between two requests in each lane."""

    def under(self, layer: Layer) -> "Tuning":
        """Return this tuning with what a layer sets on top of it."""
        return replace(self, **layer)


NAMES: Final = tuple(one.name for one in fields(Tuning))


def layer_of(settings: object) -> Layer:
    """Take the settings that an object has as attributes: a table of the configuration, or parsed options."""
    return {name: value for name in NAMES if (value := getattr(settings, name, None)) is not None}
