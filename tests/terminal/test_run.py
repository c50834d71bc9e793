"""fetchdeck in a real pseudo-terminal of 80x24."""

import json
import signal

import pytest

from tests.terminal.conftest import Open
from tests.terminal.terminal import Terminal


def quit_by_hand(screen: Terminal) -> None:
    """Press q as a person does: once, read, and once more."""
    screen.press(b"q")
    screen.shows("q again")
    screen.listen(0.3)
    screen.press(b"q")


def test_a_run_is_drawn_and_q_leaves_with_code_130_and_the_summary(terminal: Open) -> None:
    screen = terminal("run", "pr0gramm", "--json")
    screen.shows("q quit")

    quit_by_hand(screen)

    assert screen.ends() == 130
    last = screen.raw.decode().rstrip().rpartition("\n")[2]
    assert json.loads(last)["exit_code"] == 130
    assert b"Database" in screen.raw


def test_a_limit_leaves_code_3_when_the_person_leaves(terminal: Open) -> None:
    screen = terminal("run", "pr0gramm", "--limit", "1")
    screen.shows("stopped after")

    screen.press(b"q")

    assert screen.ends() == 3


def test_without_a_command_sources_are_chosen_first(terminal: Open) -> None:
    screen = terminal()
    screen.shows("choose sources")

    screen.press(b"q")

    assert screen.ends() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_the_terminal_as_it_was(terminal: Open, number: signal.Signals) -> None:
    screen = terminal("run", "pr0gramm")
    screen.shows("q quit")

    screen.process.send_signal(number)

    assert screen.ends() == 128 + number
    assert screen.restored()


def test_an_error_before_the_screen_is_a_line(terminal: Open) -> None:
    screen = terminal("run", "pr0gramm", "--set", "pr0gramm.flags=x")

    assert screen.ends() == 2
    assert b"\x1b[?1049h" not in screen.raw
    assert screen.raw.startswith(b"fetchdeck: error: --set pr0gramm.flags: got ")


def test_headless_on_a_terminal_redraws_its_status(terminal: Open) -> None:
    screen = terminal("run", "pr0gramm", "--headless")
    screen.shows("Fetched pr0gramm")

    screen.process.send_signal(signal.SIGINT)

    assert screen.ends() == 130
    assert b"\x1b[1A\x1b[J" in screen.raw
    assert b"\x1b[1;32m" in screen.raw
