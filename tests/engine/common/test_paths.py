"""Where files live, and how paths are written."""

from pathlib import Path

import pytest

from engine.common import paths


def test_everything_lives_in_a_folder_of_our_name() -> None:
    for path in (
        paths.config_file(),
        paths.state_file(),
        paths.default_database(),
        paths.log_file(),
    ):
        assert "fetchdeck" in path.parts


def test_a_relative_path_counts_from_its_folder(tmp_path: Path) -> None:
    assert paths.expand("a.db", tmp_path) == tmp_path / "a.db"
    assert paths.expand("a.db") == Path.cwd() / "a.db"
    assert paths.expand("/a.db", tmp_path) == Path("/a.db")
    assert paths.expand("~/a.db", tmp_path) == Path.home() / "a.db"


@pytest.mark.parametrize(
    ("home", "path", "text"),
    [
        ("/home/me", "/home/me/x", "~/x"),
        ("/home/me", "/home/meg/x", "/home/meg/x"),
        ("/home/me", "/etc/x", "/etc/x"),
        ("/", "/etc/x", "/etc/x"),
    ],
)
def test_the_home_directory_is_written_short(monkeypatch: pytest.MonkeyPatch, home: str, path: str, text: str) -> None:
    monkeypatch.setenv("HOME", home)

    assert paths.tilde(Path(path)) == text
