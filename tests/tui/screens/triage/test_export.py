"""`fetchdeck export`, run as a person runs it."""

import json
from pathlib import Path

import pytest

from tests.engine.storage.test_export import harvested
from tests.tui.command import complaint, fetchdeck


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
        (["fake_thing", "--out", "no/such/folder.csv"], "cannot be written"),
        (["all", "--out", "harvest.db"], "no such folder can be made"),
    ],
)
def test_what_cannot_be_done_is_one_line(home: Path, arguments: list[str], words: str) -> None:
    before = (home / "harvest.db").read_bytes()

    assert words in complaint(fetchdeck(home, "export", *arguments, "--db", "harvest.db"))
    assert (home / "harvest.db").read_bytes() == before


def test_no_database_is_one_line(tmp_path: Path) -> None:
    assert "there is no database ~/none.db" in complaint(
        fetchdeck(tmp_path, "export", "all", "--db", "none.db", "--raw")
    )
