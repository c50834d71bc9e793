"""The settings of a source that the user may also change while it runs."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

Layer = Mapping[str, Any]
"""Settings by name, from one origin. The configuration file is the lowest layer; the command line overrides it, and
changes while a source runs override both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """The settings of one source. The fields have the names of the configuration keys."""

    workers: int | None = None
    """The pinned number in flight; None if nothing is pinned, or if the lanes differ."""
    cap: int | None = None
    """The highest number in flight that the user allows; None if none is set, or if the lanes differ."""
    policy: str = "adaptive"
    """The controller of the concurrency, as `engine.pacing.concurrency.policies.parse_policy` reads it."""
    rules: tuple[str, ...] = ()
    """What is left to other clients, as `engine.pacing.concurrency.policies.parse_restraint` reads it."""
    limit: int | None = None
    """Requests of this process after which the source stops."""
    retries: int | None = None
    """How often a request that failed temporarily is sent again, 0 for never; None for the source's own number."""
    spacing: float = 0.0
    """The least seconds between two requests of a lane."""

    def under(self, layer: Layer) -> "Tuning":
        """Return this tuning, overridden by a layer."""
        return replace(self, **layer)


NAMES: Final = tuple(one.name for one in fields(Tuning))


def layer_of(settings: object) -> Layer:
    """Return the settings that an object has as attributes: a table of the configuration, or parsed options."""
    return {name: value for name in NAMES if (value := getattr(settings, name, None)) is not None}
