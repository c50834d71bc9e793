"""Values from the command line: `--set github.year=2024` is `sources.github.year` of the configuration file."""

import tomllib
from collections.abc import Iterable
from typing import Any, Final

from engine.common.errors import UsageError
from engine.common.text import clean
from engine.config.validation import Key

_TOP: Final = frozenset({"database", "theme", "patience", "http", "keys", "sources"})
_LONGEST: Final = 32
"""Parts of a key. No option has half as many."""
_STRUCTURED: Final = ("[", "{", '"', "'")


def parse_override(text: str) -> tuple[Key, Any]:
    """Split `key=value` into the full key and its value: TOML, or the bare text where it is no TOML.

    Raises:
        UsageError: there is no key, or the value begins like TOML but is not.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"--set {clean(text, 60)}: holds bytes that are no UTF-8") from error
    dotted, equals, value = text.partition("=")
    key = tuple(part.strip() for part in dotted.split("."))
    if not equals or not all(key) or len(key) > _LONGEST or (len(key) == 1 and key[0] not in _TOP):
        raise UsageError(f"--set {clean(dotted, 60)}: want source.option=value, as in --set github.year=2024")
    return (key if key[0] in _TOP else ("sources", *key)), _value(dotted, value.strip())


def merge(document: dict[str, Any], overrides: Iterable[tuple[Key, Any]]) -> frozenset[Key]:
    """Put the values into a parsed configuration, in order; return the keys below which all values are overrides.

    Raises:
        UsageError: a key leads through a value that is no table.
    """
    return frozenset(_put(document, key, value) for key, value in overrides)


def plain_value(text: str) -> Any:
    """Read a value as TOML; any other text is returned as it is."""
    try:
        return _toml(text)
    except tomllib.TOMLDecodeError:
        return text


def _put(document: dict[str, Any], key: Key, value: Any) -> Key:
    """Set one value. Return the shortest prefix of `key` that the document did not have, or the whole key."""
    table, new = document, key
    for depth, step in enumerate(key[:-1], start=1):
        if step not in table and new is key:
            new = key[:depth]
        table = table.setdefault(step, {})
        if not isinstance(table, dict):
            raise UsageError(f"--set {'.'.join(key)}: {step} is a value, not a table")
    table[key[-1]] = value
    return new


def _value(dotted: str, text: str) -> Any:
    try:
        return _toml(text)
    except tomllib.TOMLDecodeError as error:
        if text.startswith(_STRUCTURED):
            raise UsageError(f"--set {dotted}: the value is no TOML: {_plain(error)}") from error
        return text


def _toml(text: str) -> Any:
    # A value with a line break could hold further keys; then it is text, not TOML.
    try:
        parsed = tomllib.loads(f"value = {text}")
    except RecursionError as error:
        raise UsageError("a value is nested too deeply; write it flatter, in the configuration file") from error
    return parsed["value"] if parsed.keys() == {"value"} else text


def _plain(error: tomllib.TOMLDecodeError) -> str:
    return str(error).split(" (at ", maxsplit=1)[0].lower()
