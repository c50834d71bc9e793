"""Edits the text of a configuration: values are added and changed, comments and order are kept."""

import tomllib
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable
from tomlkit.toml_document import TOMLDocument

from engine.common.errors import ConfigError
from engine.config.overrides import merge
from engine.config.validation import Key

_HEAD: Final = """\
# The configuration of fetchdeck, made by `fetchdeck init`. It is yours: change what you like, `fetchdeck check` says
# whether all is well. Every key there is: docs/configuration.md. A token never stands in here.

"""


@dataclass(frozen=True, slots=True)
class Change:
    """A key and its new value; an empty table if the key names a table."""

    key: Key
    value: Any
    comment: str = ""
    """The comment above a new key."""


def edit(text: str, changes: Sequence[Change]) -> str:
    """Return the text with the changes applied. Values that are already right are not touched.

    Raises:
        ConfigError: the text is invalid TOML, or is written so that a change cannot be applied.
    """
    document = _parsed(text)
    for change in changes:
        _put(document, change)
    made = _spaced(tomlkit.dumps(document), text)
    _compare(made, text, changes)
    return made if text else _HEAD + made


def _parsed(text: str) -> TOMLDocument:
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(f"the configuration is no TOML: {error}; put it right first") from error


def _put(document: TOMLDocument, change: Change) -> None:
    table: MutableMapping[str, Any] = document
    for depth, step in enumerate(change.key[:-1]):
        if step not in table:
            _add_table(table, step, parent=depth + 2 < len(change.key) and isinstance(change.value, Mapping))
        table = table[step]
        if not isinstance(table, MutableMapping):
            raise ConfigError(f"{'.'.join(change.key)}: {step} is a value in your file, not a table")
    last = change.key[-1]
    if last not in table:
        _add(table, change)
    elif table[last] != change.value and not (isinstance(change.value, Mapping) and not change.value):
        table[last] = change.value


def _add_table(table: MutableMapping[str, Any], name: str, *, parent: bool) -> None:
    """Add a table. A table that only contains tables, such as `sources`, gets no header of its own."""
    inner = tomlkit.table(is_super_table=parent or name in {"sources", "endpoints"})
    table[name] = inner


def _add(table: MutableMapping[str, Any], change: Change) -> None:
    if isinstance(change.value, Mapping):
        inner = tomlkit.table()
        inner.update(change.value)
        table[change.key[-1]] = inner
        return
    item = tomlkit.item(change.value)
    if change.comment and not isinstance(table, InlineTable):
        # The comment is part of the item's indent, so that it stays above the key wherever tomlkit inserts that.
        item.trivia.indent = f"# {change.comment}\n"
    table[change.key[-1]] = item


def _spaced(made: str, before: str) -> str:
    """Insert a blank line before a new table header that directly follows a key."""
    if "\r\n" in before:
        return made
    old = set(pairwise(before.split("\n")))
    lines: list[str] = []
    for line in made.split("\n"):
        new = bool(lines) and (lines[-1], line) not in old
        if new and line.startswith("[") and lines[-1] and not lines[-1].startswith("#"):
            lines.append("")
        lines.append(line)
    return "\n".join(lines)


def _compare(made: str, text: str, changes: Sequence[Change]) -> None:
    """Check that the result parses to the wanted values, in whatever way the file was written."""
    wanted = tomllib.loads(text)
    merge(wanted, [(each.key, each.value) for each in changes if not _kept(wanted, each)])
    try:
        same = tomllib.loads(made) == wanted
    except tomllib.TOMLDecodeError:
        same = False
    if not same:
        keys = ", ".join(".".join(each.key) for each in changes)
        raise ConfigError(f"your file is written in a way that cannot be added to safely; add by hand: {keys}")


def _kept(document: Mapping[str, Any], change: Change) -> bool:
    """Return whether a change asks for an empty table that exists already."""
    found: Any = document
    for step in change.key:
        if not isinstance(found, Mapping) or step not in found:
            return False
        found = found[step]
    return isinstance(change.value, Mapping) and not change.value
