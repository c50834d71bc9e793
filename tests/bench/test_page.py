"""The page of the benchmark: both readers read all of it, and to the same values."""

from datetime import UTC, datetime

import msgspec

from bench.page import COLUMNS, NAMES, ROWS, body, by_hand, by_rest, source
from engine.model.source import Memory, Response


def test_both_read_every_row() -> None:
    page = body()

    assert (by_rest(page)(), by_hand(page)()) == (ROWS, ROWS)


def test_rest_reads_the_values_that_the_loop_picks() -> None:
    page = body()
    rest, memory = source(), Memory(started=datetime(2026, 1, 1, tzinfo=UTC))
    (request,) = rest.seed(memory)

    found = rest.parse(request, Response(status=200, headers={}, body=page, url="/items", elapsed=0.1), memory)

    items = msgspec.json.decode(page)
    assert [record.data["author"] for record in found.records] == [item["user"]["login"] for item in items]
    assert [record.data["locked"] for record in found.records] == [int(item["locked"]) for item in items]
    assert [record.data["created_at"] for record in found.records] == [item["created_at"] for item in items]
    assert list(found.records[0].data) == list(COLUMNS) == list(NAMES)
