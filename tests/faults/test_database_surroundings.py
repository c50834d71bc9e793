"""What happens around an open database: links, a lost lock, a deleted or replaced file, modes. Files are real."""

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from engine.common.errors import DatabaseGone, StoreUnusable
from engine.storage import database as database_module
from engine.storage.database import Database
from engine.storage.opening import writing


def add(name: str) -> Callable[[sqlite3.Connection], None]:
    def job(db: sqlite3.Connection) -> None:
        db.execute("insert into cursor values('s', ?, 'v')", (name,))

    return job


def names(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return [row[0] for row in db.execute("select name from cursor order by name")]


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    database = Database(path)
    database.open()
    try:
        yield database
    finally:
        database.close()


@pytest.fixture
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "LOOK_SECONDS", 0.01)


def failure_of(database: Database) -> str:
    """Wait for the database to notice by itself; the test's own time limit ends a wait in vain."""
    while database.failure is None:
        threading.Event().wait(0.01)
    return str(database.failure)


# One file, one writer.


def test_a_second_engine_is_refused_through_a_symbolic_link_as_well(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "far" / "real.db")

    with opened(link):
        with pytest.raises(StoreUnusable, match="in use by another fetchdeck"):
            Database(tmp_path / "far" / "real.db").open()
        assert (tmp_path / "far" / "real.db.lock").exists()
        assert not (tmp_path / "link.db.lock").exists()


def test_a_database_with_a_second_name_is_refused_with_a_way_out(tmp_path: Path) -> None:
    with opened(tmp_path / "x.db"):
        pass
    (tmp_path / "y.db").hardlink_to(tmp_path / "x.db")

    with pytest.raises(StoreUnusable, match=r"has 2 names \(hard links\).* delete the other names") as refused:
        Database(tmp_path / "y.db").open()
    assert "\n" not in str(refused.value)
    with pytest.raises(StoreUnusable, match="hard links"), writing(tmp_path / "x.db"):
        pass

    (tmp_path / "y.db").unlink()
    with opened(tmp_path / "x.db"):
        pass


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("kept")
    (tmp_path / "x.db.lock").symlink_to(tmp_path / "precious")

    with pytest.raises(StoreUnusable, match="cannot write the database"):
        Database(tmp_path / "x.db").open()
    assert (tmp_path / "precious").read_text() == "kept"


@pytest.mark.parametrize("how", ["deleted", "replaced"])
async def test_a_lock_that_is_lost_stops_the_writer_before_its_next_transaction(tmp_path: Path, how: str) -> None:
    lock = tmp_path / "x.db.lock"
    with opened(tmp_path / "x.db") as database:
        await database.do(add("before"))
        lock.unlink()
        if how == "replaced":
            lock.write_text("")

        with pytest.raises(DatabaseGone, match=r"x\.db\.lock was deleted or replaced"):
            await database.do(add("after"))

    assert names(tmp_path / "x.db") == ["before"]
    assert not (tmp_path / "x.db.rescue").exists()


# The file itself.


