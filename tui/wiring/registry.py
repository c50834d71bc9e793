"""Which sources are installed: ours and strangers' alike declare an entry point `fetchdeck.sources`."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, Protocol, cast

from engine.common.errors import UsageError
from engine.common.text import clean, suggestion
from engine.model.source import Source

GROUP: Final = "fetchdeck.sources"


class SourceClass(Protocol):
    """A source's class: `Options` is the msgspec.Struct of its configuration keys."""

    Options: type[Any]

    def __call__(self, options: Any, /, **name: str) -> Source:
        """Make the source; a class that says `many = True` takes the `name` it runs under.

        Raises:
            UsageError: the options contradict each other.
        """


class Registry:
    """The installed sources by name. One is imported when it is asked for."""

    def __init__(self, found: Iterable[EntryPoint] | None = None) -> None:
        self._found: Mapping[str, EntryPoint] = {
            point.name: point for point in (entry_points(group=GROUP) if found is None else found)
        }

    def names(self) -> Sequence[str]:
        """List every name, sorted."""
        return sorted(self._found)

    def check(self, names: Iterable[str]) -> None:
        """Refuse names that no source has.

        Raises:
            UsageError: naming the nearest and all there are.
        """
        for name in names:
            if name not in self._found:
                raise UsageError(f'there is no source "{clean(name, 60)}": {self._instead(name)}')

    def load(self, name: str) -> SourceClass:
        """Import a source's class.

        Raises:
            UsageError: there is none, or its module cannot be imported.
        """
        self.check([name])
        try:
            return cast("SourceClass", self._found[name].load())
        except Exception as error:  # a stranger's module may raise anything
            raise UsageError(
                f"source {name} cannot be loaded ({type(error).__name__}: {clean(str(error))}): install it again",
            ) from error

    def _instead(self, name: str) -> str:
        if not self._found:
            return "no source is installed; install fetchdeck with pip, pipx or uv (in a checkout: pip install -e .)"
        return suggestion(name, self._found)
