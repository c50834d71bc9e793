"""The change feed: what is new, changed, renamed or gone, noted with the rows themselves."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from engine.common.errors import StoreUnusable
from engine.model.changes import Changes
from engine.model.source import Column, Record, Table
from engine.storage import change_feed, source_tables
from engine.storage.change_feed import read_changes
from engine.storage.opening import connect

TABLES = (
    Table(
        "repo",
        (
            *(Column(name, "integer") for name in ("id", "stars", "gone")),
            *(Column(name) for name in ("full_name", "about")),
        ),
        ("id",),
    ),
    Table("pull", (Column("repo", "integer"), Column("number", "integer"), Column("title")), ("repo", "number")),
    Table("link", (Column("a", "integer"), Column("b", "integer")), ("a", "b")),
)
NOW = 1_700_000_000.0
Write = Callable[..., None]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rows.db"


@pytest.fixture
def db(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(file)) as connection:
        source_tables.create(connection, "fake", TABLES)
        change_feed.watch(connection, "fake", TABLES, run=7)
        yield connection


@pytest.fixture
def write(db: sqlite3.Connection) -> Write:
    writer = source_tables.Writer("fake", TABLES)

    def go(table: str, *rows: dict[str, Any], at: float = NOW, raw: bytes = b"{}") -> None:
        before = change_feed.mark(db)
        writer.write(db, [Record(table=table, data=row, raw=raw) for row in rows], at)
        change_feed.tally(db, before)

    return go


def told(found: Changes) -> dict[tuple[str, str], int]:
    return {(one.table, one.kind): one.count for one in found.tallies}


def test_a_row_that_was_not_there_is_new_and_one_written_twice_is_no_change(file: Path, write: Write) -> None:
    write("repo", {"id": 1, "full_name": "a/b"}, {"id": 2, "full_name": "a/c"})
    write("repo", {"id": 1, "full_name": "a/b"})

    found = read_changes(file)

    assert told(found) == {("repo", "new"): 2}
    assert [(one.key, one.name, one.kind, one.run, one.at) for one in found.rows] == [
        ("2", "a/c", "new", 7, NOW),
        ("1", "a/b", "new", 7, NOW),
    ]


def test_a_change_says_which_columns_and_what_they_were(file: Path, write: Write) -> None:
    write("repo", {"id": 1, "full_name": "a/b", "stars": 3, "about": None})
    write("repo", {"id": 1, "full_name": "a/b", "stars": 4, "about": "x"}, at=NOW + 5)

    newest = read_changes(file).rows[0]

    assert newest.kind == "changed"
    assert newest.at == NOW + 5
    assert newest.what == (("stars", "3", "4"), ("about", "nothing", "x"))


def test_another_name_of_the_same_row_is_a_rename_and_a_first_name_is_none(file: Path, write: Write) -> None:
    write("repo", {"id": 1, "stars": 3}, {"id": 2, "full_name": "a/b"})
    write("repo", {"id": 1, "full_name": "a/a"}, {"id": 2, "full_name": "a/z"})

    assert told(read_changes(file)) == {("repo", "new"): 2, ("repo", "changed"): 1, ("repo", "renamed"): 1}
    assert read_changes(file).rows[0].what == (("full_name", "a/b", "a/z"),)


def test_what_an_api_says_is_gone_counts_as_gone_once(file: Path, write: Write) -> None:
    write("repo", {"id": 1, "full_name": "a/b", "gone": 0})
    write("repo", {"id": 1, "full_name": "a/z", "gone": 1})
    write("repo", {"id": 1, "gone": 2})

    assert told(read_changes(file)) == {("repo", "new"): 1, ("repo", "gone"): 1, ("repo", "changed"): 1}


def test_raw_alone_is_no_change(file: Path, write: Write) -> None:
    write("repo", {"id": 1, "full_name": "a/b"}, raw=b'{"x":1}')
    write("repo", {"id": 1, "full_name": "a/b"}, raw=b'{"x":2}')

    assert told(read_changes(file)) == {("repo", "new"): 1}


def test_a_difference_behind_what_is_kept_of_a_long_text_is_still_a_change(file: Path, write: Write) -> None:
    write("repo", {"id": 1, "about": "a" * 500 + "b"})
    write("repo", {"id": 1, "about": "a" * 500 + "c"})

    assert [name for name, _, _ in read_changes(file).rows[0].what] == ["about"]


def test_keys_of_several_columns_and_tables_of_keys_alone_are_noted(file: Path, write: Write) -> None:
    write("pull", {"repo": 5, "number": 12, "title": "Carry less"})
    write("link", {"a": 1, "b": 2})
    write("link", {"a": 1, "b": 2})

    found = read_changes(file)

    assert [(one.table, one.key, one.name) for one in found.rows] == [
        ("link", "1/2", ""),
        ("pull", "5/12", "Carry less"),
    ]


def test_of_each_kind_the_newest_are_kept_and_all_are_counted(file: Path, db: sqlite3.Connection, write: Write) -> None:
    write("repo", {"id": 0, "stars": 0})
    for page in range(30):
        write("repo", *({"id": page * 100 + number, "stars": 1} for number in range(100)))

    assert told(read_changes(file)) == {("repo", "new"): 3000, ("repo", "changed"): 1}
    kept = db.execute("select count(*), max(kind = 'changed') from change").fetchone()
    assert change_feed.KEPT <= kept[0] - 1 <= 2 * change_feed.KEPT
    assert kept[1] == 1


def test_since_counts_from_the_beginning_of_an_hour_and_of_the_sources_that_are_asked_for(
    file: Path, write: Write
) -> None:
    write("repo", {"id": 1})
    write("repo", {"id": 2}, at=NOW + 7200)

    assert told(read_changes(file, since=NOW + 7300)) == {("repo", "new"): 1}
    assert read_changes(file, since=NOW + 7300).rows == ()
    assert [one.key for one in read_changes(file, since=NOW + 7200).rows] == ["2"]
    assert read_changes(file, ["other"]).tallies == ()
    assert told(read_changes(file, ["fake", "other"])) == {("repo", "new"): 2}


def test_what_an_api_sends_is_shown_and_never_acts(file: Path, write: Write) -> None:
    write("repo", {"id": 1, "full_name": "a\x1b[31m\u202e"})
    write("repo", {"id": 1, "full_name": "b'); drop table change; --\x9b"})

    found = read_changes(file).rows

    assert "\x1b" not in repr(found[1].name)
    assert found[0].kind == "renamed"
    assert all(text.isprintable() for one in found for change in one.what for text in change)


def test_a_row_that_is_new_in_a_run_is_not_changed_in_it_as_well(
    file: Path, db: sqlite3.Connection, write: Write
) -> None:
    write("pull", {"repo": 1, "number": 1, "title": "a"}, at=NOW - 60)
    change_feed.watch(db, "fake", TABLES, run=8, began=NOW)
    write("pull", {"repo": 1, "number": 2, "title": None})
    write("pull", {"repo": 1, "number": 2, "title": "filled in"}, at=NOW + 1)
    write("pull", {"repo": 1, "number": 1, "title": "b"})

    found = [(one.key, one.kind) for one in read_changes(file).rows if one.run == 8]

    assert found == [("1/1", "changed"), ("1/2", "new")]


def test_watching_again_notes_each_row_once(file: Path, db: sqlite3.Connection, write: Write) -> None:
    change_feed.watch(db, "fake", TABLES, run=8)
    write("repo", {"id": 1})

    assert [one.run for one in read_changes(file).rows] == [8]


def test_a_file_that_is_not_there_has_no_changes_and_a_strange_one_is_refused(tmp_path: Path) -> None:
    strange = tmp_path / "strange.db"
    with closing(sqlite3.connect(strange)) as db:
        db.execute("create table t(a)")
        db.commit()

    assert read_changes(tmp_path / "none.db").rows == ()
    with pytest.raises(StoreUnusable, match="another program"):
        read_changes(strange)
