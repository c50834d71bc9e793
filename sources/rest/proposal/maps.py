"""Maps in an answer: objects whose keys are ids, so that each member is an item (`items = "rates.*"`). Pure.

Nothing tells a map from an object with members of one kind, so what is found here is always a guess. Names that look
like ids (codes, numbers, days) and the sameness of what they name make it likely.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sources.rest.proposal.columns import IDENTIFIES, writable

_DEEPEST: Final = 3
_FEWEST: Final = 3
_FEWEST_LOWER: Final = 10
"""Members whose names are lower-case words of one length: three of them (min, max, avg) are no map."""
_LINKS: Final = frozenset({"_links", "links", "_embedded", "urls", "headers"})
_CODES: Final = re.compile(r"[A-Z0-9]{2,8}")
_DAYS: Final = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2}.*)?")
_NUMBERS: Final = re.compile(r"[0-9]{1,18}")
_HASHES: Final = re.compile(r"[0-9a-fA-F-]{8,64}")
_WORDS: Final = re.compile(r"[a-z]{2,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMap:
    """A map, and where it is."""

    path: tuple[str, ...]
    members: dict[str, Any]

    @property
    def numbered(self) -> bool:
        """Whether its keys are numbers."""
        return all(_NUMBERS.fullmatch(each) and (each == "0" or each[0] != "0") for each in self.members)


def find_map(body: dict[str, Any]) -> FoundMap | None:
    """Return the largest map of an answer that is more than the rest of its object; None without one."""
    found = sorted(_maps(body, ()), key=lambda each: (len(each.path), -len(each.members)))
    return found[0] if found else None


def _maps(body: dict[str, Any], above: tuple[str, ...]) -> Iterator[FoundMap]:
    if _is_map(body):
        yield FoundMap(path=above, members=body)
        return
    if any(name in body and not isinstance(body[name], dict | list) for name in IDENTIFIES):
        return  # its objects are parts of one item
    for name, value in body.items():
        is_part = len(value) < len(body) - 1 if isinstance(value, dict) else True
        if writable(name) and name not in _LINKS and isinstance(value, dict) and len(above) + 1 < _DEEPEST:
            yield from (each for each in _maps(value, (*above, name)) if each.path != (*above, name) or not is_part)


def _is_map(members: dict[str, Any]) -> bool:
    names, values = list(members), list(members.values())
    if all(isinstance(value, dict) and value for value in values):
        common = set.intersection(*(set(value) for value in values)) if values else set()
        most = max((len(value) for value in values), default=0)
        alike = bool(common) and 2 * len(common) >= most
        by_id = _are_ids(names) and len(names) > 1 and all(_is_flat(value) for value in values)
        return (alike and (len(names) >= _FEWEST or (len(names) > 1 and _are_ids(names)))) or by_id
    plain = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values) or all(
        isinstance(value, str) for value in values
    )
    return plain and len(names) >= _FEWEST and _are_ids(names)


def _are_ids(names: list[str]) -> bool:
    """Say whether names look like ids: codes, numbers, days, hashes."""
    for pattern in (_NUMBERS, _DAYS, _CODES):
        if all(pattern.fullmatch(each) for each in names):
            return True
    if len({len(each) for each in names}) != 1:
        return False
    hashes = all(_HASHES.fullmatch(each) and any(one.isdigit() for one in each) for each in names)
    return hashes or (len(names) >= _FEWEST_LOWER and all(_WORDS.fullmatch(each) for each in names))


def _is_flat(value: dict[str, Any]) -> bool:
    return not any(isinstance(each, dict | list) for each in value.values())
