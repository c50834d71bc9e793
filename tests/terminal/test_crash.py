"""A screen that breaks says where, and nothing that could be a secret."""

import time
from pathlib import Path

import pytest

from tests.terminal.conftest import Open


def test_a_crash_in_the_engine_is_seen_and_the_screen_stays(pretended: Open) -> None:
    screen = pretended("engine")
    screen.shows("q leaves")
    screen.press(b"e")
    screen.shows("the source failed on it: RuntimeError")

    screen.press(b"q")

    assert screen.ends() != 0
    assert screen.restored()
    assert b"s3cr3t" not in screen.raw


@pytest.mark.parametrize("fault", ["timer", "worker", "render"])
def test_a_crash_restores_the_terminal_and_names_the_log(pretended: Open, tmp_path: Path, fault: str) -> None:
    screen = pretended(fault)
    screen.until(lambda: b"\x1b[?1049h" in screen.raw, "the screen")

    began = time.monotonic()
    code = screen.ends()

    assert code == 70
    assert time.monotonic() - began < 20  # three seconds on a machine that has nothing else to do
    assert screen.restored()
    assert b"ValueError; the log has it whole: ~/.local/state/fetchdeck/log/fetchdeck.log" in screen.raw
    assert b"pretended.py" in screen.raw
    assert b"s3cr3t" not in screen.raw
    assert "Traceback" in (tmp_path / ".local/state/fetchdeck/log/fetchdeck.log").read_text()
