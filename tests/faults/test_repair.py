"""Real databases with pages overwritten at random places: what is saved is true, and what is lost is counted."""

import os
import random
import shutil
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.common.errors import StoreUnusable
from engine.harvest.engine_thread import EngineThread
from engine.model.snapshot import State
from engine.model.source import Memory, Page, Record, Request, Response
from engine.storage.database import Database
from engine.storage.recover_program import PROGRAM
from engine.storage.repair import Repair, repair
from tests.fakes import FakeSource, job, serves

PAGE = 4096
PAGES = 60
PER_PAGE = 25
Truth = dict[str, Counter[tuple[Any, ...]]]


@dataclass
class Wordy(FakeSource):
    """Brings details some of which are longer than a page of the database."""

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        page = super().parse(request, response, memory)
        if request.route != "detail":
            return page
        number = request.context["item"]
        text = f"d{number} " * (2000 if number % 10 == 0 else 30)
        return Page(records=[Record(table="detail", data={"item_id": number * 1_000_003, "text": text}, raw=b"{}")])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Harvest a database of some megabytes."""
    path = tmp_path_factory.mktemp("whole") / "rows.db"
    source = Wordy(pages=PAGES, per_page=PER_PAGE, details=True)
    transport = serves(source)
    transport.latency = 0.0
    engine = EngineThread(jobs=[job(source, transport)], database=path)
    engine.start()
    assert engine.wait(120)
    assert engine.snapshot().state is State.DONE
    return path


def contents(path: Path) -> Truth:
    with closing(sqlite3.connect(path)) as db:
        names = [row[0] for row in db.execute("select name from sqlite_master where type = 'table'")]
        return {
            name: Counter(db.execute(f'select * from "{name}"').fetchall()) for name in names if "sqlite_" not in name
        }


def damaged(whole: Path, folder: Path, seed: int) -> Path:
    """Copy the database, and overwrite one to six of its pages, never the first."""
    chance = random.Random(seed)
    path = folder / "rows.db"
    shutil.copy(whole, path)
    pages = path.stat().st_size // PAGE
    with path.open("r+b") as stream:
        for _ in range(chance.randint(1, 6)):
            stream.seek(chance.randrange(1, pages) * PAGE)
            stream.write(chance.randbytes(PAGE))
    return path


def judge(repaired: Repair, truth: Truth) -> list[str]:
    """Return what is wrong with a repair."""
    wrong = []
    found = contents(repaired.file)
    for table in repaired.tables:
        true, saved = truth[table.name], found[table.name]
        invented = saved - true
        missing = (true - saved).total()
        if invented:
            wrong.append(f"{table.name}: {invented.total()} rows that never were: {list(invented)[:1]}")
        if table.saved != saved.total():
            wrong.append(f"{table.name}: {table.saved} said to be saved, not {saved.total()}")
        if table.lost is not None and (table.lost < missing or (table.exact and table.lost != missing)):
            wrong.append(f"{table.name}: {table.lost} said to be lost (exact: {table.exact}), not {missing}")
    if {table.name for table in repaired.tables} != set(truth):
        wrong.append(f"tables {sorted(set(truth) ^ {table.name for table in repaired.tables})}")
    return wrong


@pytest.mark.parametrize("seed", range(20))
def test_what_is_saved_is_true_and_what_is_lost_is_counted(whole: Path, tmp_path: Path, seed: int) -> None:
    path = damaged(whole, tmp_path, seed)
    before = path.read_bytes()

    repaired = repair(path)

    assert judge(repaired, contents(whole)) == []
    assert path.read_bytes() == before
    assert repaired.file.stat().st_mode & 0o777 == 0o600


def root(path: Path, name: str) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("select rootpage from sqlite_master where name = ?", (name,)).fetchone()[0])


def overwrite(path: Path, page: int) -> None:
    with path.open("r+b") as stream:
        stream.seek((page - 1) * PAGE)
        stream.write(random.Random(page).randbytes(PAGE))


def outcome(repaired: Repair, name: str) -> tuple[int, int | None, bool]:
    (table,) = [table for table in repaired.tables if table.name == name]
    return table.saved, table.lost, table.exact


FAKE_PROGRAM = """#!{python}
# Recovers all that was in another file, as the real program would with luck.
import sqlite3, sys
if "-readonly" in sys.argv:
    assert sys.argv[-2:] == ["{damaged}", ".recover --ignore-freelist"], sys.argv
    print("\\n".join(sqlite3.connect("{whole}").iterdump()))
