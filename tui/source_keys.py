"""Which keys the sources have: those of a source's own table, and those every table may have."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast, get_type_hints, runtime_checkable

from engine.config.settings import Settings
from engine.config.tables import Common
from tui.wiring.registry import Registry, SourceClass

Hints = Mapping[str, Any]
"""The keys of one source's table, each with its type."""


@runtime_checkable
class TakesFiles(Protocol):
    """What a source's class may have, so that files can be named on the command line."""

    def from_files(self, files: Sequence[Path]) -> Mapping[str, Any]:
        """Say which values of its keys some files stand for.

        Raises:
            UsageError: they cannot be taken together.
        """


def hints_of(made: SourceClass) -> Hints:
    """Return the keys of a source's class, those every source has among them. `kind` is none: it makes a source."""
    common = {key: hint for key, hint in get_type_hints(Common, include_extras=True).items() if key != "kind"}
    return common | get_type_hints(made.Options, include_extras=True)


class SourceKeys:
    """Asks the sources' classes; one is imported when it is asked for."""

    def __init__(self, *, registry: Registry, settings: Settings) -> None:
        self._registry = registry
        self._settings = settings

    def names(self) -> Sequence[str]:
        """List every source there is: the installed ones, and those the configuration makes of them."""
        return sorted({*self._registry.names(), *self._settings.sources})

    def check(self, names: Iterable[str]) -> None:
        """Refuse names that no source has.

        Raises:
            UsageError: naming the nearest and all there are.
        """
        self._registry.check(name for name in names if name not in self._settings.sources)

    def configured(self) -> Sequence[str]:
        """List the sources the configuration has a table for."""
        return sorted(self._settings.sources)

    def hints(self, name: str) -> Hints:
        """Return a source's keys."""
        return hints_of(self._registry.load(self._kind(name)))

    def takes_files(self, name: str) -> TakesFiles | None:
        """Return the class of a source that takes files, None for others."""
        made = self._registry.load(self._kind(name))
        return cast("TakesFiles", made) if hasattr(made, "from_files") else None

    def _kind(self, name: str) -> str:
        return self._settings.source(name).common.kind or name
