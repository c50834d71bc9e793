"""Names that come from APIs, at every place where one becomes the name of a file or a folder.

Whatever the name, what is written is inside the target folder, or nothing is written and one line says why. The place
of clones is tested with git in test_git.py, and its links in tests/engine/transport/git/test_safe_path.py.
"""

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from engine.storage.opening import writing
from engine.transport.git.safe_path import inside
from sources.gitlab.clone import folder
from sources.gitlab.options import GitLabOptions
from sources.videos.channels import read_channels
from sources.videos.delivery import Delivery
from sources.videos.rows import file_title
from tests.sources.videos.test_delivery import Rows, channel, video
from tui.__main__ import main

NAMES: Final[Mapping[str, str]] = {
    "nothing": "",
    "a dot": ".",
    "the folder above": "..",
    "three dots": "...",
    "a way out": "../../../outside/x",
    "a way out of Windows": "..\\..\\outside\\x",
    "a way out in full width": "\uff0e\uff0e/x",
    "an absolute path": "/tmp/outside/x",
    "a drive": "C:\\outside",
    "a home folder": "~/x",
    "NUL": "a\0b",
    "control characters": "a\x1b[2J\r\nb",
    "an order of writing": "\u202egpj.exe",
    "half a character": "a\ud800b",
    "an option": "--upload-pack=x",
    "a short option": "-rf",
    "300 letters": "x" * 300,
    "300 letters of two bytes": "é" * 300,
    "a reserved name": "CON",
    "a reserved name with an ending": "nul.txt",
    "a reserved name with a digit": "com1",
    "the folder of git": ".git",
    "the folder of git on Windows": "GIT~1",
    "the folder in which clones are made": ".fetchdeck",
    "a space": " ",
    "a dot at the end": "a.",
    "a stream of NTFS": "a::$DATA",
    "a pattern": "*?[x]",
    "markup": "[bold]x[/]",
}
RESERVED: Final = ("con", "prn", "aux", "nul", *(f"{kind}{digit}" for kind in ("com", "lpt") for digit in range(10)))
names = pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())


def portable(name: str) -> bool:
    """Whether a name stands for one entry of a folder on every file system, and for none that is special."""
    plain = name.partition(".")[0].lower()
    return (
        0 < len(name.encode()) <= 255
        and name.isprintable()
        and name.strip(" ") == name
        and not name.endswith(".")
        and not set('/\\:*?"<>|') & set(name)
        and plain not in RESERVED
        and name.lower() not in {".git", "git~1", ".fetchdeck"}
    )


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Path]:
    """The folder that is written to, among others that nothing is written to."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "target").mkdir()
    (tmp_path / "database").mkdir()
    yield tmp_path / "target"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["database", "outside", "target"]
    assert list((tmp_path / "outside").iterdir()) == []


@names
@pytest.mark.parametrize("naming", ["path", "name"])
@pytest.mark.parametrize("place", ["{}", "group/{}", "{}/repository"])
def test_a_clone_has_a_portable_folder_below_the_target_or_none(
    target: Path, name: str, naming: Any, place: str
) -> None:
    path = place.format(name)
    project = {"path_with_namespace": path, "name_with_namespace": path.replace("/", " / ")}

    made = folder(project, GitLabOptions(naming=naming))

    if made:
        assert all(map(portable, made.split("/")))
        assert inside(target, made).is_relative_to(target)
    else:
        assert not path.strip("/ .")


@pytest.mark.parametrize("name", [name for name in NAMES.values() if "\ud800" not in name])  # which is no JSON
def test_a_link_file_has_a_portable_name_in_its_folder(target: Path, name: str) -> None:
    channels = target / "channels"
    channels.mkdir()
    (channels / "a.toml").write_text('link = "https://x.test/a"\ntarget_folder = "A"\n', encoding="utf-8")
    stored = Rows([channel(last_index=1, last_video="v")], [video(name, 1)])

    problems = Delivery(folder=channels, queue=target / "queue", cookies=None).run(
        read_channels(channels), stored, since=1000.0
    )

    assert problems == []
    (file,) = (target / "queue").iterdir()
    assert portable(file.name)
    assert file.name != ".link"
    assert json.loads(file.read_text(encoding="utf-8"))["my_index"] == 1


@names
def test_a_title_is_safe_in_the_name_of_the_file_that_a_downloader_makes(name: str) -> None:
    title = file_title(7, name)

    assert portable(title)
    assert title.startswith("0007")
    assert len(title.encode()) <= 155


@names
def test_a_table_of_a_foreign_database_is_exported_inside_the_folder_if_it_is_ours(
    target: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    database = stored(target.parent / "database", f"github_{name}")

    code = main(["export", "all", "--db", str(database), "--out", str(target)])

    files = [each.name for each in target.iterdir()]
    assert code == 0, capsys.readouterr().err
    assert all(map(portable, files))
    assert "github_repo.jsonl" in files


@pytest.mark.parametrize("planted", ["link to a file", "link to nothing", "link to a pipe", "pipe", "link to a device"])
def test_an_export_into_a_folder_replaces_what_was_planted_there_and_does_not_follow_it(
    target: Path, tmp_path: Path, planted: str
) -> None:
    place, elsewhere = target / "github_repo.jsonl", target / "elsewhere"
    match planted:
        case "link to a file":
            elsewhere.write_text("mine")
            place.symlink_to(elsewhere)
        case "link to nothing":
            place.symlink_to(tmp_path / "outside/x")
        case "link to a pipe":
            os.mkfifo(elsewhere)
            place.symlink_to(elsewhere)
        case "link to a device":
            place.symlink_to("/dev/full")
        case _:
            os.mkfifo(place)

    code = main(["export", "all", "--db", str(stored(tmp_path / "database")), "--out", str(target)])

    assert code == 0
    assert place.is_file()
    assert not place.is_symlink()
    assert json.loads(place.read_text())["name"] == "a"
    assert not elsewhere.is_file() or elsewhere.read_text() == "mine"


def stored(folder: Path, *others: str) -> Path:
    """Make a database with a row in the table "repo" of GitHub, and in others of any name."""
    columns = "id integer, name text, raw text, added_at real not null, changed_at real not null, raw_page"
    with writing(folder / "rows.db") as db:
        for table in ("github_repo", *others):
            try:
                quoted = '"' + table.replace('"', '""') + '"'
                db.execute(f"create table {quoted}({columns}, primary key(id))")
                db.execute(f"insert into {quoted} values(1, 'a', '{{}}', 1.0, 1.0, null)")
            except (sqlite3.Error, ValueError):
                continue
        db.execute("insert into run(source, scope, full, state, started_at) values('github', 's', 0, 'done', 1.0)")
    return folder / "rows.db"
