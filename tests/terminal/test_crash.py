"""A screen that breaks says where, and nothing that could be a secret."""

import time
from pathlib import Path
from typing import Final

import pytest

from tests.terminal.conftest import Open

pytestmark = pytest.mark.slow

WITHIN: Final = 3.0
"""Seconds from the fault to a terminal as it was."""
LOG: Final = ".local/state/fetchdeck/log/fetchdeck.log"


def test_a_crash_over_one_request_is_seen_and_the_screen_stays(pretended: Open) -> None:
    screen = pretended("source")
    screen.shows("q leaves")
    screen.press(b"e")
    screen.shows("the source failed on it: ValueError")

    screen.press(b"q")

    assert screen.ends() != 0
    assert screen.restored()
    assert b"s3cr3t" not in screen.raw


def test_a_crash_of_the_engine_is_seen_at_once_and_the_screen_stays(pretended: Open, tmp_path: Path) -> None:
    screen = pretended("engine")
    screen.shows("ValueError at faulty.py")

    assert time.monotonic() - broke(tmp_path) < WITHIN
    screen.press(b"q")

    assert screen.ends() == 70
    assert screen.restored()
    assert b"s3cr3t" not in screen.raw
    assert b"~/" + LOG.encode() in screen.raw
    assert "Traceback" in (tmp_path / LOG).read_text()


@pytest.mark.parametrize("fault", ["timer", "worker", "render"])
def test_a_crash_restores_the_terminal_and_names_the_log(pretended: Open, tmp_path: Path, fault: str) -> None:
    screen = pretended(fault)
    screen.until((tmp_path / "broke.txt").exists, "crash")

    screen.until(screen.restored, "terminal as it was")
    took = time.monotonic() - broke(tmp_path)

    assert screen.ends() == 70
    assert took < WITHIN
    assert screen.restored()
    assert f"ValueError; the log has it whole: ~/{LOG}".encode() in screen.raw
    assert b"faulty.py" in screen.raw
    assert b"s3cr3t" not in screen.raw
    assert "Traceback" in (tmp_path / LOG).read_text()


def broke(folder: Path) -> float:
    """Return when the fault came first."""
    return float((folder / "broke.txt").read_text())
