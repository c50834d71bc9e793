"""Files fetchdeck writes for itself."""

from pathlib import Path

import pytest

from engine.common.atomic_file import read_owned, write_owned


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "state.toml"

    write_owned(file, {"theme": "ember"})

    assert read_owned(file) == {"theme": "ember"}


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    write_owned(tmp_path / "state.toml", {"theme": "ember"})

    assert (tmp_path / "state.toml").stat().st_mode & 0o777 == 0o600


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "state.toml"
    write_owned(file, {"theme": "ember"})

    with pytest.raises(TypeError):
        write_owned(file, {"theme": object()})

    assert read_owned(file) == {"theme": "ember"}
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("content", [b"= broken", b"\xff\xfe"])
def test_a_damaged_file_counts_as_empty(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state.toml").write_bytes(content)

    assert read_owned(tmp_path / "state.toml") == {}


def test_a_missing_file_counts_as_empty(tmp_path: Path) -> None:
    assert read_owned(tmp_path / "state.toml") == {}
