"""Settings changed on a real screen over a real engine, and saved into the file of --config."""

from pathlib import Path

import pytest

from tests.terminal.conftest import Open
from tests.terminal.test_run import quit_by_hand

pytestmark = pytest.mark.slow


def test_a_setting_is_heeded_at_once_and_saved_beside_the_comments(terminal: Open, tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    text = "# my own words\n" + file.read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    screen = terminal("run", "pr0gramm")
    screen.shows("q quit")
    screen.press(b"s")
    screen.shows("enter changes")

    for keys in (b"j", b"j", b"\r"):
        screen.press(keys)
    screen.shows("cap ▏")
    screen.press(b"3\r")
    screen.shows("cap 3; S saves")
    screen.until(lambda: any(" core " in line and " cap 3 " in line for line in screen.lines), "the cap in the lane")
    screen.press(b"S")
    screen.shows("write that to")
    screen.press(b"y")
    screen.shows("saved in")
    quit_by_hand(screen)

    assert screen.ends() == 130
    assert file.read_text(encoding="utf-8") == text + "cap = 3\n"
