"""Which items' details are asked for: those nobody has asked for, and those whose votes moved since, or young ones.

Details are the whole cost of a harvest, a request for each item; votes come with the listing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from engine.model.source import Memory, Record, Request
from sources.common.json_values import instant, integer, text
from sources.pr0gramm.options import Pr0grammOptions
from sources.pr0gramm.stream import Step


@dataclass(frozen=True, slots=True)
class Choice:
    """What a page of items asks for."""

    requests: Sequence[Request]
    spared: int
    """Items whose details are known well enough."""


def choose(items: Sequence[Record], memory: Memory, options: Pr0grammOptions) -> Choice:
    """Choose among the rows of a list page."""
    if not options.details:
        return Choice((), 0)
    unique = {row.data["id"]: row for row in items}
    stored = {} if memory.full else memory.rows("item", [(item_id,) for item_id in unique])
    due = [
        row
        for item_id, row in unique.items()
        if _is_due(row, stored.get((item_id,), {}).get("detailed_votes"), memory.started, options)
    ]
    return Choice([_request(row) for row in due], len(unique) - len(due))


def detailed(step: Step) -> Record:
    """Note on an item's row how many votes it had when its details were asked for; all else stays."""
    return Record(table="item", data={"id": step.item, "detailed_votes": step.votes})


def _is_due(row: Record, then: object, started: datetime, options: Pr0grammOptions) -> bool:
    if not isinstance(then, int) or abs(_votes(row) - then) >= options.refresh_votes:
        return True
    created = instant(text(row.data, "created_at"))
    return created is not None and abs(started - created) < timedelta(hours=options.refresh_hours)


def _votes(row: Record) -> int:
    """Count all votes, up and down: an item that is fought over changes too."""
    return (integer(row.data, "up") or 0) + (integer(row.data, "down") or 0)


def _request(row: Record) -> Request:
    item_id = row.data["id"]
    return Request(
        key=f"info {item_id}",
        url="/items/info",
        params={"itemId": item_id},
        route="/items/info",
        context=msgspec.to_builtins(Step(kind="info", item=item_id, votes=_clamped(_votes(row)))),
    )


def _clamped(votes: int) -> int:
    """Keep a sum of two columns inside one."""
    return max(-(1 << 63), min((1 << 63) - 1, votes))
