"""Options of the command line that are keys of sources: `fetchdeck run github --year 2024`.

Every key of the sources named beside it is such an option: `fill_gaps` is `--fill-gaps` and `--no-fill-gaps`, one of a
list may be repeated. A file is one, too, where a source says what it means.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any, Final, NoReturn, Protocol, cast, get_args, get_origin, get_type_hints, runtime_checkable

import msgspec

from engine.common.errors import UsageError
from engine.common.text import clean, nearest
from engine.config.overrides import plain_value
from engine.config.settings import Settings
from engine.config.tables import Common
from engine.config.validation import Key, bare
from tui.cli.arguments import FILE
from tui.wiring.registry import Registry, SourceClass

# Which keys the sources have: those of a source's own table, and those every table may have.

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


_LISTS: Final = (list, tuple, set, frozenset)
_NO_FILES: Final = (
    "no source named here takes a file; a configuration is named by --config, channel files are for videos"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the words come to."""

    sources: Sequence[str]
    values: Sequence[tuple[Key, Any]]
    """Values of the configuration, by their whole keys."""


@dataclass(slots=True)
class _Words:
    """The words sorted."""

    names: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    said: dict[str, list[str | bool]] = field(default_factory=dict)
    """What was said of each key."""


class Flags:
    """Reads the words of a command line that its own options leave over.

    Args:
        keys: of every source.
        options: the command's own, to name the one that was meant.
    """

    def __init__(self, *, keys: SourceKeys, options: Sequence[str]) -> None:
        self._keys = keys
        self._options = options

    def read(self, words: Sequence[str]) -> Given:
        """Sort the words into sources and values. Without a source they are for all that are configured.

        Raises:
            UsageError: no source named here has such a key, or a value is missing.
        """
        there = self._keys.names()
        self._keys.check(takewhile(_is_name, words))
        named = [word for word in dict.fromkeys(words) if word in there]
        tables = {name: self._keys.hints(name) for name in named or self._keys.configured()}
        found = self._sort(words, tables)
        if named:
            tables = {name: hints for name, hints in tables.items() if name in found.names}
        values = [value for key, said in found.said.items() for value in _values(key, said, tables)]
        return Given(sources=found.names, values=[*self._from_files(found.files, tables), *values])

    def _sort(self, words: Sequence[str], tables: Mapping[str, Hints]) -> _Words:
        found, left = _Words(), list(words)
        while left:
            word = left.pop(0)
            if _is_name(word):
                found.names.append(word)
            elif word.startswith("-"):
                key, said = self._said(word, left, tables)
                found.said.setdefault(key, []).append(said)
            else:
                found.files.append(Path(word))
        return found

    def _said(self, word: str, left: list[str], tables: Mapping[str, Hints]) -> tuple[str, str | bool]:
        """Return what an option says of which key; a value of its own is taken from the words left."""
        name, equals, value = word.partition("=")
        key, switch = _switch(name, tables)
        if _hint(key, tables) is None:
            self._refuse(name, key, tables)
        if switch is not None and equals:
            raise UsageError(f"{name}: takes no value; the opposite is {flag(key if not switch else f'no_{key}')}")
        if switch is not None:
            return key, switch
        if not equals and (not left or left[0].startswith("--")):
            raise UsageError(f"{name}: wants a value")
        return key, value if equals else left.pop(0)

    def _refuse(self, name: str, key: str, tables: Mapping[str, Hints]) -> NoReturn:
        shown = clean(name, 60)
        owners = [other for other in self._keys.names() if other not in tables and key in self._keys.hints(other)]
        if owners:
            lacking = f"{', '.join(tables)} has no such option" if tables else "no source is named"
            raise UsageError(f"{shown}: {lacking}; {', '.join(owners)} has, as in `fetchdeck run {owners[0]} {shown}`")
        known = [*self._options, *(flag(each) for hints in tables.values() for each in hints)]
        guess = nearest(name, known)
        raise UsageError(
            f'unknown option "{shown}": ' + (f'did you mean "{guess}"?' if guess else "see fetchdeck --help")
        )

    def _from_files(self, files: Sequence[Path], tables: Mapping[str, Hints]) -> Iterator[tuple[Key, Any]]:
        takers = {name: taker for name in tables if files and (taker := self._keys.takes_files(name))}
        if files and not takers:
            raise UsageError(f"{clean(str(files[0]), 100)}: {_NO_FILES}")
        for name, taker in takers.items():
            for key, value in taker.from_files(files).items():
                yield ("sources", name, key), value


def _is_name(word: str) -> bool:
    return not word.startswith("-") and not word.lower().endswith(FILE)


def _switch(name: str, tables: Mapping[str, Hints]) -> tuple[str, bool | None]:
    """Return the key that an option stands for, and what it switches it to; None where it wants a value."""
    key = name.lstrip("-").replace("-", "_")
    off = key.removeprefix("no_")
    if _hint(key, tables) is None and off != key and bare(_hint(off, tables)) is bool:
        return off, False
    return key, True if bare(_hint(key, tables)) is bool else None


def _hint(key: str, tables: Mapping[str, Hints]) -> Any:
    return next((hints[key] for hints in tables.values() if key in hints), None)


def flag(key: str) -> str:
    """Return the option that a key is: "--fill-gaps"."""
    return f"--{key.replace('_', '-')}"


def _values(key: str, said: Sequence[str | bool], tables: Mapping[str, Hints]) -> Iterator[tuple[Key, Any]]:
    owners = {name: hints[key] for name, hints in tables.items() if key in hints}
    if not owners:
        raise UsageError(f"{flag(key)}: {', '.join(tables)} has no such option")
    for name, hint in owners.items():
        yield ("sources", name, key), _value(said, hint)


def _value(said: Sequence[str | bool], hint: Any) -> Any:
    """Turn words into what TOML would have given; where a key has one value, the last word counts."""
    plain = bare(hint)
    if get_origin(plain) in _LISTS:
        return [_one(each, get_args(plain)[0]) for each in said]
    return _one(said[-1], hint)


def _one(said: str | bool, hint: Any) -> Any:
    """Read a word as TOML; as the text it is where only that fits the key."""
    if isinstance(said, bool):
        return said
    value = plain_value(said)
    return said if not _fits(value, hint) and _fits(said, hint) else value


def _fits(value: Any, hint: Any) -> bool:
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError:
        return False
    return True
