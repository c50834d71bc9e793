"""Writes settings that were changed on the screen into the person's configuration; all else in it stays as it is."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.common.atomic_file import replace_file
from engine.common.errors import ConfigError
from engine.common.paths import tilde
from engine.common.text import clean


class Keeper:
    """Knows the file as it was when the program read it, and writes no other."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen = _content(file)

    @property
    def name(self) -> str:
        """The file, as people write it."""
        return tilde(self._file)

    def save(self, source: str, values: Mapping[str, Any]) -> None:
        """Write settings of a source, comments and order kept; a value of None takes its key out.

        Raises:
            ConfigError: the file has changed meanwhile, cannot be edited so, or cannot be written; it is as it was.
        """
        if _content(self._file) != self._seen:
            raise ConfigError(f"{self.name}: has changed since it was read: nothing was written; edit it by hand")
        edited = _edited((self._seen or b"").decode(), source, values, self.name).encode()
        try:
            replace_file(self._file, edited)
        except OSError as error:
            raise ConfigError(f"{self.name}: cannot be written: {error.strerror}") from error
        self._seen = edited


def _content(file: Path) -> bytes | None:
    """Return what is in a file; None where there is none to read."""
    try:
        return file.read_bytes()
    except OSError:
        return None


def _edited(text: str, source: str, values: Mapping[str, Any], name: str) -> str:
    """Return the text with the values in it, once it is sure that nothing else in it would mean something else."""
    import tomlkit  # noqa: PLC0415 -- only who saves needs it
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415

    by_hand = f"{name}: cannot be edited without touching more than that; write it into [sources.{source}] yourself"
    try:
        document = tomlkit.parse(text)
        tables = document.setdefault("sources", tomlkit.table(is_super_table=True))
        table = tables.setdefault(source, tomlkit.table())
        for key, value in values.items():
            if value is None:
                table.pop(key, None)
            else:
                _put(table, key, list(value) if isinstance(value, tuple) else value)
        edited = tomlkit.dumps(document)
        found = tomllib.loads(edited)
    except (TOMLKitError, tomllib.TOMLDecodeError, TypeError, AttributeError, ValueError) as error:
        raise ConfigError(f"{by_hand} ({clean(str(error), 80)})") from error
    if found != _wanted(tomllib.loads(text), source, values):
        raise ConfigError(by_hand)
    return edited


def _put(table: Any, key: str, value: Any) -> None:
    """Set a key; a new one goes behind the last one, before comments that may be about the next table."""
    from tomlkit.items import AbstractTable, Key, Table, item  # noqa: PLC0415 -- only who saves needs it

    plain = isinstance(table, Table) and key not in table
    last = [one for one, found in table.value.body if one and not isinstance(found, AbstractTable)] if plain else []
    if last and isinstance(last[-1], Key):
        table.value._insert_after(last[-1], key, item(value))  # noqa: SLF001 -- tomlkit has no other way to say where
    else:
        table[key] = value


def _wanted(document: dict[str, Any], source: str, values: Mapping[str, Any]) -> dict[str, Any]:
    table = document.setdefault("sources", {}).setdefault(source, {})
    for key, value in values.items():
        if value is None:
            table.pop(key, None)
        else:
            table[key] = list(value) if isinstance(value, tuple) else value
    return document
