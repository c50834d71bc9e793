"""`fetchdeck repair`, and what a damaged database is for the other commands."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.storage.opening import writing
from tui.__main__ import main


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / "rows.db"
    with writing(path) as db:
        db.executemany(
            "insert into error values(?, 'github', 'k', ?, 's', 1, 1, 1)", [(f"{n:04}", "m" * 300) for n in range(100)]
        )
    return path


def damage(path: Path, table: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        (root,) = db.execute("select rootpage from sqlite_master where name = ?", (table,)).fetchone()
    with path.open("r+b") as stream:
        stream.seek((root - 1) * 4096)
        stream.write(random.Random(1).randbytes(4096))


def test_a_damaged_database_is_refused_repaired_and_used(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(database, "error")

    assert main(["errors", "github", "--release", "all", "--db", str(database)]) == 2
    refusal = capsys.readouterr().err
    assert refusal.startswith("fetchdeck: error: the database ~/rows.db is damaged (")
    assert "`fetchdeck repair --db ~/rows.db` saves what can be read into a new file" in refusal
    assert refusal.count("\n") == 1

    assert main(["repair", "--db", str(database)]) == 1
    said = capsys.readouterr().err
    assert "Saved error  0 rows, 100 lost" in said
    assert "`fetchdeck run SOURCE --full` fetches the rows that are lost again" in said
    assert "Database ~/rows.db.repaired: mv ~/rows.db.repaired ~/rows.db" in said

    (tmp_path / "rows.db.repaired").rename(database)
    assert main(["errors", "--db", str(database)]) == 0


def test_a_database_in_order_is_copied_and_that_is_said(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["repair", "--db", str(database), "--out", str(tmp_path / "new.db")]) == 0

    said = capsys.readouterr().err
    assert "Saved error  100 rows" in said
    assert "Database ~/new.db: nothing is damaged, so this is a copy" in said


def test_what_cannot_be_repaired_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["repair", "--db", str(tmp_path / "none.db")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
