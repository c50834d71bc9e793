"""How GitLab pages lists, by number and by keyset: https://docs.gitlab.com/api/rest/#pagination."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from simulator.common.page import Header, Page, json_page

DEFAULT_SIZE, MAX_SIZE = 20, 100
MOST_COUNTED = 10_000
"""Totals are in the headers up to this many rows."""
MOST_SKIPPED = 50_000

Write = Callable[[Any], dict[str, Any]]


def numbered(rows: Sequence[Any], said: dict[str, str], address: str, write: Write, *, endless: bool = False) -> Page:
    """Return a page by number, with every header GitLab sends."""
    page, size = number(said, "page", 1), min(number(said, "per_page", DEFAULT_SIZE), MAX_SIZE)
    if (page - 1) * size > MOST_SKIPPED:
        words = f"Offset pagination has a maximum allowed offset of {MOST_SKIPPED}. Remaining records can be retrieved"
        return json_page({"error": f"{words} using keyset pagination."}, status=405)
    last = max(1, -(-len(rows) // size))
    after = page + 1 if page < last or endless else 0
    shown = rows[:size] if endless else rows[(page - 1) * size : page * size]
    relations = {"prev": page - 1} if page > 1 else {}
    relations |= {"next": after} if after else {}
    relations["first"] = 1
    headers: list[Header] = [
        (b"x-next-page", b"%d" % after if after else b""),
        (b"x-page", b"%d" % page),
        (b"x-per-page", b"%d" % size),
        (b"x-prev-page", b"%d" % (page - 1) if page > 1 else b""),
    ]
    if len(rows) <= MOST_COUNTED and not endless:
        relations["last"] = last
        headers += [(b"x-total", b"%d" % len(rows)), (b"x-total-pages", b"%d" % last)]
    return _page(shown, write, headers, address, {**said, "per_page": str(size)}, "page", relations)


def keyset(rows: Sequence[Any], said: dict[str, str], address: str, write: Write) -> Page:
    """Return a page by the last id. Only the next page is linked, and there are no totals."""
    size, after = min(number(said, "per_page", DEFAULT_SIZE), MAX_SIZE), number(said, "id_after", 0)
    rest = [row for row in rows if row.id > after]
    shown = rest[:size]
    relations = {"next": shown[-1].id} if len(rest) > size else {}
    return _page(shown, write, [], address, said, "id_after", relations)


def number(said: dict[str, str], name: str, default: int) -> int:
    """Read a positive number; anything else counts as absent."""
    text = said.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0 else default


def _page(
    rows: Sequence[Any],
    write: Write,
    headers: list[Header],
    address: str,
    said: dict[str, str],
    moving: str,
    relations: dict[str, int],
) -> Page:
    """Write the links as GitLab does: with every default parameter, sorted by name."""
    defaults = {"order_by": "created_at", "sort": "desc", "simple": "false", "owned": "false", "starred": "false"}
    kept = {name: value for name, value in {**defaults, **said}.items() if name != moving}
    links = [
        f'<{address}?{urlencode(sorted({**kept, moving: str(value)}.items()))}>; rel="{name}"'
        for name, value in relations.items()
    ]
    link = ((b"link", ", ".join(links).encode()),) if links else ()
    return json_page([write(row) for row in rows], headers=(*headers, *link))
