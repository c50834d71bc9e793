"""Rows that replace all others of their parent: what a page names no more is gone with the page's transaction."""

from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from engine.common.errors import BadBody
from engine.model.source import Column, Page, Record, Replacement, Request, Table
from engine.storage.change_feed import read_changes
from engine.storage.database import Database
from engine.storage.opening import open_read_only
from engine.storage.store import RunStore
from tests.fakes import FakeSource

LABEL = Table("label", (Column("issue"), Column("place", "integer"), Column("name")), ("issue", "place"))
ISSUE = Table("issue", (Column("id"),), ("id",))


class Labels:
    """A store whose pages bring the labels of issues."""

    def __init__(self, database: Database, store: RunStore) -> None:
        self.path = database.path
        self.store = store
        self.number = 0

    async def land(self, **issues: list[str]) -> None:
        records = [
            Record(table="label", data={"issue": issue, "place": place, "name": name}, raw=b"{}")
            for issue, names in issues.items()
            for place, name in enumerate(names)
        ]
        await self.land_page(records, [(issue,) for issue in issues])

    async def land_page(self, records: list[Record], parents: list[tuple[object, ...]]) -> None:
        self.number += 1
        await self.store.seed([Request(key=str(self.number), url="/issues")])
        (claimed,) = (await self.store.claim("core", 1)).claimed
        replaced = [Replacement(table="label", parents=parents)]
        await self.store.finish(claimed, Page(records=records, replaced=replaced), 200, None)

    def names(self) -> list[tuple[str, str]]:
        with closing(open_read_only(self.path)) as db:
            return db.execute("select issue, name from fake_label order by issue, place").fetchall()


@pytest.fixture
async def labels(database: Database) -> AsyncIterator[Labels]:
    source = FakeSource(tables=(ISSUE, LABEL))
    clock = iter(range(1_000_000, 2_000_000))
    store = await RunStore.open(
        database=database, source=source, full=False, identity="", wall=lambda: float(next(clock))
    )
    yield Labels(database, store)
    store.close()


async def test_a_row_that_its_parent_has_no_more_is_gone(labels: Labels) -> None:
    await labels.land(a=["bug", "later"], b=["bug", "help"])

    await labels.land(a=["later"])

    assert labels.names() == [("a", "later"), ("b", "bug"), ("b", "help")]


async def test_a_parent_without_rows_loses_all_of_them(labels: Labels) -> None:
    await labels.land(a=["bug", "later"], b=["bug"])

    await labels.land(a=[], b=["bug"])

    assert labels.names() == [("b", "bug")]


async def test_a_row_that_stays_is_not_touched_and_one_that_left_is_a_change(labels: Labels) -> None:
    await labels.land(a=["bug", "later"])
    with closing(open_read_only(labels.path)) as db:
        before = db.execute("select * from fake_label where place = 0").fetchall()

    await labels.land(a=["bug"])

    with closing(open_read_only(labels.path)) as db:
        assert db.execute("select * from fake_label").fetchall() == before
    (gone,) = [change for change in read_changes(labels.path).rows if change.kind == "gone"]
    assert (gone.table, gone.key, gone.name) == ("label", "a/1", "later")


async def test_keys_are_compared_as_they_are_stored(labels: Labels) -> None:
    rows = [Record(table="label", data={"issue": 7, "place": str(place), "name": "x"}) for place in range(3)]
    await labels.land_page(rows, [(7,)])

    await labels.land_page(rows[1:], [(7,)])

    assert labels.names() == [("7", "x")] * 2


async def test_nothing_is_deleted_with_a_page_that_cannot_be_stored(labels: Labels) -> None:
    await labels.land(a=["bug", "later"])

    with pytest.raises(BadBody, match="cannot be stored"):
        await labels.land_page([], [("a",), ("\ud800",)])

    assert labels.names() == [("a", "bug"), ("a", "later")]
