"""Terminals of every kind: without colour, with sixteen, without UTF-8, and none at all."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal.conftest import Open
from tests.tui.command import environment

pytestmark = pytest.mark.slow

COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m")
MANY = re.compile(rb"\x1b\[[0-9;]*(?:38|48);[25]")


def test_no_color_means_no_colour_at_all(pretended: Open) -> None:
    screen = pretended("busy", NO_COLOR="1")
    screen.shows("q quit")
    screen.press(b"e\r")
    screen.listen(1.5)

    assert not COLOUR.search(screen.raw)
    assert b"\x1b[1;39;49m" in screen.raw


def test_an_empty_no_color_asks_for_nothing(pretended: Open) -> None:
    screen = pretended("busy", NO_COLOR="")
    screen.shows("q quit")

    assert COLOUR.search(screen.raw)


def test_the_linux_console_gets_sixteen_colours_and_ascii(pretended: Open) -> None:
    screen = pretended("busy", TERM="linux", LANG="C", COLORTERM="truecolor")
    screen.shows("q quit")
    screen.press(b"?")
    screen.listen(1)

    assert COLOUR.search(screen.raw)
    assert not MANY.search(screen.raw)
    assert max(screen.raw) < 0x80
    assert b"\x1b]" not in screen.raw
    assert any("* run" in line for line in screen.lines)


@pytest.mark.parametrize("locale", [{"LC_ALL": "POSIX"}, {"LANG": "C"}, {"LANG": ""}])
def test_without_utf8_the_letters_are_ascii_and_the_columns_stay(pretended: Open, locale: dict[str, str]) -> None:
    screen = pretended("still", TERM="vt100", **locale)
    screen.shows("q quit")

    assert max(screen.raw) < 0x80
    heading = next(line for line in screen.lines if "SOURCE" in line)
    row = next(line for line in screen.lines if "github" in line and "run" in line)
    assert len(row.rstrip()) == len(heading.rstrip())


def test_plain_letters_can_be_asked_for(pretended: Open) -> None:
    screen = pretended("still", "--ascii")
    screen.shows("q quit")

    assert max(screen.raw) < 0x80


def test_256_colours_are_used_where_there_are_no_more(pretended: Open) -> None:
    screen = pretended("still", TERM="xterm-256color")
    screen.shows("q quit")

    assert b"38;5;" in screen.raw
    assert b"38;2;" not in screen.raw


@pytest.mark.parametrize("kind", ["dumb", "unknown"])
def test_a_dumb_terminal_gets_plain_lines(terminal: Open, kind: str) -> None:
    screen = terminal("run", "pr0gramm", "--limit", "1", TERM=kind)

    assert screen.ends() == 3
    assert b"\x1b" not in screen.raw
    assert b"Started pr0gramm" in screen.raw


def test_what_is_no_terminal_gets_plain_lines(tmp_path: Path, terminal: Open) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tui", "run", "pr0gramm", "--limit", "1", "--config", "c.toml", "--db", "rows.db"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 3
    assert b"\x1b" not in ended.stdout + ended.stderr


def test_over_ssh_the_keyboard_protocol_stays_off(terminal: Open) -> None:
    at_home, over_ssh = terminal("run"), terminal("run", SSH_CONNECTION="10.0.0.1 1 10.0.0.2 22")
    at_home.shows("q quit")
    over_ssh.shows("q quit")

    assert b"\x1b[>25u" in at_home.raw
    assert b"\x1b[>25u" not in over_ssh.raw


def test_the_mouse_stays_the_persons(pretended: Open) -> None:
    screen = pretended("still")
    screen.shows("q quit")

    assert not re.search(rb"\x1b\[\?(1000|1002|1003|1006|1016)h", screen.raw)


def test_m_takes_the_mouse_and_gives_it_back(pretended: Open) -> None:
    screen = pretended("still")
    screen.shows("q quit")

    screen.press(b"m")
    screen.shows("m gives it back")
    assert b"\x1b[?1000h" in screen.raw
    assert not re.search(rb"\x1b\[\?(1002|1003|1016)h", screen.raw)
    screen.press(b"m")
    screen.shows("the terminal's again")
    assert screen.raw.rfind(b"\x1b[?1000l") > screen.raw.rfind(b"\x1b[?1000h")


def test_a_mouse_that_was_asked_for_is_on_from_the_start_and_off_in_the_end(terminal: Open) -> None:
    screen = terminal("run", "pr0gramm", "--mouse")
    screen.shows("q quit")
    screen.press(b"\x1b[<0;5;2M\x1b[<0;5;2m\x1b[<64;5;9M")

    assert b"\x1b[?1000h" in screen.raw
    screen.process.terminate()
    screen.ends()
    assert screen.raw.rfind(b"\x1b[?1000l") > screen.raw.rfind(b"\x1b[?1000h")
