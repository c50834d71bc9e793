"""The lines of `fetchdeck check`."""

from pathlib import Path

import pytest

from engine.common.errors import StoreUnusable
from tui.cli.subcommands.findings import Finding, usable_folder


@pytest.mark.parametrize(("encoding", "signs"), [("utf-8", "✓✗–"), ("ascii", "on-"), ("no-such", "on-")])
def test_signs_are_those_the_terminal_has(encoding: str, signs: str) -> None:
    found = [
        Finding(well=True, what="x", detail="y"),
        Finding(well=False, what="x", detail="y"),
        Finding(well=True, asked=False, what="x", detail="y"),
    ]

    assert "".join(one.text(encoding)[0] for one in found) == signs


def test_a_finding_is_one_safe_line() -> None:
    line = Finding(well=False, what="x", detail="a\nb\x1b[31m").text("utf-8")

    assert line.isprintable()


def test_a_database_may_be_made_in_folders_that_are_not_there_yet(tmp_path: Path) -> None:
    usable_folder(tmp_path / "a" / "b" / "rows.db")

    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreUnusable, match="--db"):
        usable_folder(tmp_path / "file" / "rows.db")
