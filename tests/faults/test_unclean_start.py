"""What a start finds after a kill, a power failure or a change from outside. The files are real."""

import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from engine.common.errors import DatabaseCorrupt, StoreUnusable
from engine.storage import unclean_start
from engine.storage.database import Database
from engine.storage.opening import writing
from engine.storage.unclean_start import check_pages

KILLED = """
import asyncio, os, sys
from pathlib import Path
from engine.storage.database import Database

async def write():
    database = Database(Path(sys.argv[1]))
    database.open()
    for number in range(200):
        await database.do(lambda db: db.execute("insert into cursor values('s', ?, ?)", (f"n{number:04}", "v" * 400)))
    os._exit(9)

asyncio.run(write())
"""


def add(name: str) -> Callable[[sqlite3.Connection], None]:
    def job(db: sqlite3.Connection) -> None:
        db.execute("insert into cursor values('s', ?, 'v')", (name,))

    return job


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A database whose process was killed after 200 transactions."""
    path = tmp_path / "rows.db"
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert (tmp_path / "rows.db-wal").stat().st_size
    return path


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    path = tmp_path / "rows.db"
    with closing(Open(path)) as opened:
        opened.connection.executemany(
            "insert into cursor values('s', ?, ?)", [(f"n{number:04}", "v" * 400) for number in range(200)]
        )
    return path


class Open:
    """An open database."""

    def __init__(self, path: Path) -> None:
        self.database = Database(path)
        self.database.open()
        self.connection = self.database._connection

    def close(self) -> None:
        self.database.close()


def pages(path: Path) -> bytes:
    return path.read_bytes()[4096:]


def damage(path: Path) -> None:
    """Overwrite the root of the table of cursors."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("pragma wal_checkpoint(truncate)")
        (root,) = db.execute("select rootpage from sqlite_master where name = 'cursor'").fetchone()
    with path.open("r+b") as stream:
        stream.seek((root - 1) * 4096)
        stream.write(random.Random(1).randbytes(4096))


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were checked."""
    found: list[Path] = []

    def check(connection: sqlite3.Connection, file: Path) -> None:
        found.append(file)
        check_pages(connection, file)

    for opens in ("opening", "database"):
        monkeypatch.setattr(f"engine.storage.{opens}.check_pages", check)
    return found


def test_a_database_that_was_closed_is_opened_without_a_check(closed: Path, checked: list[Path]) -> None:
    Open(closed).close()
    with writing(closed) as db:
        add("by a command")(db)
    Open(closed).close()

    assert checked == []


def test_a_new_database_needs_no_check(tmp_path: Path, checked: list[Path]) -> None:
    Open(tmp_path / "new.db").close()

    assert checked == []


def test_after_a_kill_the_pages_are_checked_once(killed: Path, checked: list[Path]) -> None:
    Open(killed).close()
    Open(killed).close()

    assert checked == [killed]
    with closing(sqlite3.connect(killed)) as db:
        assert db.execute("select count(*) from cursor").fetchone() == (200,)


def test_a_database_that_something_else_has_changed_is_checked(closed: Path, checked: list[Path]) -> None:
    with closing(sqlite3.connect(closed)) as db:
        db.execute("delete from cursor")
        db.commit()

    Open(closed).close()

    assert checked == [closed]


def test_a_command_that_writes_does_not_hide_a_kill(killed: Path, checked: list[Path]) -> None:
    with writing(killed) as db:
        add("by a command")(db)
    assert checked == [killed]


@pytest.mark.parametrize("state", ["killed", "closed"])
def test_a_damaged_page_is_refused_with_the_way_out(request: pytest.FixtureRequest, state: str) -> None:
    path: Path = request.getfixturevalue(state)
    damage(path)

    for _ in range(2):  # a refusal leaves the start as unclean as it was
        with pytest.raises(StoreUnusable, match=r"is damaged .*`fetchdeck repair --db .*`") as refused:
            Database(path).open()
        assert "\n" not in str(refused.value)
    with pytest.raises(StoreUnusable, match="is damaged"), writing(path):
        pass


def test_a_first_page_that_is_destroyed_is_not_taken_for_another_programs_file(closed: Path) -> None:
    with closed.open("r+b") as stream:
        stream.write(os.urandom(4096))

    with pytest.raises(StoreUnusable, match=r"is damaged \(file is not a database\)"):
        Database(closed).open()


@pytest.mark.parametrize("cut", [1, 5000, 40_000])
def test_a_torn_log_loses_its_last_transactions_and_nothing_else(killed: Path, cut: int) -> None:
    wal = killed.with_name("rows.db-wal")
    with wal.open("r+b") as stream:
        stream.truncate(wal.stat().st_size - cut)

    Open(killed).close()

    with closing(sqlite3.connect(killed)) as db:
        found = [row[0] for row in db.execute("select name from cursor order by name")]
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
    assert found == [f"n{number:04}" for number in range(len(found))]
    assert 150 < len(found) < 200


async def test_a_large_file_is_checked_while_jobs_wait(
    killed: Path, checked: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unclean_start, "SMALL", 0)
    opened = Open(killed)

    await opened.database.do(add("afterwards"))

    assert checked == [killed]
    assert not opened.database.checking
    opened.close()


async def test_a_large_file_that_is_damaged_takes_no_write(killed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damage(killed)
    monkeypatch.setattr(unclean_start, "SMALL", 0)
    before = pages(killed)
    opened = Open(killed)

    with pytest.raises(DatabaseCorrupt, match="`fetchdeck repair"):
        await opened.database.do(add("never"))

    opened.close()
    assert pages(killed) == before
    monkeypatch.undo()
    with pytest.raises(StoreUnusable, match="is damaged"):
        Database(killed).open()


def test_a_check_that_is_cut_short_is_made_by_the_next_start(killed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unclean_start, "SMALL", 0)

    database, checked = Database(killed), list[Path]()

    def interrupted(_: sqlite3.Connection, file: Path) -> None:
        checked.append(file)
        database._given_up.wait()
        raise sqlite3.OperationalError("interrupted")

    monkeypatch.setattr("engine.storage.database.check_pages", interrupted)
    database.open()
    assert database.checking
    database.close()
    monkeypatch.setattr("engine.storage.database.check_pages", lambda _, file: checked.append(file))

    Open(killed).close()

    assert checked == [killed, killed]
