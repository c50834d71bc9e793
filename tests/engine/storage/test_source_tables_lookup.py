"""Rows found by key while a run writes them."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.model.source import Column, Key, Record, Table
from engine.storage.source_tables import AT_ONCE, Lookup, Writer, create

VIDEO = Table(name="video", columns=(Column("path"), Column("id", "integer"), Column("title")), key=("path", "id"))


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(tmp_path / "rows.db", isolation_level=None)
    create(db, "fake", [VIDEO])
    yield db
    db.close()


def put(db: sqlite3.Connection, *keys: Key) -> None:
    """Write a row for each key."""
    records = [Record(table="video", data={"path": path, "id": id, "title": "t"}, raw=b"{}") for path, id in keys]
    Writer("fake", [VIDEO]).write(db, records, 1.0)


@pytest.fixture
def lookup(writer: sqlite3.Connection, tmp_path: Path) -> Iterator[Lookup]:
    _ = writer
    found = Lookup(database=tmp_path / "rows.db", source="fake", tables=[VIDEO])
    yield found
    found.close()


def test_what_is_there_comes_with_all_its_columns_and_what_is_not_is_left_out(
    writer: sqlite3.Connection, lookup: Lookup
) -> None:
    put(writer, ("a.toml", 7))

    found = lookup.rows("video", [("a.toml", 7), ("a.toml", 8), ("b.toml", 7)])

    row = {"path": "a.toml", "id": 7, "title": "t", "raw": "{}", "added_at": 1.0, "changed_at": 1.0, "raw_page": None}
    assert found == {("a.toml", 7): row}


def test_no_keys_find_nothing(lookup: Lookup) -> None:
    assert lookup.rows("video", []) == {}


def test_a_key_is_data_and_no_sql(writer: sqlite3.Connection, lookup: Lookup) -> None:
    sly = ("a'); drop table fake_video --", 1)
    put(writer, sly)

    assert list(lookup.rows("video", [sly])) == [sly]


def test_more_keys_than_go_into_one_search_are_all_found_under_the_key_that_was_asked(
    writer: sqlite3.Connection, lookup: Lookup
) -> None:
    keys: list[Key] = [("a", number) for number in range(2 * AT_ONCE + 1)]
    put(writer, *keys)

    found = lookup.rows("video", [*keys, ("a", "3")])

    assert list(found) == [*keys, ("a", "3")]
    assert found[("a", "3")]["id"] == 3


def test_it_searches_by_the_key_and_reads_no_whole_table(writer: sqlite3.Connection, lookup: Lookup) -> None:
    statements: list[str] = []
    lookup._connection.set_trace_callback(statements.append)
    lookup.rows("video", [("a", 1), ("b", 2)])

    plan = [row[3] for row in writer.execute(f"explain query plan {statements[0]}")]

    assert any(step.startswith("SEARCH stored USING INDEX") and "(path=? AND id=?)" in step for step in plan)
    assert not any("SCAN stored" in step for step in plan)