async def test_a_database_that_is_deleted_while_it_is_open_is_rescued_with_what_waits(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with opened(path) as database:
        await database.do(add("before"))
        for part in ("x.db", "x.db-wal", "x.db-shm"):
            (tmp_path / part).unlink()

        results = await asyncio.gather(*(database.do(add(f"n{n}")) for n in range(3)), return_exceptions=True)

    assert [type(result) for result in results] == [DatabaseGone] * 3
    assert f"{path} was deleted while fetchdeck had it open" in str(results[0])
    assert f"what it held is in {path}.rescue: move that to {path} to go on with it" in str(results[0])
    assert not path.exists()
    assert names(tmp_path / "x.db.rescue") == ["before", "n0", "n1", "n2"]
    assert mode(tmp_path / "x.db.rescue") == 0o600


@pytest.mark.usefixtures("quick_looks")
async def test_a_deletion_is_noticed_while_nothing_is_written(tmp_path: Path) -> None:
    with opened(tmp_path / "x.db") as database:
        await database.do(add("before"))
        (tmp_path / "x.db").unlink()

        assert "was deleted" in failure_of(database)
    assert names(tmp_path / "x.db.rescue") == ["before"]


@pytest.mark.usefixtures("quick_looks")
async def test_a_file_that_takes_the_place_of_the_database_is_left_alone(tmp_path: Path) -> None:
    with opened(tmp_path / "other.db") as other:
        await other.do(add("theirs"))
    with opened(tmp_path / "x.db") as database:
        await database.do(add("ours"))
        (tmp_path / "other.db").rename(tmp_path / "x.db")

        assert "another file took the place of" in failure_of(database)

    assert names(tmp_path / "x.db.rescue") == ["ours"]
    assert not (tmp_path / "x.db-wal").exists(), "the next to open the other file would fold this log into it"
    assert names(tmp_path / "x.db") == ["theirs"]


async def test_a_log_that_is_deleted_is_noticed_and_nothing_of_it_is_lost(tmp_path: Path) -> None:
    with opened(tmp_path / "x.db") as database:
        await database.do(add("before"))
        await database.do(add("in the log"))
        (tmp_path / "x.db-wal").unlink()

        with pytest.raises(DatabaseGone, match=r"x\.db-wal was deleted"):
            await database.do(add("after"))

    assert names(tmp_path / "x.db.rescue") == ["after", "before", "in the log"]


async def test_a_deletion_just_before_the_end_is_found_by_the_closing(tmp_path: Path) -> None:
    database = Database(tmp_path / "x.db")
    database.open()
    await database.do(add("before"))
    (tmp_path / "x.db").unlink()

    database.close()

    assert isinstance(database.failure, DatabaseGone)
    assert names(tmp_path / "x.db.rescue") == ["before"]


async def test_a_rescue_never_writes_over_an_earlier_one(tmp_path: Path) -> None:
    (tmp_path / "x.db.rescue").write_text("of another day")
    with opened(tmp_path / "x.db") as database:
        await database.do(add("before"))
        (tmp_path / "x.db").unlink()
        with pytest.raises(DatabaseGone, match=r"x\.db\.rescue-2"):
            await database.do(add("after"))

    assert (tmp_path / "x.db.rescue").read_text() == "of another day"
    assert names(tmp_path / "x.db.rescue-2") == ["after", "before"]


async def test_a_folder_that_is_gone_leaves_no_place_for_a_rescue_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with opened(tmp_path / "folder" / "x.db") as database:
        await database.do(add("before"))
        (tmp_path / "folder").rename(tmp_path / "elsewhere")

        with pytest.raises(DatabaseGone, match=r"could not be saved \(No such file or directory\)"):
            await database.do(add("after"))


# Who may read it.


@pytest.mark.parametrize("umask", [0, 0o022, 0o277])
async def test_the_database_its_log_its_lock_and_new_folders_are_private_whatever_the_umask(
    tmp_path: Path, umask: int
) -> None:
    before = os.umask(umask)
    try:
        with opened(tmp_path / "a" / "b" / "x.db") as database:
            await database.do(add("one"))
            modes = {path.name: mode(path) for path in (tmp_path / "a").rglob("*")}
    finally:
        os.umask(before)

    assert modes == {"b": 0o700, "x.db": 0o600, "x.db-wal": 0o600, "x.db-shm": 0o600, "x.db.lock": 0o600}
    assert mode(tmp_path / "a") == 0o700


def test_a_database_that_others_may_read_is_opened_and_told(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with opened(path) as database:
        assert database.remarks == ()
    path.chmod(0o644)

    with opened(path) as database:
        assert database.remarks == (f"others may read {path} (mode 0644): `chmod 600 {path}*` keeps it to yourself",)
    assert mode(path) == 0o644
