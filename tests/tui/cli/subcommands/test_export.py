"""`fetchdeck export`, run as a person runs it."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.storage.test_export import harvested
from tests.tui.command import complaint, environment, fetchdeck
from tui.__main__ import main


@pytest.fixture
def home(tmp_path: Path) -> Path:
    harvested(tmp_path, [(1, "one", None), (2, "=two", None)])
    return tmp_path


def test_without_a_file_lines_go_to_standard_output(home: Path) -> None:
    ended = fetchdeck(home, "export", "fake_thing", "--db", "harvest.db")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert [json.loads(line)["id"] for line in ended.stdout.splitlines()] == [1, 2]


def test_the_ending_of_the_file_tells_the_format(home: Path) -> None:
    ended = fetchdeck(home, "export", "fake_thing", "--db", "harvest.db", "--out", "things.csv")

    assert ended.returncode == 0
    assert "Exported fake_thing  2 rows to ~/things.csv" in ended.stderr
    assert (home / "things.csv").read_text(encoding="utf-8").splitlines()[2].startswith("2,'=two,")


def test_all_tables_go_into_a_folder(home: Path) -> None:
    ended = fetchdeck(home, "export", "all", "--db", "harvest.db", "--out", "new/folder", "--format", "csv", "-q")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert [file.name for file in (home / "new/folder").iterdir()] == ["fake_thing.csv"]


def test_all_tables_go_into_one_stream_of_raw_lines(home: Path) -> None:
    ended = fetchdeck(home, "export", "all", "--db", "harvest.db", "--raw")

    assert json.loads(ended.stdout.splitlines()[0])["endpoint"] == "thing"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], 'there is no table "nothing"'),
        (["all"], "all tables do not go into one stream"),
        (["fake_thing", "--format", "csv", "--raw"], "--raw is for JSON lines alone"),
        (["fake_thing", "--format", "parquet"], "parquet is not written to standard output"),
        (["fake_thing", "--format", "xml"], "xml"),
        (["fake_thing", "--out", "harvest.db"], "is the database itself"),
        (
            ["fake_thing", "--out", "things.xlsx"],
            'no format has the ending ".xlsx": use one of .jsonl, .csv, .parquet, or add --format',
        ),
        (["fake_thing", "--out", "no/such/folder.csv"], "cannot be written"),
        (["all", "--out", "harvest.db"], "no such folder can be made"),
    ],
)
def test_what_cannot_be_done_is_one_line(home: Path, arguments: list[str], words: str) -> None:
    before = (home / "harvest.db").read_bytes()

    assert words in complaint(fetchdeck(home, "export", *arguments, "--db", "harvest.db"))
    assert (home / "harvest.db").read_bytes() == before


def test_a_folder_that_cannot_be_written_is_one_line(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = os.open

    def read_only(path: str | Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_CREAT and Path(path).parent == home:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(path, flags, mode)

    monkeypatch.setattr(os, "open", read_only)  # the tests may run as root, whom no mode holds back
    monkeypatch.setenv("HOME", str(home))

    code = main(["export", "fake_thing", "--db", str(home / "harvest.db"), "--out", str(home / "out.csv")])

    assert code == 2
    said = "fetchdeck: error: --out ~/out.csv: cannot be written: Permission denied\n"
    assert capsys.readouterr().err == said


def test_links_planted_in_the_folder_lead_an_export_nowhere(home: Path) -> None:
    (home / "precious").write_text("mine", encoding="utf-8")
    for name in ("things.csv", ".things.csv.part"):
        (home / name).symlink_to(home / "precious")

    assert fetchdeck(home, "export", "fake_thing", "--db", "harvest.db", "--out", "things.csv").returncode == 0

    assert (home / "precious").read_text(encoding="utf-8") == "mine"
    assert len((home / "things.csv").read_text(encoding="utf-8").splitlines()) == 3


def test_two_exports_into_one_file_at_once_leave_one_of_them_whole(home: Path) -> None:
    harvested(home, [(number, f"{number} " + "x" * 300, None) for number in range(3000)])
    command = [sys.executable, "-m", "tui", "export", "fake_thing", "--db", "harvest.db", "--out", "out"]
    kinds = ["csv", "jsonl"]

    started = [
        subprocess.Popen([*command, "--format", kind], cwd=home, env=environment(home), stderr=subprocess.DEVNULL)
        for kind in kinds
    ]

    assert [process.wait() for process in started] == [0, 0]
    whole = [fetchdeck(home, *command[3:7], "--format", kind).stdout for kind in kinds]
    assert (home / "out").read_bytes().decode().replace("\r\n", "\n") in whole
    assert sorted(file.name for file in home.iterdir() if "part" in file.name or file.name == "out") == ["out"]


def test_no_database_is_one_line(tmp_path: Path) -> None:
    assert "there is no database ~/none.db" in complaint(
        fetchdeck(tmp_path, "export", "all", "--db", "none.db", "--raw")
    )


def test_an_ending_of_no_format_is_taken_with_a_format_and_none_at_all_without(home: Path) -> None:
    for file, more in (("things.xlsx", ["--format", "csv"]), ("things", [])):
        ended = fetchdeck(home, "export", "fake_thing", "--db", "harvest.db", "--out", file, *more)

        assert ended.returncode == 0
        assert (home / file).exists()
