"""The log file."""

import logging
from pathlib import Path

import pytest

from tui.common.logs import log_crash, logging_to


@pytest.fixture(autouse=True)
def _root_level() -> object:
    root = logging.getLogger()
    before = root.level
    yield
    root.setLevel(before)


def test_what_is_logged_lands_in_the_file_and_nowhere_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "deep" / "fetchdeck.log"

    with logging_to(file):
        logging.getLogger("engine.storage.store").info("opened %s", "rows.db")

    assert "INFO engine.storage.store: opened rows.db" in file.read_text()
    assert capsys.readouterr() == ("", "")


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    with logging_to(tmp_path / "fetchdeck.log"):
        logging.getLogger("x").warning("y")

    assert (tmp_path / "fetchdeck.log").stat().st_mode & 0o777 == 0o600


def test_talkative_libraries_are_kept_short(tmp_path: Path) -> None:
    with logging_to(tmp_path / "fetchdeck.log"):
        logging.getLogger("httpx2").info("GET https://example.org?token=s3cret")

    assert not (tmp_path / "fetchdeck.log").exists()


def test_a_folder_that_cannot_be_made_means_no_log(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with logging_to(tmp_path / "file" / "fetchdeck.log"):
        logging.getLogger("x").warning("y")

    assert not log_crash(tmp_path / "file" / "fetchdeck.log", ValueError("z"))


def stumble(token: str) -> None:
    raise KeyError(len(token))


def test_a_crash_is_written_whole_but_without_values(tmp_path: Path) -> None:
    file = tmp_path / "fetchdeck.log"
    with pytest.raises(KeyError) as caught:
        stumble("s3cret")

    assert log_crash(file, caught.value)

    text = file.read_text()
    assert "CRITICAL fetchdeck: crashed" in text
    assert "KeyError: 6" in text
    assert "s3cret" not in text.replace('stumble("s3cret")', "")
    assert file.stat().st_mode & 0o777 == 0o600
