"""Rows that a whole list names no more are marked as gone, and after any other end none is."""

from contextlib import closing
from typing import Any

import pytest

from engine.model.snapshot import State
from engine.model.source import Column, Listing, Page, Record, Request, Table
from engine.model.walk import Completeness, WalkEnd
from engine.storage.change_feed import read_changes
from engine.storage.database import Database
from engine.storage.opening import open_read_only
from engine.storage.store import RunStore
from tests.fakes import FakeSource

TABLE = Table("item", (Column("id", "integer"), Column("place"), Column("gone", "integer")), ("id", "place"))


class Runs:
    """Runs over one file; each walk is the requests named, landed one by one."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.path = database.path
        self.clock = 1_000_000.0

    async def begin(self) -> "Runs":
        self.clock += 1000
        self.store = await RunStore.open(
            database=self.database, source=FakeSource(tables=(TABLE,)), full=False, identity="", wall=lambda: self.clock
        )
        self.began = str(self.store.run.started_at)
        return self

    async def queue(self, *keys: str, walk: str = "w") -> None:
        await self.store.seed([Request(key=key, url=f"/{key}", walk=walk) for key in keys])

    async def land(
        self,
        *ids: int,
        end: Completeness | None = None,
        walk: str = "w",
        began: str = "",
        place: str = "a",
        lists: bool = True,
        total: int | None = None,
    ) -> None:
        (claimed,) = (await self.store.claim("core", 1)).claimed
        page = Page(
            records=[Record(table="item", data={"id": id, "place": place, "gone": 0}, raw=b"{}") for id in ids],
            ends=[WalkEnd(walk=walk, completeness=end, reason="as told", arrived=len(ids), total=total)] if end else (),
            listing=Listing(table="item", walk=walk, began=began or self.began) if lists else None,
        )
        await self.store.finish(claimed, page, 200, None)

    async def end(self) -> None:
        await self.store.end(State.DONE, "")
        self.store.close()

    async def walk(self, *ids: int, end: Completeness = Completeness.WHOLE, **more: Any) -> None:
        """Make a run of one walk of one page."""
        await self.begin()
        await self.queue("p1", walk=more.get("walk", "w"))
        await self.land(*ids, end=end, **more)
        await self.end()

    def gone(self) -> set[int]:
        with closing(open_read_only(self.path)) as db:
            return {row[0] for row in db.execute("select id from fake_item where gone = 1")}


@pytest.fixture
def runs(database: Database) -> Runs:
    return Runs(database)


async def test_a_row_that_a_whole_list_names_no_more_is_gone_and_may_come_back(runs: Runs) -> None:
    await runs.walk(1, 2, 3)
    await runs.walk(1, 3)
    assert runs.gone() == {2}
    await runs.walk(1, 3)
    assert runs.gone() == {2}

    await runs.walk(1, 2)

    assert runs.gone() == {3}
    kinds = [(change.key, change.kind) for change in read_changes(runs.path).rows]
    assert kinds.count(("2/a", "gone")) == 1
    assert kinds.count(("3/a", "gone")) == 1


@pytest.mark.parametrize("end", [one for one in Completeness if one is not Completeness.WHOLE])
async def test_no_row_is_gone_after_a_list_that_is_not_known_to_be_whole(runs: Runs, end: Completeness) -> None:
    await runs.walk(1, 2, 3)

    await runs.walk(1, end=end)
    assert runs.gone() == set()
    await runs.walk(1, 3)

    assert runs.gone() == {2}


async def test_no_row_is_gone_where_the_api_tells_of_more_than_arrived(runs: Runs) -> None:
    await runs.walk(1, 2, 3, total=3)

    await runs.walk(1, 2, total=3)
    assert runs.gone() == set()
    await runs.walk(1, 2, total=2)

    assert runs.gone() == {3}


async def test_a_page_that_is_left_or_failed_keeps_every_row(runs: Runs) -> None:
    await runs.walk(1, 2, 3)
    await runs.begin()
    await runs.queue("p1", "p2")
    await runs.land(1, end=Completeness.WHOLE)

    await runs.store.end(State.STOPPED, "")
    kept = runs.gone()
    runs.store.close()
    await runs.begin()
    await runs.land(3)
    await runs.end()

    assert kept == set()
    assert runs.gone() == {2}


async def test_pages_of_one_walk_may_land_after_its_end(runs: Runs) -> None:
    await runs.walk(1, 2, 3, 4)
    await runs.begin()
    await runs.queue("p1", "p2", "p3")

    await runs.land(1)
    await runs.land(4, end=Completeness.WHOLE)
    await runs.land(3)
    await runs.end()

    assert runs.gone() == {2}


async def test_rows_that_arrived_before_a_walk_was_resumed_are_there(runs: Runs) -> None:
    """A later run goes on at the page that failed: what the earlier run read of the same walk still counts."""
    await runs.walk(1, 2, 3)
    await runs.begin()
    began = runs.began
    await runs.queue("p1")
    await runs.land(1)
    await runs.end()

    await runs.begin()
    await runs.queue("p2")
    await runs.land(3, end=Completeness.WHOLE, began=began)
    await runs.end()

    assert runs.gone() == {2}


async def test_a_list_says_nothing_of_the_rows_of_another(runs: Runs) -> None:
    await runs.walk(1, 2, walk="posts /users/1")
    await runs.walk(3, 4, walk="posts /users/2")
    await runs.walk(4, walk="posts /users/2")

    assert runs.gone() == {3}


async def test_a_row_that_moved_to_another_list_is_there(runs: Runs) -> None:
    await runs.walk(1, 2, walk="posts /users/1")
    await runs.walk(2, 3, walk="posts /users/2")

    await runs.walk(1, walk="posts /users/1")

    assert runs.gone() == set()


async def test_a_walk_that_does_not_list_everything_marks_nothing(runs: Runs) -> None:
    await runs.walk(1, 2, 3)

    await runs.walk(1, lists=False)

    assert runs.gone() == set()


async def test_a_key_is_more_than_its_first_column(runs: Runs) -> None:
    await runs.begin()
    await runs.queue("p1", "p2")
    await runs.land(1, 2, place="é\"'")
    await runs.land(1, place="b", end=Completeness.WHOLE)
    await runs.end()

    await runs.walk(1, place="b")

    with closing(open_read_only(runs.path)) as db:
        rows = db.execute("select id, place, gone from fake_item order by id, place").fetchall()
    assert rows == [(1, "b", 0), (1, "é\"'", 1), (2, "é\"'", 1)]
