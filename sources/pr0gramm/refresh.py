"""Chooses the items whose details are requested: never requested before, votes moved since, or young.

Details are almost the whole cost of a harvest, one request per item. Votes come with the listing for free.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from engine.model.source import Memory, Record, Request
from sources.common.json_values import instant, integer, text
from sources.pr0gramm.options import Pr0grammOptions
from sources.pr0gramm.stream import StreamStep


@dataclass(frozen=True, slots=True)
class Choice:
    """What to request for a page of items."""

    requests: Sequence[Request]
    spared: int
    """Items whose stored details are good enough."""


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


def detailed(step: StreamStep) -> Record:
    """Record on an item's row how many votes it had when its details were requested. Other columns stay."""
    return Record(table="item", data={"id": step.item, "detailed_votes": step.votes})


def _is_due(row: Record, then: object, started: datetime, options: Pr0grammOptions) -> bool:
    if not isinstance(then, int) or abs(_votes(row) - then) >= options.refresh_votes:
        return True
    created = instant(text(row.data, "created_at"))
    return created is not None and abs(started - created) < timedelta(hours=options.refresh_hours)


def _votes(row: Record) -> int:
    """Count up and down votes together: an item with many of both changes too."""
    return (integer(row.data, "up") or 0) + (integer(row.data, "down") or 0)


def _request(row: Record) -> Request:
    item_id = row.data["id"]
    return Request(
        key=f"info {item_id}",
        url="/items/info",
        params={"itemId": item_id},
        route="/items/info",
        context=msgspec.to_builtins(StreamStep(kind="info", item=item_id, votes=_clamped(_votes(row)))),
    )


def _clamped(votes: int) -> int:
    """Keep a sum of two 64-bit columns within 64 bits."""
    return max(-(1 << 63), min((1 << 63) - 1, votes))
