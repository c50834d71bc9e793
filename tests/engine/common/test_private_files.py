import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.common.private_files import make_file, make_folder, mode_for_others


@contextmanager
def umask(value: int) -> Iterator[None]:
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize("value", [0, 0o022, 0o777])
def test_every_folder_that_is_made_and_a_file_in_it_are_private_whatever_the_umask(tmp_path: Path, value: int) -> None:
    with umask(value):
        make_folder(tmp_path / "a" / "b" / "c")
        made = make_file(tmp_path / "a" / "b" / "c" / "file")

    assert made
    assert [mode(tmp_path / name) for name in ("a", "a/b", "a/b/c")] == [0o700, 0o700, 0o700]
    assert mode(tmp_path / "a/b/c/file") == 0o600


def test_what_is_there_already_stays_as_it_is(tmp_path: Path) -> None:
    folder, file = tmp_path / "open", tmp_path / "open" / "file"
    folder.mkdir()
    folder.chmod(0o755)
    file.write_text("kept")
    file.chmod(0o640)

    make_folder(folder)

    assert not make_file(file)
    assert (mode(folder), mode(file), file.read_text()) == (0o755, 0o640, "kept")


def test_a_file_in_the_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(OSError, match="file"):
        make_folder(tmp_path / "file" / "below")


def test_a_mode_is_told_only_where_others_may_do_something(tmp_path: Path) -> None:
    file = tmp_path / "file"
    make_file(file)

    assert mode_for_others(file) is None
    assert mode_for_others(tmp_path / "missing") is None
    file.chmod(0o604)
    assert mode_for_others(file) == 0o604
