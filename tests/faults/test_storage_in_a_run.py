"""A real engine whose database is deleted, replaced, full, locked or damaged while it harvests."""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from engine.common.errors import StoreUnusable
from engine.harvest import storage_watch
from engine.harvest.engine_thread import EngineThread
from engine.model.commands import Stop
from engine.model.events import Event, RunEnded
from engine.model.outside_wait import Cause
from engine.model.snapshot import DeckState, State
from engine.model.source import Request, Response
from engine.storage import database as database_module
from engine.storage import opening
from engine.storage.database import Database
from tests.fakes import FakeSource, FakeTransport, job
from tui.common.exit_codes import Exit, exit_code
from tui.headless.lines import endings

PAGES = 400


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look and try again within hundredths of a second: nothing here depends on how long that takes."""
    monkeypatch.setattr(database_module, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(database_module, "FIRST_RETRIES", ())
    monkeypatch.setattr(database_module, "LAST_RETRY", 0.05)
    monkeypatch.setattr(storage_watch, "LOOK_SECONDS", 0.02)


class Stepwise(FakeTransport):
    """Answers so many requests, and the others when `open` is set."""

    def __init__(self, source: FakeSource, many: int) -> None:
        super().__init__(lambda request, _: source.truth(request), latency=0.0)
        self.many = many

    async def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        while len(self.sent) >= self.many:  # noqa: ASYNC110 -- another thread raises the number
            await asyncio.sleep(0.01)
        return await super().send(request, headers)


@contextmanager
def harvest(path: Path, *, first: int = 20, patience: float = 600.0) -> Iterator[tuple[EngineThread, Stepwise]]:
    """Harvest `first` pages; the test lets it go on."""
    source = FakeSource(pages=PAGES)
    transport = Stepwise(source, first)
    engine = EngineThread(jobs=[job(source, transport)], database=path, patience=patience)
    engine.start()
    try:
        until(lambda: rows(path) == first * 10)
        yield engine, transport
    finally:
        transport.many = PAGES
        engine.send(Stop())
        assert engine.wait(60)


def until(true: Callable[[], object]) -> None:
    while not true():
        threading.Event().wait(0.01)


def rows(path: Path) -> int:
    with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as db:
        return int(db.execute("select count(*) from fake_item").fetchone()[0])
    return -1


def end_of(engine: EngineThread) -> DeckState:
    assert engine.wait(60)
    return engine.snapshot()


def verbs(deck: DeckState) -> list[str]:
    return [line.verb for line in endings(deck, {})]


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_database_that_loses_its_name_ends_the_harvest_loudly_and_is_rescued(tmp_path: Path, how: str) -> None:
    path = tmp_path / "rows.db"
    (tmp_path / "other").write_bytes(b"")
    with harvest(path) as (engine, transport):
        if how == "deleted":
            path.unlink()
        else:
            (tmp_path / "other").rename(path)
        transport.many = PAGES
        deck = end_of(engine)

    (group,) = deck.groups
    words = f"{path} was deleted" if how == "deleted" else f"another file took the place of {path}"
    assert (deck.state, group.state) == (State.FAILED, State.FAILED)
    assert deck.reason.startswith(f"{words} while fetchdeck had it open; what it held is in {path}.rescue")
    assert verbs(deck) == ["Failed"]
    assert exit_code(deck, interrupted=False) is Exit.FAILED
    assert rows(tmp_path / "rows.db.rescue") >= 200

    (tmp_path / "rows.db.rescue").rename(path)
    with harvest_again(path) as resumed:
        assert end_of(resumed).state is State.DONE
    assert rows(path) == PAGES * 10


def test_a_deletion_while_the_source_waits_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "rows.db"
    with harvest(path) as (engine, _):
        path.unlink()
        deck = end_of(engine)

    assert (deck.state, verbs(deck)) == (State.FAILED, ["Failed"])


def test_a_deletion_after_the_last_row_is_no_success_either(tmp_path: Path) -> None:
    path = tmp_path / "rows.db"
    source = FakeSource(pages=3)
    transport = Stepwise(source, 3)

    def listen(event: Event) -> None:
        if isinstance(event, RunEnded):
            path.unlink()

    engine = EngineThread(jobs=[job(source, transport)], database=path, listen=listen)
    engine.start()
    deck = end_of(engine)

    assert (deck.state, verbs(deck)) == (State.FAILED, ["Failed"])
    assert exit_code(deck, interrupted=False) is Exit.FAILED
    assert rows(tmp_path / "rows.db.rescue") == 30


@contextmanager
def harvest_again(path: Path) -> Iterator[EngineThread]:
    source = FakeSource(pages=PAGES)
    engine = EngineThread(jobs=[job(source, Stepwise(source, PAGES))], database=path)
    engine.start()
    yield engine
    engine.send(Stop())
    assert engine.wait(60)


# Waits whose cause is outside: nothing fails, and it goes on by itself.


@contextmanager
def small_disk(folder: Path, size: str = "16m") -> Iterator[Path]:
    """Mount a file system of this size."""
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=False)
    if made.returncode:
        pytest.skip("mounting a small file system needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Leave no byte."""
    file = folder / "filling"
    with file.open("wb", buffering=0) as stream, suppress(OSError):
        while True:
            stream.write(bytes(4096))
    assert not shutil.disk_usage(folder).free
    return file


