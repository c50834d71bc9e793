"""`python -m bench.page`: what reading one page of 100 rows costs `rest`. The goal is .6 milliseconds of CPU.

The same bytes are read by a bare loop beside it: decode, and pick the same ten values of each item by hand. It has no
raw items, no conversions, no key and no next page, so it is not what a harvest would do, but its time scales with the
machine.
"""

import gc
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from engine.model.source import Memory, Response
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest

ROWS: Final = 100
REPEATS: Final = 200
COLUMNS: Final = {
    "id": "id:integer",
    "number": "number:integer",
    "title": "title",
    "state": "state",
    "author": "user.login",
    "author_id": "user.id:integer",
    "comments": "comments:integer",
    "score": "score:real",
    "locked": "locked:boolean",
    "created_at": "created_at:time",
}
NAMES: Final = tuple(COLUMNS)


def item(number: int) -> dict[str, Any]:
    """Return an item of the size of an issue without its body."""
    return {
        "id": 10_000 + number,
        "number": number,
        "title": f"Item {number}: a title of the usual length, as people write them",
        "state": "open" if number % 3 else "closed",
        "user": {"login": f"somebody-{number % 17}", "id": number % 17, "type": "User"},
        "labels": [{"name": "bug"}, {"name": "help wanted"}],
        "comments": number % 11,
        "score": number / 7,
        "locked": number % 5 == 0,
        "created_at": f"2026-03-{1 + number % 28:02}T12:{number % 60:02}:00Z",
        "url": f"https://api.example.org/items/{10_000 + number}",
    }


def body() -> bytes:
    """Return a page of the list, about 33 kB."""
    return json.dumps([item(number) for number in range(ROWS)]).encode()


def source() -> Rest:
    """Return a source with the list of the page."""
    table = {
        "base_url": "https://api.example.org",
        "endpoints": {
            "items": {
                "path": "/items",
                "key": ["id"],
                "columns": COLUMNS,
                "paging": {"style": "page_number", "size": ROWS},
            }
        },
    }
    return Rest(msgspec.convert(table, RestOptions))


def by_rest(page: bytes) -> Callable[[], int]:
    """Return what reads the page as a harvest does; it returns the number of rows."""
    rest = source()
    memory = Memory(started=datetime(2026, 1, 1, tzinfo=UTC))
    (request,) = rest.seed(memory)
    response = Response(status=200, headers={}, body=page, url="https://api.example.org/items", elapsed=0.1)

    def read() -> int:
        found = rest.parse(request, response, memory)
        assert found.more, "a full page has a next one"
        return len(found.records)

    return read


def by_hand(page: bytes) -> Callable[[], int]:
    """Return a bare loop over the same bytes."""

    def read() -> int:
        rows = [
            (
                one["id"],
                one["number"],
                one["title"],
                one["state"],
                one["user"]["login"],
                one["user"]["id"],
                one["comments"],
                one["score"],
                one["locked"],
                one["created_at"],
            )
            for one in msgspec.json.decode(page)
        ]
        return len(rows)

    return read


def measure(read: Callable[[], int]) -> float:
    """Return the CPU milliseconds of one page: the best of five series, so that a busy machine counts less."""
    assert read() == ROWS
    best = float("inf")
    gc.disable()
    try:
        for _ in range(5):
            began = time.thread_time()
            for _ in range(REPEATS):
                read()
            best = min(best, time.thread_time() - began)
    finally:
        gc.enable()
    return 1000 * best / REPEATS


def main() -> None:
    """Print both, and their ratio."""
    page = body()
    rest, hand = measure(by_rest(page)), measure(by_hand(page))
    print(f"{ROWS} rows, {len(COLUMNS)} columns, {len(page) / 1000:.0f} kB")
    print(f"rest      {rest:.2f} ms a page")
    print(f"by hand   {hand:.2f} ms a page; rest takes {rest / hand:.1f} times as long")


if __name__ == "__main__":
    main()
