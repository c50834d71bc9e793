"""`fetchdeck demo`: what it leaves behind, and what it says of that."""

import fcntl
import json
import os
import re
import tempfile
from pathlib import Path

import pytest

from engine.storage.lock_file import LockFile
from tests.tui.command import launch
from tui.cli.subcommands.demo import whereabouts
from tui.cli.subcommands.demo_folder import demo_folder


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that is the system's temporary one."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def database_line(stderr: str) -> str:
    (line,) = (line for line in stderr.splitlines() if line.strip().startswith("Database "))
    return line


def test_a_demo_says_where_its_database_is_how_large_and_how_to_keep_it(temporary: Path) -> None:
    run = ("demo", "--headless", "--limit", "1", "--json")

    first = launch(temporary.parent, *run, TMPDIR=str(temporary))
    database = Path(json.loads(first.stdout)["database"])

    assert first.returncode == 3
    assert database.is_relative_to(temporary)
    assert database.exists()
    assert re.fullmatch(
        r" +Database ~/temporary/fetchdeck-demo-\d+-\w+/demo\.db \(\d+ [kM]B; "
        r"the next demo removes it, --db FILE keeps one; look into it: sqlite3 /.*/demo\.db \"\.tables\"\)",
        database_line(first.stderr),
    )

    kept = launch(temporary.parent, *run, "--db", "kept.db", TMPDIR=str(temporary))

    assert (temporary.parent / "kept.db").exists()
    assert "~/kept.db (" in database_line(kept.stderr)
    assert "the next demo removes it" not in kept.stderr
    assert [name for name in names(temporary) if name.startswith("fetchdeck-demo")] == []


def test_a_database_that_was_removed_meanwhile_is_no_error(tmp_path: Path) -> None:
    assert whereabouts(tmp_path / "demo.db", kept=False).endswith("demo.db was removed meanwhile")


def test_a_demo_removes_the_folder_of_one_that_is_over_and_of_none_that_runs(temporary: Path) -> None:
    with demo_folder(keep=True) as over:
        (over / "demo.db").write_bytes(b"rows")
    with demo_folder(keep=True) as runs:
        (runs / "demo.db").write_bytes(b"rows")
        with demo_folder(keep=True) as next_one:
            assert names(temporary) == sorted([runs.name, next_one.name])

    assert not over.exists()


def left_over() -> Path:
    """Return the folder of a demo that has ended."""
    with demo_folder(keep=True) as folder:
        for name in ("demo.db", "demo.db-wal", "demo.db-shm", "demo.db.lock"):
            (folder / name).write_bytes(b"rows")
        for name in ("clones", "channels"):
            (folder / name / "below").mkdir(parents=True)
    return folder


@pytest.mark.parametrize("file", ["demo.db", "channels/below/demo.toml"])
def test_a_folder_that_holds_the_database_or_the_configuration_of_a_demo_stays_from_then_on(
    temporary: Path, tmp_path: Path, file: str
) -> None:
    folder = left_over()
    (tmp_path / "link").symlink_to(folder)

    with demo_folder(keep=False, spare=[tmp_path / "link" / file]):
        assert (folder / "demo.db").exists()
    with demo_folder(keep=False):
        assert (folder / "demo.db").exists()


def test_a_demo_goes_on_with_the_database_of_an_ended_one_if_that_is_named(temporary: Path) -> None:
    run = ("demo", "--headless", "--limit", "1", "--json")
    first = launch(temporary.parent, *run, TMPDIR=str(temporary))
    database = json.loads(first.stdout)["database"]
    inode = Path(database).stat().st_ino

    again = launch(temporary.parent, *run, "--db", database, TMPDIR=str(temporary))

    assert json.loads(again.stdout)["database"] == database
    assert Path(database).stat().st_ino == inode


@pytest.mark.parametrize("name", ["export.csv", "mine", "other.db"])
def test_a_folder_in_which_somebody_put_something_stays_whole(temporary: Path, name: str) -> None:
    folder = left_over()
    (folder / name).mkdir()
    before = names(folder)

    with demo_folder(keep=False):
        pass

    assert names(folder) == before


def test_a_folder_whose_database_another_fetchdeck_uses_stays_until_that_has_ended(temporary: Path) -> None:
    folder = left_over()
    used = LockFile(folder / "demo.db.lock")
    used.acquire()

    with demo_folder(keep=False):
        assert (folder / "demo.db").exists()

    used.release()
    with demo_folder(keep=False):
        assert not folder.exists()


def test_a_folder_that_is_not_kept_goes_with_its_demo(temporary: Path) -> None:
    with pytest.raises(KeyboardInterrupt), demo_folder(keep=False):
        raise KeyboardInterrupt

    assert names(temporary) == []


def test_only_folders_that_are_surely_ours_are_removed(temporary: Path, tmp_path: Path) -> None:
    uid = os.geteuid()
    precious = tmp_path / "precious"
    precious.mkdir(mode=0o700)
    (temporary / f"fetchdeck-demo-{uid}-aaaaaaaa").symlink_to(precious)
    (temporary / f"fetchdeck-demo-{uid}-bbbbbbbb").write_bytes(b"a file")
    (temporary / f"fetchdeck-demo-{uid}-cccccccc").mkdir(mode=0o755)
    (temporary / f"fetchdeck-demo-{uid}-notes").mkdir(mode=0o700)
    (temporary / f"fetchdeck-demo-{uid + 1}-aaaaaaaa").mkdir(mode=0o700)
    (temporary / "fetchdeck-demo-aaaaaaaa").mkdir(mode=0o700)
    before = names(temporary)

    with demo_folder(keep=False):
        pass

    assert names(temporary) == before
    assert precious.exists()


def test_a_folder_that_another_demo_took_for_a_leftover_is_made_anew(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flock = fcntl.flock
    taken: list[str] = []

    def removed_before_it_is_locked(handle: int, how: int) -> None:
        if not taken:
            taken.extend(names(temporary))
            (temporary / taken[0]).rmdir()
        flock(handle, how)

    monkeypatch.setattr(fcntl, "flock", removed_before_it_is_locked)

    with demo_folder(keep=True) as folder:
        assert len(taken) == 1
        assert names(temporary) == [folder.name]