def waiting(engine: EngineThread, cause: Cause) -> bool:
    return any(wait.cause is cause for group in engine.snapshot().groups for wait in group.outside)


def test_a_full_disk_holds_the_source_and_it_goes_on_by_itself_when_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        path = disk / "rows.db"
        with harvest(path) as (engine, transport):
            filling = fill(disk)
            transport.many = PAGES
            until(lambda: waiting(engine, Cause.DISK_FULL))
            (group,) = engine.snapshot().groups
            (wait,) = group.outside

            assert group.state is State.WAITING
            assert wait.words == f"0 B left on {disk}"
            assert wait.next_try is not None

            filling.unlink()
            deck = end_of(engine)

        assert (deck.state, deck.groups[0].failed, deck.groups[0].outside) == (State.DONE, 0, ())
        assert rows(path) == PAGES * 10


def test_a_full_disk_ends_the_run_by_patience_and_the_next_one_goes_on(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        path = disk / "rows.db"
        with harvest(path, patience=0.1) as (engine, transport):
            filling = fill(disk)
            transport.many = PAGES
            deck = end_of(engine)

        (group,) = deck.groups
        assert group.state is State.FAILED
        assert group.reason.startswith("disk full since ")
        assert "0 B left on" in group.reason
        assert "given up after" in group.reason
        assert exit_code(deck, interrupted=False) is Exit.FAILED

        filling.unlink()
        with harvest_again(path) as resumed:
            assert end_of(resumed).state is State.DONE
        assert rows(path) == PAGES * 10
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("pragma integrity_check").fetchall() == [("ok",)]


def test_a_stop_while_the_disk_is_full_does_not_wait_for_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, harvest(disk / "rows.db") as (engine, transport):
        fill(disk)
        transport.many = PAGES
        until(lambda: waiting(engine, Cause.DISK_FULL))

        engine.send(Stop())
        deck = end_of(engine)

        assert (deck.groups[0].state, deck.groups[0].reason) == (State.STOPPED, "stopped by hand")


def test_a_disk_that_is_full_at_the_start_is_one_line(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        (disk / "rows.db.lock").write_bytes(b"1")  # a lock needs no room then
        fill(disk)

        with pytest.raises(StoreUnusable, match=r"cannot write the database .*(0 B left on|No space left)") as refused:
            Database(disk / "rows.db").open()
        assert "\n" not in str(refused.value)


def test_a_lock_of_another_program_holds_the_source_until_it_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BUSY_MILLISECONDS", 20)
    path = tmp_path / "rows.db"
    with harvest(path) as (engine, transport):
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("begin immediate")
        transport.many = PAGES
        until(lambda: waiting(engine, Cause.DATABASE_LOCKED))
        (wait,) = engine.snapshot().groups[0].outside
        assert wait.words == f"another program holds a lock on {path}"

        other.execute("rollback")
        other.close()
        deck = end_of(engine)

    assert (deck.state, deck.groups[0].failed) == (State.DONE, 0)
    assert rows(path) == PAGES * 10


def test_pages_that_are_damaged_meanwhile_end_the_harvest_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "rows.db"
    with harvest(path) as (engine, transport):
        with closing(sqlite3.connect(path)) as db:
            db.execute("pragma wal_checkpoint(truncate)")
        with path.open("r+b") as stream:
            stream.seek(4096)
            stream.write(os.urandom(path.stat().st_size - 4096))
        transport.many = PAGES
        deck = end_of(engine)

    assert (deck.state, verbs(deck)) == (State.FAILED, ["Failed"])
    assert "`fetchdeck repair --db" in deck.reason
    assert exit_code(deck, interrupted=False) is Exit.FAILED
