"""The installed sources. Every source, ours or a third party's, declares an entry point `fetchdeck.sources`."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, Protocol, cast

from engine.common.errors import UsageError
from engine.common.text import clean, suggestion
from engine.model.source import Source

GROUP: Final = "fetchdeck.sources"


class SourceClass(Protocol):
    """The class of a source. `Options` is the msgspec.Struct of its configuration keys."""

    Options: type[Any]

    def __call__(self, options: Any, /, **name: str) -> Source:
        """Create the source; a class with `many = True` takes the `name` of the instance.

        Raises:
            UsageError: the options contradict each other.
        """


class Registry:
    """The installed sources by name. A source's module is imported only when it is needed."""

    def __init__(self, found: Iterable[EntryPoint] | None = None) -> None:
        self._found: Mapping[str, EntryPoint] = {
            point.name: point for point in (entry_points(group=GROUP) if found is None else found)
        }

    def names(self) -> Sequence[str]:
        return sorted(self._found)

    def check(self, names: Iterable[str], *, also: Iterable[str] = ()) -> None:
        """Refuse unknown names. `also` are those that a configuration has made.

        Raises:
            UsageError: it suggests the nearest name and lists all.
        """
        known = {*self._found, *also}
        for name in names:
            if name not in known:
                raise UsageError(f'there is no source "{clean(name, 60)}": {self._instead(name, known)}')

    def load(self, name: str) -> SourceClass:
        """Import a source's class.

        Raises:
            UsageError: there is no such source, or its module cannot be imported.
        """
        self.check([name])
        try:
            return cast("SourceClass", self._found[name].load())
        except Exception as error:  # the module of a third party may raise anything
            said = clean(str(error))
            if isinstance(error, ImportError) and (error.name or "").partition(".")[0] == "engine":
                why = f"was written for another version of fetchdeck ({said}): update the source"
            else:
                why = f"cannot be loaded ({type(error).__name__}: {said}): install it again"
            raise UsageError(f"source {name} {why}") from error

    def _instead(self, name: str, known: Iterable[str]) -> str:
        if not self._found:
            return "no source is installed; install fetchdeck with pip, pipx or uv (in a checkout: pip install -e .)"
        return suggestion(name, known)
