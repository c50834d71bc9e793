import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.common.errors import DatabaseLocked, StoreFailed, StoreUnusable
from engine.storage import schema
from engine.storage.database import Database


def count(db: sqlite3.Connection) -> int:
    return int(db.execute("select count(*) from cursor").fetchone()[0])


def add(name: str) -> Callable[[sqlite3.Connection], None]:
    def job(db: sqlite3.Connection) -> None:
        db.execute("insert into cursor values('s', ?, 'v')", (name,))

    return job


async def test_what_was_done_is_on_disk_when_it_is_answered(database: Database) -> None:
    await database.do(add("a"))

    with sqlite3.connect(database.path) as other:
        assert count(other) == 1
    other.close()


async def test_a_job_that_raises_is_undone_and_its_neighbours_land(database: Database) -> None:
    def bad(db: sqlite3.Connection) -> None:
        db.execute("insert into cursor values('s', 'bad', 'v')")
        raise ValueError("no")

    results = await asyncio.gather(
        database.do(add("a")),
        database.do(bad),
        database.do(add("b")),
        return_exceptions=True,
    )

    assert [type(result) for result in results] == [type(None), ValueError, type(None)]
    assert await database.do(count) == 2


async def test_a_transaction_that_does_not_land_says_so_to_all_in_it(database: Database) -> None:
    def broken(db: sqlite3.Connection) -> None:
        db.execute("insert into nowhere values(1)")

    with pytest.raises(StoreFailed, match="nothing of this transaction was kept"):
        await database.do(broken)
    assert await database.do(count) == 0


async def test_many_jobs_at_once_all_land(database: Database) -> None:
    await asyncio.gather(*(database.do(add(f"n{number}")) for number in range(1000)))

    assert await database.do(count) == 1000
    assert not database.busy()


async def test_what_waits_at_the_close_still_lands(tmp_path: Path) -> None:
    database = Database(tmp_path / "x.db")
    database.open()
    waiting = [asyncio.ensure_future(database.do(add(f"n{number}"))) for number in range(50)]
    await asyncio.sleep(0)

    database.close()

    await asyncio.gather(*waiting)
    with sqlite3.connect(tmp_path / "x.db") as other:
        assert count(other) == 50
    other.close()


def test_on_a_disk_the_file_is_written_ahead_and_fully_synced(disk_path: Path) -> None:
    """`tmp_path` may lie in memory, where a sync does nothing."""
    database = Database(disk_path / "x.db")
    database.open()

    pragmas = [database._connection.execute(f"pragma {p}").fetchone()[0] for p in ("journal_mode", "synchronous")]
    add("a")(database._connection)

    database.close()
    with sqlite3.connect(disk_path / "x.db") as other:
        assert count(other) == 1
    other.close()
    assert pragmas == ["wal", 2]


def test_a_second_opening_is_refused_and_names_the_owner(tmp_path: Path) -> None:
    first = Database(tmp_path / "x.db")
    first.open()

    with pytest.raises(StoreUnusable, match=r"in use by another fetchdeck \(process \d+\)"):
        Database(tmp_path / "x.db").open()
    first.close()


def test_a_lock_is_gone_with_its_process(tmp_path: Path) -> None:
    script = "import os, sys; from pathlib import Path; from engine.storage.database import Database\n"
    script += "Database(Path(sys.argv[1])).open(); os._exit(9)"
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "x.db")], check=False)

    database = Database(tmp_path / "x.db")
    database.open()

    database.close()


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("create table theirs(x)")
    other.close()

    with pytest.raises(StoreUnusable, match="another program"):
        Database(path).open()


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("dear diary, " * 100)

    with pytest.raises(StoreUnusable, match="not a SQLite database"):
        Database(path).open()
    assert path.read_text().startswith("dear diary")


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    first = Database(path)
    first.open()
    first.close()
    with sqlite3.connect(path) as other:
        other.execute(f"pragma user_version = {len(schema.MIGRATIONS) + 1}")
    other.close()

    with pytest.raises(StoreUnusable, match="newer fetchdeck"):
        Database(path).open()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreUnusable, match="cannot write the database"):
        Database(tmp_path / "file" / "x.db").open()


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="cannot write the database"):
        Database(tmp_path).open()


def test_a_migration_lands_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(db: sqlite3.Connection) -> None:
        db.execute("create table half(x)")
        raise KeyboardInterrupt

    connection = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    schema.migrate(connection)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, half))

    with pytest.raises(KeyboardInterrupt):
        schema.migrate(connection)

    assert schema.version(connection) == len(schema.MIGRATIONS) - 1
    assert connection.execute("select count(*) from sqlite_master where name = 'half'").fetchone()[0] == 0
    connection.close()


# A transaction that cannot land now.


class LockedOut:
    """Another program that holds the write lock."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("begin immediate")

    def leave(self) -> None:
        self._connection.close()


@pytest.fixture
def locked_out(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[LockedOut]:
    """Lock the database, which tries again soon."""
    monkeypatch.setattr("engine.storage.database.FIRST_RETRIES", ())
    monkeypatch.setattr("engine.storage.database.LAST_RETRY", 0.01)
    database._connection.execute("pragma busy_timeout = 1")
    other = LockedOut(database.path)
    yield other
    other.leave()


async def begin(database: Database, many: int) -> list[asyncio.Future[None]]:
    """Give jobs, and return once their transaction waits."""
    jobs: list[asyncio.Future[None]] = [asyncio.ensure_future(database.do(add(f"n{number}"))) for number in range(many)]
    await asyncio.sleep(0)
    while database.waiting is None:
        threading.Event().wait(0.01)
    return jobs


async def test_jobs_that_must_wait_land_once_the_cause_is_gone(database: Database, locked_out: LockedOut) -> None:
    jobs = await begin(database, 20)
    waiting = database.waiting
    landed_early = [job.done() for job in jobs]
    locked_out.leave()
    await asyncio.gather(*jobs)

    assert waiting is not None
    assert isinstance(waiting.error, DatabaseLocked)
    assert not any(landed_early)
    assert await database.do(count) == 20
    assert database.waiting is None


async def test_when_it_is_given_up_all_that_waits_fails_and_can_be_given_again(
    database: Database, locked_out: LockedOut
) -> None:
    jobs = await begin(database, 5)

    database.give_up()
    results = await asyncio.gather(*jobs, return_exceptions=True)
    locked_out.leave()

    assert [type(result) for result in results] == [DatabaseLocked] * 5
    await asyncio.gather(*(database.do(add(f"n{number}")) for number in range(5)))
    assert await database.do(count) == 5


async def test_a_close_does_not_wait_for_what_keeps_a_transaction_out(tmp_path: Path) -> None:
    database = Database(tmp_path / "y.db")
    database.open()
    database._connection.execute("pragma busy_timeout = 1")
    other = LockedOut(tmp_path / "y.db")
    (job,) = await begin(database, 1)

    database.close()

    with pytest.raises(DatabaseLocked):
        await job
    other.leave()
