"""Options of the command line that are keys of sources, as in `fetchdeck run github --year 2024`.

Every key of a named source is an option: `fill_gaps` becomes `--fill-gaps` and `--no-fill-gaps`; the option of a list
can be repeated. A file is accepted too if a source reads files.
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

Hints = Mapping[str, Any]
"""The keys of one source's table, with their types."""
_LISTS: Final = (list, tuple, set, frozenset)
_NO_FILES: Final = (
    "no source named here takes a file; a configuration is named by --config, channel files are for videos"
)


@runtime_checkable
class TakesFiles(Protocol):
    """An optional ability of a source's class: files can be named on the command line."""

    def from_files(self, files: Sequence[Path]) -> Mapping[str, Any]:
        """Return the values that some files stand for.

        Raises:
            UsageError: they cannot be used together.
        """


def hints_of(made: SourceClass) -> Hints:
    """Return the keys of a source's class, including the common ones but `kind`, which creates a source."""
    common = {key: hint for key, hint in get_type_hints(Common, include_extras=True).items() if key != "kind"}
    return common | get_type_hints(made.Options, include_extras=True)


class SourceKeys:
    """The keys of the sources. A source's class is imported only when its keys are needed."""

    def __init__(self, *, registry: Registry, settings: Settings) -> None:
        self._registry = registry
        self._settings = settings

    def names(self) -> Sequence[str]:
        """Return all sources: the installed ones and those that the configuration creates."""
        return sorted({*self._registry.names(), *self._settings.sources})

    def check(self, names: Iterable[str]) -> None:
        """Refuse unknown source names.

        Raises:
            UsageError: it suggests the nearest name and lists all.
        """
        self._registry.check(name for name in names if name not in self._settings.sources)

    def configured(self) -> Sequence[str]:
        return sorted(self._settings.sources)

    def hints(self, name: str) -> Hints:
        return hints_of(self._registry.load(self._kind(name)))

    def takes_files(self, name: str) -> TakesFiles | None:
        """Return the source's class if it reads files, otherwise None."""
        made = self._registry.load(self._kind(name))
        return cast("TakesFiles", made) if hasattr(made, "from_files") else None

    def _kind(self, name: str) -> str:
        return self._settings.source(name).common.kind or name


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The result: sources and values."""

    sources: Sequence[str]
    values: Sequence[tuple[Key, Any]]
    """Values of the configuration, with their full keys."""


@dataclass(slots=True)
class _Words:
    """The words of the command line, sorted by their kind."""

    names: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    typed: dict[str, list[str | bool]] = field(default_factory=dict)
    """The values given for each key."""


class Flags:
    """Reads the words of a command line that its own options leave over.

    Args:
        keys: the keys of every source.
        options: the command's own options, for a suggestion after a typing error.
    """

    def __init__(self, *, keys: SourceKeys, options: Sequence[str]) -> None:
        self._keys = keys
        self._options = options

    def read(self, words: Sequence[str]) -> Given:
        """Sort the words into sources and values. Without a source, the values apply to all configured ones.

        Raises:
            UsageError: no named source has such a key, or a value is missing.
        """
        there = self._keys.names()
        self._keys.check(takewhile(_is_name, words))
        named = [word for word in dict.fromkeys(words) if word in there]
        tables = {name: self._keys.hints(name) for name in named or self._keys.configured()}
        found = self._sort(words, tables)
        if named:
            tables = {name: hints for name, hints in tables.items() if name in found.names}
        values = [value for key, typed in found.typed.items() for value in _values(key, typed, tables)]
        return Given(sources=found.names, values=[*self._from_files(found.files, tables), *values])

    def _sort(self, words: Sequence[str], tables: Mapping[str, Hints]) -> _Words:
        found, left = _Words(), list(words)
        while left:
            word = left.pop(0)
            if _is_name(word):
                found.names.append(word)
            elif word.startswith("-"):
                key, value = self._option(word, left, tables)
                found.typed.setdefault(key, []).append(value)
            else:
                found.files.append(Path(word))
        return found

    def _option(self, word: str, left: list[str], tables: Mapping[str, Hints]) -> tuple[str, str | bool]:
        """Return the key and the value that an option sets; a separate value is taken from `left`."""
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
    """Return the key of an option and the value it switches to; None if it takes a value."""
    key = name.lstrip("-").replace("-", "_")
    off = key.removeprefix("no_")
    if _hint(key, tables) is None and off != key and bare(_hint(off, tables)) is bool:
        return off, False
    return key, True if bare(_hint(key, tables)) is bool else None


def _hint(key: str, tables: Mapping[str, Hints]) -> Any:
    return next((hints[key] for hints in tables.values() if key in hints), None)


def flag(key: str) -> str:
    """Return the option of a key, as "--fill-gaps"."""
    return f"--{key.replace('_', '-')}"


def _values(key: str, typed: Sequence[str | bool], tables: Mapping[str, Hints]) -> Iterator[tuple[Key, Any]]:
    owners = {name: hints[key] for name, hints in tables.items() if key in hints}
    if not owners:
        raise UsageError(f"{flag(key)}: {', '.join(tables)} has no such option")
    for name, hint in owners.items():
        yield ("sources", name, key), _value(typed, hint)


def _value(typed: Sequence[str | bool], hint: Any) -> Any:
    """Convert words to what TOML would give. If the key takes one value, the last word counts."""
    plain = bare(hint)
    if get_origin(plain) in _LISTS:
        return [_one(each, get_args(plain)[0]) for each in typed]
    return _one(typed[-1], hint)


def _one(word: str | bool, hint: Any) -> Any:
    """Parse a word as TOML; if only the plain text fits the key, return the text."""
    if isinstance(word, bool):
        return word
    value = plain_value(word)
    return word if not _fits(value, hint) and _fits(word, hint) else value


def _fits(value: Any, hint: Any) -> bool:
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError:
        return False
    return True
