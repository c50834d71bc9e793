"""The few lines of structured header fields (RFC 9651) that rate-limit headers need. Pure; malformed gives nothing."""

import re
from typing import Final

LONGEST: Final = 4096
_VALUE: Final = r'"(?:[^"\\]|\\["\\])*"|[A-Za-z0-9*:/+.=_?%#!$&\'^`|~-]+'
_KEY: Final = r"[a-z*][a-z0-9_.*-]*"
_ITEM: Final = re.compile(_VALUE)
_PARAMETER: Final = re.compile(rf"\s*;\s*({_KEY})(?:=({_VALUE}))?")
_COMMA: Final = re.compile(r"\s*,\s*")

Member = tuple[str, dict[str, str]]
"""A list member: its bare value without quotes, and its parameters."""


def members(field: str) -> list[Member]:
    """Parse a list of items with parameters: `"default";q=100;w=60, "burst";q=5;w=1`.

    The whole field counts as absent when any part of it is malformed, as the standard demands.
    """
    text, found, at = field.strip(), list[Member](), 0
    while text and len(text) <= LONGEST:
        item = _ITEM.match(text, at)
        if item is None:
            return []
        parameters: dict[str, str] = {}
        at = item.end()
        while parameter := _PARAMETER.match(text, at):
            parameters[parameter[1]] = _bare(parameter[2] or "?1")
            at = parameter.end()
        found.append((_bare(item[0]), parameters))
        if at == len(text):
            return found
        comma = _COMMA.match(text, at)
        if comma is None:
            return []
        at = comma.end()
    return []


def pairs(field: str) -> dict[str, str]:
    """Parse a dictionary of plain values: `limit=100, remaining=50, reset=50`; {} when it is none."""
    parts = [part.partition("=") for part in field[:LONGEST].split(",")]
    if not all(sign and re.fullmatch(_KEY, key.strip()) for key, sign, _ in parts):
        return {}
    return {key.strip(): _bare(value.partition(";")[0].strip()) for key, _, value in parts}


def _bare(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') and len(value) > 1 else value
