import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from engine.common.errors import BadBody, UsageError
from engine.model.source import Column, Record, Table
from engine.storage import source_tables

REPO = Table("repo", (Column("id", "integer"), Column("name"), Column("stars", "integer")), ("id",))


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        source_tables.create(connection, "git-hub", [REPO])
        yield connection


def write(db: sqlite3.Connection, *records: Record, now: float = 1.0) -> int:
    return source_tables.Writer("git-hub", [REPO]).write(db, records, now)


def record(raw: bytes = b"{}", **data: object) -> Record:
    return Record(table="repo", data=data, raw=raw)


def rows(db: sqlite3.Connection) -> list[tuple[object, ...]]:
    return db.execute("select id, name, stars, raw, added_at, changed_at from git_hub_repo order by id").fetchall()


def pages(db: sqlite3.Connection) -> list[object]:
    return [row[0] for row in db.execute("select raw_page from git_hub_repo order by id")]


def test_a_row_stands_with_its_json_and_the_time(db: sqlite3.Connection) -> None:
    assert write(db, record(id=1, name="a", stars=2, raw=b'{"id": 1}')) == 1

    assert rows(db) == [(1, "a", 2, '{"id": 1}', 1.0, 1.0)]


def test_writing_a_row_twice_changes_nothing(db: sqlite3.Connection) -> None:
    write(db, record(id=1, name="a", stars=2))
    write(db, record(id=1, name="a", stars=2), now=5.0)

    assert rows(db) == [(1, "a", 2, "{}", 1.0, 1.0)]


def test_a_changed_row_keeps_when_it_was_added(db: sqlite3.Connection) -> None:
    write(db, record(id=1, name="a", stars=2))
    write(db, record(id=1, name="b", stars=2), now=5.0)

    assert rows(db) == [(1, "b", 2, "{}", 1.0, 5.0)]


def test_a_column_left_out_keeps_what_is_stored(db: sqlite3.Connection) -> None:
    write(db, record(id=1, name="a", stars=2))
    write(db, record(id=1, stars=3), now=5.0)

    assert rows(db) == [(1, "a", 3, "{}", 1.0, 5.0)]


def test_a_value_that_becomes_null_is_a_change(db: sqlite3.Connection) -> None:
    write(db, record(id=1, name="a", stars=2))
    write(db, record(id=1, name=None, stars=2), now=5.0)

    assert rows(db)[0][1] is None


def test_data_never_becomes_sql(db: sqlite3.Connection) -> None:
    write(db, record(id=1, name="'); drop table git_hub_repo; --", stars=2))

    assert len(rows(db)) == 1


@pytest.mark.parametrize(
    "bad",
    [
        record(id=2**63, name="a"),
        record(id=1, name="\ud800"),
        record(id=1, name="a", raw=b"\xff"),
        record(name="a"),
        record(id=1, nonsense=1),
        record(id=1, name=["a"]),
    ],
)
def test_what_cannot_be_stored_is_a_bad_body(db: sqlite3.Connection, bad: Record) -> None:
    with pytest.raises(BadBody):
        write(db, bad)


def test_a_column_that_is_new_is_added(db: sqlite3.Connection) -> None:
    write(db, record(id=1, name="a", stars=2))

    source_tables.create(db, "git-hub", [Table("repo", (*REPO.columns, Column("topic")), ("id",))])

    assert db.execute("select topic from git_hub_repo").fetchall() == [(None,)]


@pytest.mark.parametrize("name", ["Repo", "re po", "", "1repo", 'x"; drop table run; --'])
def test_a_name_that_is_no_plain_word_is_refused(db: sqlite3.Connection, name: str) -> None:
    with pytest.raises(UsageError, match="lower-case letters"):
        source_tables.create(db, "git-hub", [Table(name, (Column("id"),), ("id",))])


def test_a_record_without_json_leaves_the_stored_json_and_the_other_columns(db: sqlite3.Connection) -> None:
    write(db, record(id=1, name="a", stars=2, raw=b'{"id": 1}'))

    write(db, record(id=1, stars=3, raw=b""))

    assert db.execute("select name, stars, raw from git_hub_repo").fetchall() == [("a", 3, '{"id": 1}')]


def test_a_record_without_json_may_be_the_first_of_its_row(db: sqlite3.Connection) -> None:
    write(db, record(id=1, stars=3, raw=b""))

    assert db.execute("select name, stars, raw from git_hub_repo").fetchall() == [(None, 3, None)]


@pytest.mark.parametrize("page", [3, "Y3Vyc29yOjI=", "7", None])
def test_the_page_that_brought_a_row_stays_with_its_json_as_it_is(
    db: sqlite3.Connection, page: int | str | None
) -> None:
    source_tables.Writer("git-hub", [REPO]).write(db, [record(id=1, name="a", raw=b'{"id": 1}')], 1.0, page)

    assert pages(db) == [page]


def test_a_row_that_moved_to_another_page_unchanged_is_left_alone(db: sqlite3.Connection) -> None:
    writer = source_tables.Writer("git-hub", [REPO])
    writer.write(db, [record(id=1, name="a", stars=2)], 1.0, 1)

    writer.write(db, [record(id=1, name="a", stars=2)], 5.0, 2)

    assert (rows(db), pages(db)) == ([(1, "a", 2, "{}", 1.0, 1.0)], [1])


def test_a_changed_row_says_which_page_brought_its_json(db: sqlite3.Connection) -> None:
    writer = source_tables.Writer("git-hub", [REPO])
    writer.write(db, [record(id=1, name="a", stars=2)], 1.0, 1)

    writer.write(db, [record(id=1, name="b", stars=2)], 5.0, 4)

    assert pages(db) == [4]


def test_a_record_without_json_leaves_the_page_of_the_stored_json(db: sqlite3.Connection) -> None:
    writer = source_tables.Writer("git-hub", [REPO])
    writer.write(db, [record(id=1, name="a", stars=2)], 1.0, 1)

    writer.write(db, [record(id=1, stars=3, raw=b"")], 5.0, 9)

    assert pages(db) == [1]
