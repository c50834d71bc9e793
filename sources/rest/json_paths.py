"""JSON paths ("data.0.id"), and templates with values of a parent's item ("/users/{parent.id}")."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import msgspec

PARENT: Final = "parent."
_PLACE: Final = re.compile(r"\{([^{}]*)\}")


def find(value: Any, path: str) -> Any:
    """Return the value at a path; None where the path ends early."""
    if path == "$":
        return value
    for name in path.split("."):
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isascii() and name.isdigit() and len(name) < 7:
            value = value[int(name)] if int(name) < len(value) else None
        else:
            return None
    return value


def places(template: str) -> list[str]:
    """List the names in a template's braces."""
    return _PLACE.findall(template)


def is_scalar(value: Any) -> bool:
    """Say whether a value can be part of an address. "." and ".." would change the path."""
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value not in {"", ".", ".."}


def fill_path(template: str, values: Mapping[str, Any]) -> str:
    """Fill in a path. Whatever a value contains, it stays one segment."""
    return _PLACE.sub(lambda match: quote(_word(values[match[1]]), safe=""), template)


def fill_param(template: str, values: Mapping[str, Any]) -> str:
    """Fill in a parameter's value; the engine encodes it."""
    return _PLACE.sub(lambda match: _word(values[match[1]]), template)


def plain_param(value: str | float) -> str | int:
    """Format a configured value as a parameter."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str | int) else f"{value:g}"


def _word(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
