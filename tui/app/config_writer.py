"""Saves settings that were changed on the screen into the configuration; everything else in the file is kept."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.common.atomic_file import replace_file
from engine.common.errors import ConfigError
from engine.common.paths import tilde
from engine.common.text import clean


class ConfigWriter:
    """Writes the file only if it is the same as when the program read it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen = _content(file)

    @property
    def name(self) -> str:
        """The path of the file, with `~` for the home folder."""
        return tilde(self._file)

    @property
    def content(self) -> bytes | None:
        """The content of the file as it was last read or written here; None where there was none."""
        return self._seen

    def save(self, source: str, values: Mapping[str, Any]) -> None:
        """Write settings of a source, keeping comments and order; None removes a key.

        Raises:
            ConfigError: the file was changed meanwhile, cannot be edited safely, or cannot be written; it is then
                unchanged.
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
    """Return the content of a file; None if it cannot be read."""
    try:
        return file.read_bytes()
    except OSError:
        return None


def _edited(text: str, source: str, values: Mapping[str, Any], name: str) -> str:
    """Return the text with the values set, after checking that all other keys still have the same values."""
    import tomlkit  # noqa: PLC0415 -- only needed for saving
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
    """Set a key. A new key is inserted after the last one, before comments that may belong to the next table."""
    from tomlkit.items import AbstractTable, Key, Table, item  # noqa: PLC0415 -- only needed for saving

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
