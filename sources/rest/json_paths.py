"""Paths into JSON: "data.items[0].id", "'@odata.nextLink'", "rates.*", "$". docs/rest.md tells how they are written.

See docs/decisions/0025-paths-are-our-own.md for why this is neither JMESPath nor JSONPath.
"""

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, Final

import msgspec

from engine.common.text import clean

PARENT: Final = "parent."
MAP_KEY: Final = "$key"
"""Stands for the key of an item that came out of a map."""

_NAME: Final = r"""(?:'[^']+'|"(?:[^"\\]|\\.)+"|[^.\s:\[\]'"][^.\s:\[\]]*)"""
_INDEX: Final = r"\[(?:-?[0-9]{1,6}|\*)\]"
_STEP: Final = rf"{_NAME}(?:{_INDEX})*"
PATTERN: Final = rf"(?:\$(?:{_INDEX})*(?:\.{_STEP})*|(?:{_STEP}|(?:{_INDEX})+)(?:\.{_STEP})*)"
"""What a path looks like, for the types of the configuration."""

_PLAIN: Final = re.compile(r"[^.\s:'\"\[\]*$]+")
_PATH: Final = re.compile(PATTERN)
_TOKEN: Final = re.compile(rf"\.?({_NAME})|{_INDEX}")


class Every(Enum):
    """The segment `*`: every member of an object, or every element of an array."""

    EVERY = "*"


EVERY: Final = Every.EVERY
Segment = str | int | Every
Path = tuple[Segment, ...]


@lru_cache(maxsize=4096)
def compile_path(path: str) -> Path:
    """Return the segments of a path: names, positions in arrays, and `EVERY`. "$" has none."""
    rest = path
    if path.startswith("$") and (len(path) == 1 or path[1] in ".["):
        rest = path[1:]
    return tuple(_segment(match) for match in _TOKEN.finditer(rest))


def find(value: Any, path: str) -> Any:
    """Return the value at a path; None where the path ends early."""
    return lookup(value, compile_path(path))


def lookup(value: Any, path: Path) -> Any:
    """Return the value at a compiled path; None where it ends early. Behind `*` it is the list of what was found."""
    for at, segment in enumerate(path):
        if segment is EVERY:
            found = (lookup(each, path[at + 1 :]) for each in _members(value))
            return [each for each in found if each is not None] if _is_container(value) else None
        value = step(value, segment)
        if value is None:
            return None
    return value


def step(value: Any, segment: str | int) -> Any:
    """Return a member of an object or an element of an array; None where there is none."""
    if isinstance(value, dict):
        return value.get(segment)
    if isinstance(value, list):
        at = position(segment)
        if at is not None and -len(value) <= at < len(value):
            return value[at]
    return None


def position(segment: str | int) -> int | None:
    """Return the position in an array that a segment names. A name of digits is one too: "tags.0"."""
    if isinstance(segment, str):
        return int(segment) if segment.isascii() and segment.isdigit() and len(segment) < 7 else None
    return segment


def above(path: str) -> tuple[Path, Segment | None]:
    """Return the path of what holds the value at a path, and the value's name or position there; None for "$"."""
    compiled = compile_path(path)
    return (compiled[:-1], compiled[-1]) if compiled else ((), None)


def put(body: Any, path: Path, value: Any) -> Any:
    """Return a body with a value at a path. Objects and arrays that are missing on the way are made.

    Raises:
        ValueError: the path names no single place in this body.
    """
    if not path:
        return value
    segment, *rest = path
    if segment is EVERY:
        raise ValueError("* is every member, and a value goes to one place")
    at = position(segment) if isinstance(segment, int) or isinstance(body, list) else None
    if at is None:
        members = dict(body) if isinstance(body, Mapping) else {}
        members[str(segment)] = put(members.get(str(segment)), tuple(rest), value)
        return members
    elements = list(body) if isinstance(body, list) else []
    if not -len(elements) <= at <= len(elements):
        raise ValueError(f"there is no element [{at}] in an array of {len(elements):,}")
    inner = put(elements[at] if at < len(elements) else None, tuple(rest), value)
    elements[at : at + 1 if at != -1 else None] = [inner]
    return elements


def quoted(path: str, kinds: Sequence[str] = ()) -> str:
    """Return a text that is no path as the one it was likely meant to be, its names in quotes; "" if there is none.

    `kinds` are words that may stand behind a colon, as the types of columns do.
    """
    text, _, kind = path.rpartition(":")
    text, kind = (text, f":{kind}") if text and kind in kinds else (path, "")
    names = text.split(".")
    # An annotation of OData is one name: "@odata.nextLink", "Name@odata.type".
    one = next((number for number, name in enumerate(names) if "@" in name), len(names) - 1)
    names = [*names[:one], ".".join(names[one:])]
    made = ".".join(_written(name, 0) for name in names) if all(names) else ""
    return f"{made}{kind}" if made and compile_path(made) == tuple(names) and _PATH.fullmatch(made) else ""


def meant(body: Any, path: Path) -> str:
    """Return how a path is written whose names a body has as one name with dots; "" if it has no such name."""
    for at, segment in enumerate(path):
        rest = path[at:]
        if isinstance(body, dict) and segment not in body and all(isinstance(each, str) for each in rest):
            for end in range(len(rest), 1, -1):
                name = ".".join(map(str, rest[:end]))
                if name in body:
                    return write((*path[:at], name, *rest[end:]))
        body = None if segment is EVERY else step(body, segment)
    return ""


def takes_many(path: str) -> bool:
    """Say whether a path may lead to more than one value, as "rates.*" does."""
    return EVERY in compile_path(path)


def write(path: Path) -> str:
    """Write a path as the configuration does, for a message. Names that are not plain have quotes."""
    return clean("".join(_written(each, number) for number, each in enumerate(path)), 100) or "$"


def _segment(match: re.Match[str]) -> Segment:
    name = match[1]
    if name is None:
        inner = match[0][1:-1]
        return EVERY if inner == "*" else int(inner)
    if name == "*":
        return EVERY
    if name.startswith("'"):
        return name[1:-1]
    if name.startswith('"'):
        try:
            return str(msgspec.json.decode(name))
        except msgspec.DecodeError:
            return name[1:-1]
    return name


def _written(segment: Segment, number: int) -> str:
    if not isinstance(segment, str):
        return "[*]" if segment is EVERY else f"[{segment}]"
    name = segment if _PLAIN.fullmatch(segment) else msgspec.json.encode(segment).decode()
    name = f"'{segment}'" if name.startswith('"') and "'" not in segment else name
    return f".{name}" if number else name


def _members(value: Any) -> Sequence[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()


def _is_container(value: Any) -> bool:
    return isinstance(value, dict | list)
