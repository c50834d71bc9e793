"""How the stream of items is walked: downwards by id, from the newest, and what is remembered of it.

Three cursors describe one unbroken stretch of ids whose list pages have landed: `newest`, `oldest`, and `bottom` once
the stream's end was seen. A first walk makes the stretch with its first page and lengthens it downwards with every
further one. Later runs have two walks at once, which touch different cursors: the `head` goes from the newest item down
to the stretch and moves `newest` up only when it has joined it; the `tail` goes on below `oldest`. So whatever page a
run breaks off at, the cursors never claim an id between them that was not listed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from engine.source import Memory
from sources.pick import Row, integer

PINNED: Final = 1_000_000_000
"""A `promoted` above this pins an item out of order: it says nothing about where the walk is."""


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request: the context of it."""

    kind: str
    """"head", "tail" or "info"."""
    older: int = 0
    """Only ids below this are asked for; 0 asks for the newest."""
    until: int = 0
    """The head has joined at this id; 0 on a first walk, which has nothing to join."""
    top: int = 0
    """The highest id the head has met."""
    item: int = 0
    """Of which item the details are asked for."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a list page means for its walk."""

    step: Step | None
    """The next page; None at the walk's end."""
    cursors: dict[str, str]
    note: str = ""


def beginnings(memory: Memory, scope: str) -> list[Step]:
    """Return the walks of a run: the head always, the tail where an earlier walk has not seen the end."""
    newest, oldest, bottom = (0, 0, 0) if memory.full else (_number(memory, scope, name) for name in _NAMES)
    if not newest or not oldest:
        return [Step(kind="head")]
    tail = [] if bottom else [Step(kind="tail", older=oldest)]
    return [Step(kind="head", until=newest), *tail]


def ahead(step: Step, items: Sequence[Row], at_end: bool, scope: str) -> Ahead:
    """Decide where the walk goes after a page and what it has earned."""
    ids = sorted(_positions(step, items))
    if not ids:
        cursors = _earned(step, 0, at_end=at_end, joined=False) if step.older else {}
        what = "nothing below the page before" if items else "no items"
        return Ahead(None, _named(scope, cursors), "" if at_end else f"a page brings {what}: the walk ends there")
    lowest, top = ids[0], step.top or ids[-1]
    joined = lowest <= step.until
    onward = msgspec.structs.replace(step, older=lowest, top=top)
    cursors = _earned(onward, lowest, at_end=at_end, joined=joined)
    if not step.older and not step.until:
        cursors = {"newest": str(top), "bottom": "", **cursors}
    return Ahead(None if joined or at_end else onward, _named(scope, cursors))


def is_known(step: Step, item_id: int) -> bool:
    """Say whether an earlier walk has asked for an item's details already."""
    return step.kind == "head" and item_id <= step.until


_NAMES: Final = ("newest", "oldest", "bottom")


def _positions(step: Step, items: Sequence[Row]) -> set[int]:
    """Return the ids that count for the walk: those below the page before, and not pinned."""
    found = set()
    for row in items:
        item_id = integer(row.value, "id") or 0
        pinned = (integer(row.value, "promoted") or 0) > PINNED
        if item_id > 0 and not pinned and (not step.older or item_id < step.older):
            found.add(item_id)
    return found


def _earned(step: Step, lowest: int, *, at_end: bool, joined: bool) -> dict[str, str]:
    """Return the cursors to move: a head earns nothing before it joins, any other walk earns every page."""
    if step.kind == "head" and step.until:
        return {"newest": str(max(step.top, step.until))} if step.top and (joined or at_end) else {}
    oldest = {"oldest": str(lowest)} if lowest else {}
    return {**oldest, "bottom": "1"} if at_end else oldest


def _named(scope: str, cursors: dict[str, str]) -> dict[str, str]:
    return {f"{scope} {name}": value for name, value in cursors.items()}


def _number(memory: Memory, scope: str, name: str) -> int:
    value = memory.cursors.get(f"{scope} {name}", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else 0
