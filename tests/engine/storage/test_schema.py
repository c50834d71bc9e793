"""Databases of earlier versions are brought up to date, and nothing in them is lost."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from engine.model.source import Column, Record, Table
from engine.storage import schema, source_tables

REPO = Table("repo", (Column("id", "integer"), Column("name")), ("id",))


@pytest.fixture
def older() -> Iterator[sqlite3.Connection]:
    """Make a database as version 2 left it, with a row of a source and a table of the person's own."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        for migration in schema.MIGRATIONS[:2]:
            migration(db)
        db.execute("pragma user_version = 2")
        db.execute(
            "create table github_repo(id integer, name text, raw text, added_at real not null,"
            " changed_at real not null, primary key(id))"
        )
        db.execute("insert into github_repo values(1, 'a', '{}', 1.0, 1.0)")
        db.execute('create table "my notes"(raw text)')
        yield db


def test_rows_of_before_have_no_page_and_new_ones_say_theirs(older: sqlite3.Connection) -> None:
    schema.migrate(older)
    source_tables.create(older, "github", [REPO])

    source_tables.Writer("github", [REPO]).write(older, [Record(table="repo", data={"id": 2}, raw=b"{}")], 2.0, "c2")

    assert older.execute("select id, raw_page from github_repo order by id").fetchall() == [(1, None), (2, "c2")]


def test_tables_that_are_no_sources_are_left_alone(older: sqlite3.Connection) -> None:
    schema.migrate(older)

    assert [row[1] for row in older.execute('pragma table_info("my notes")')] == ["raw"]
    assert "raw_page" not in {row[1] for row in older.execute("pragma table_info(request)")}
