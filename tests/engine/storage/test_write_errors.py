"""What an error of SQLite means. Errors are real where one process can cause them."""

import os
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from engine.common.errors import (
    DatabaseCorrupt,
    DatabaseGone,
    DatabaseLocked,
    DatabaseReadOnly,
    DiskFull,
    OutOfDescriptors,
    StoreFailed,
    StoreWaits,
)
from engine.storage.write_errors import concerns_all, translate


def error(code: int, text: str = "as SQLite says it") -> sqlite3.Error:
    made = sqlite3.OperationalError(text)
    made.sqlite_errorcode = code
    return made


@contextmanager
def limit(kind: int, most: int) -> Iterator[None]:
    before = resource.getrlimit(kind)
    resource.setrlimit(kind, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(kind, before)


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    taken: list[int] = []
    with limit(resource.RLIMIT_NOFILE, 64):
        with suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        try:
            yield
        finally:
            for each in taken:
                os.close(each)


def test_a_limit_of_file_sizes_counts_as_a_full_disk_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("pragma journal_mode = wal")
        db.execute("create table t(x)")
        with limit(resource.RLIMIT_FSIZE, 200_000), pytest.raises(sqlite3.Error) as raised:
            db.execute("insert into t values(zeroblob(1000000))")

        assert concerns_all(raised.value)
        with limit(resource.RLIMIT_FSIZE, 200_000):
            found = translate(raised.value, path)

    assert isinstance(found, DiskFull)
    assert "has reached the limit of file sizes (ulimit -f), 200.0 kB" in str(found)


def test_a_full_disk_says_how_much_is_left_and_where(tmp_path: Path) -> None:
    found = translate(error(sqlite3.SQLITE_FULL), tmp_path / "x.db")

    assert isinstance(found, DiskFull)
    assert " left on " in str(found)


def test_an_error_of_the_disk_with_room_left_is_none_that_passes(tmp_path: Path) -> None:
    found = translate(error(sqlite3.SQLITE_IOERR_WRITE, "disk I/O error"), tmp_path / "x.db")

    assert type(found) is StoreFailed
    assert "disk I/O error: nothing of this transaction was kept" in str(found)


def test_a_lock_of_another_connection_may_pass(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as one:
        one.execute("begin immediate")
        with (
            closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as two,
            pytest.raises(sqlite3.Error) as raised,
        ):
            two.execute("begin immediate")

    assert isinstance(translate(raised.value, path), DatabaseLocked)


def test_a_process_without_descriptors_may_get_one_later(tmp_path: Path) -> None:
    with no_descriptor_left():
        with pytest.raises(sqlite3.Error) as raised:
            sqlite3.connect(tmp_path / "x.db")
        found = translate(raised.value, tmp_path / "x.db")

    assert isinstance(found, OutOfDescriptors)
    assert "no more than 64 files (ulimit -n)" in str(found)
    assert type(translate(raised.value, tmp_path / "x.db")) is StoreFailed


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_READONLY, DatabaseReadOnly),
        (sqlite3.SQLITE_READONLY_DBMOVED, DatabaseGone),
        (sqlite3.SQLITE_CORRUPT, DatabaseCorrupt),
        (sqlite3.SQLITE_CORRUPT_INDEX, DatabaseCorrupt),
        (sqlite3.SQLITE_NOTADB, DatabaseCorrupt),
    ],
)
def test_what_does_not_pass_is_told_apart(tmp_path: Path, code: int, kind: type[StoreFailed]) -> None:
    found = translate(error(code), tmp_path / "x.db")

    assert type(found) is kind
    assert not isinstance(found, StoreWaits)


def test_an_error_of_one_statement_concerns_that_job_alone() -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("create table t(x unique)")
        db.execute("insert into t values(1)")
        with pytest.raises(sqlite3.IntegrityError) as raised:
            db.execute("insert into t values(1)")

    assert not concerns_all(raised.value)
    assert concerns_all(error(sqlite3.SQLITE_CORRUPT))
