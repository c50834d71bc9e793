"""What a database remembers, read without a run."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.common.errors import StoreUnusable
from engine.model.source import Column, Record, Request, Table
from engine.storage import frontier, runs, source_tables
from engine.storage.history import read_history, recall
from engine.storage.opening import connect
from sources.pr0gramm.options import Pr0grammOptions
from sources.pr0gramm.source import Pr0gramm

SOURCE = Pr0gramm(Pr0grammOptions())
NOW = 1_740_830_400.0


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(tmp_path / "h.db")) as connection:
        yield connection


def test_without_a_database_nothing_is_remembered(tmp_path: Path) -> None:
    with recall(tmp_path / "none.db", SOURCE, now=NOW, full=True) as recalled:
        assert (recalled.memory.cursors, recalled.memory.covered, recalled.quotas) == ({}, {}, {})
        assert recalled.memory.started.isoformat() == "2025-03-01T12:00:00+00:00"
        assert recalled.memory.full
        assert recalled.memory.count("item") == 0
        assert not (tmp_path / "none.db").exists()


def test_rows_are_found_by_key_and_counted(db: sqlite3.Connection, tmp_path: Path) -> None:
    source_tables.create(db, SOURCE.name, SOURCE.tables)
    records = [Record(table="item", data={"id": number}, raw=b"{}") for number in (1, 2, 3)]
    source_tables.Writer(SOURCE.name, SOURCE.tables).write(db, records, NOW)

    with recall(tmp_path / "h.db", SOURCE, now=NOW) as recalled:
        assert recalled.memory.count("item") == 3
        assert set(recalled.memory.rows("item", [(2,), (9,)])) == {(2,)}


def test_tables_that_no_run_has_made_are_empty(db: sqlite3.Connection, tmp_path: Path) -> None:
    with recall(tmp_path / "h.db", SOURCE, now=NOW) as recalled:
        assert recalled.memory.count("item") == 0
        assert recalled.memory.rows("item", [(2,)]) == {}


def test_tables_that_are_not_what_they_were_make_a_database_unusable(db: sqlite3.Connection, tmp_path: Path) -> None:
    source_tables.create(db, SOURCE.name, SOURCE.tables)
    db.execute("alter table pr0gramm_item rename column id to other")

    def look() -> None:
        with recall(tmp_path / "h.db", SOURCE, now=NOW) as recalled:
            recalled.memory.rows("item", [(1,)])

    with pytest.raises(StoreUnusable, match="cannot read the database"):
        look()


def test_what_an_unfinished_run_of_this_scope_has_left_is_counted(db: sqlite3.Connection, tmp_path: Path) -> None:
    for scope in (SOURCE.scope(), "another"):
        run = runs.begin(db, SOURCE.name, scope, full=False, now=NOW)
        frontier.enqueue(db, run.id, [Request(key=key, url="/") for key in "abc"])

    with recall(tmp_path / "h.db", SOURCE, now=NOW) as recalled:
        assert recalled.left == 3
    with recall(tmp_path / "h.db", SOURCE, now=NOW, full=True) as recalled:
        assert recalled.left == 0


def test_a_source_whose_name_begins_another_does_not_count_its_tables(db: sqlite3.Connection, tmp_path: Path) -> None:
    posts = [Table(name="post", columns=(Column("id", "integer"),), key=("id",))]
    for source, many in (("rest", 1), ("rest-blog", 2)):
        runs.begin(db, source, "all", full=False, now=NOW)
        source_tables.create(db, source, posts)
        records = [Record(table="post", data={"id": number}) for number in range(many)]
        source_tables.Writer(source, posts).write(db, records, NOW)

    history = read_history(tmp_path / "h.db")

    assert {source: one.rows for source, one in history.items()} == {
        "rest": {"rest_post": 1},
        "rest-blog": {"rest_blog_post": 2},
    }
