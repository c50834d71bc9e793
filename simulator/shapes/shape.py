"""A shape: how one API answers a list, in as few lines as show it, and the rows that a client must end up with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.common.api import Call
from simulator.common.page import Page, json_page

Item = dict[str, Any]
Items = Sequence[Item]
Answer = Callable[[Call, Mapping[str, str], Items], Page]
"""Makes a page from a call, the values in its path, and all items there are."""
Truth = Mapping[str, Sequence[tuple[Any, ...]]]
"""For each table, all rows of it, without a double. A client that stores fewer lost some."""

SIZE = 20
"""Items on a page where the client asks for no number."""
_BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
_SPAN = timedelta(days=350)


def items(count: int) -> list[Item]:
    """Make items in the order of their ids and of their time, spread over most of a year."""
    return [
        {"id": 7 * number + 3, "name": f"item {number:04}", "updated_at": moment(_BEGIN + _SPAN * number / count)}
        for number in range(count)
    ]


def moment(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


def epoch(item: Item) -> int:
    """Return when an item changed, in epoch seconds."""
    return int(datetime.fromisoformat(item["updated_at"]).timestamp())


def ids_and_names(found: Items) -> Truth:
    return {"items": [(item["id"], item["name"]) for item in found]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One API."""

    name: str
    like: str
    """What it is like, and by which documentation."""
    routes: Mapping[str, Answer]
    truth: Callable[[Items], Truth] = ids_and_names
    items: Callable[[int], list[Item]] = items
    etag: bool = False
    """Whether its answers have an ETag."""
    posts: bool = False
    """Whether it is asked by POST."""


# What handlers share.


def number(call: Call, name: str, default: int, *, most: int = 10**15) -> int:
    """Read a number from the query, at most `most`."""
    text = call.parameters().get(name, "")
    return min(most, int(text)) if text.isascii() and text.isdigit() and len(text) < 16 else default


def later(call: Call, name: str, found: Items) -> Items:
    """Leave out what did not change since the time in a parameter."""
    since = call.parameters().get(name, "")
    return [item for item in found if item["updated_at"] >= since]


def plain(found: Items) -> list[Item]:
    """Return items as most APIs show them."""
    return [dict(item) for item in found]


def refuse(status: int, body: Any) -> Page:
    return json_page(body, status=status)