else:
    sqlite3.connect(sys.argv[-1]).executescript(sys.stdin.read())
"""


def test_rows_that_no_tree_leads_to_are_added_by_the_program(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some systems build `sqlite3` without what its `.recover` needs, so the test has one of its own."""
    path, program = tmp_path / "rows.db", tmp_path / "bin" / PROGRAM
    shutil.copy(whole, path)
    overwrite(path, root(path, "fake_item"))
    program.parent.mkdir()
    program.write_text(FAKE_PROGRAM.format(python=sys.executable, damaged=path, whole=whole))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")

    repaired = repair(path)

    assert repaired.program
    assert outcome(repaired, "fake_item") == (PAGES * PER_PAGE, 0, True)
    assert judge(repaired, contents(whole)) == []
    assert sorted(one.name for one in tmp_path.iterdir()) == ["bin", "rows.db", "rows.db.lock", "rows.db.repaired"]


def test_a_table_whose_root_is_gone_is_counted_by_its_changes(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.storage.recover_program.PROGRAM", "no-such-program")
    path = tmp_path / "rows.db"
    shutil.copy(whole, path)
    overwrite(path, root(path, "fake_item"))

    repaired = repair(path)

    assert not repaired.program
    assert outcome(repaired, "fake_item") == (0, PAGES * PER_PAGE, False)
    assert judge(repaired, contents(whole)) == []


def test_rows_of_an_unreadable_page_that_an_index_names_are_counted_exactly(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.storage.recover_program.PROGRAM", "no-such-program")
    path = tmp_path / "rows.db"
    shutil.copy(whole, path)
    overwrite(path, root(path, "request"))

    repaired = repair(path)

    assert outcome(repaired, "request") == (0, PAGES + PAGES * PER_PAGE, True)


def test_a_damaged_index_loses_nothing_and_is_made_again(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "rows.db"
    shutil.copy(whole, path)
    overwrite(path, root(path, "_fetchdeck_request_walk"))

    repaired = repair(path)

    assert (repaired.damaged, repaired.is_whole) == (True, True)
    assert contents(repaired.file) == contents(whole)


def test_a_database_that_is_in_order_is_copied_whole(whole: Path, tmp_path: Path) -> None:
    repaired = repair(whole, tmp_path / "copy.db")

    assert (repaired.damaged, repaired.is_whole, repaired.program) == (False, True, False)
    assert contents(repaired.file) == contents(whole)


def test_a_schema_that_cannot_be_read_is_one_line_and_leaves_no_file(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.storage.recover_program.PROGRAM", "no-such-program")
    path = tmp_path / "rows.db"
    shutil.copy(whole, path)
    overwrite(path, 1)

    with pytest.raises(StoreUnusable, match=r"nothing of .* can be read: restore a backup"):
        repair(path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["rows.db", "rows.db.lock"]


def test_a_repair_needs_a_database_that_nobody_writes_and_a_new_file(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="there is no database"):
        repair(tmp_path / "none.db")
    (tmp_path / "there").write_text("kept")
    with pytest.raises(StoreUnusable, match="exists: name a new file with --out"):
        repair(whole, tmp_path / "there")
    database = Database(whole)
    database.open()
    with pytest.raises(StoreUnusable, match="in use by another fetchdeck"):
        repair(whole)
    database.close()


def test_a_repaired_database_is_gone_on_with(whole: Path, tmp_path: Path) -> None:
    path = damaged(whole, tmp_path, 1)
    repaired = repair(path).file
    with pytest.raises(StoreUnusable, match=r"is damaged .*`fetchdeck repair"):
        Database(path).open()

    database = Database(repaired)
    database.open()
    database.close()
