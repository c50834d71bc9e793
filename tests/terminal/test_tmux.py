"""In tmux, with a shell around it: suspension, and what is left behind."""

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.terminal.terminal import AT_ONCE
from tests.terminal.tmux import Tmux, shell

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")]


ON: Final = ["1", "1", "0"]
OFF: Final = ["0", "0", "1"]


def modes(tmux: Tmux) -> list[str]:
    """Say whether the other screen, the mouse and the cursor are on."""
    return [tmux.flag(name) for name in ("alternate_on", "mouse_any_flag", "cursor_flag")]


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    with shell(tmp_path) as found:
        found.type(f"{sys.executable} -m tests.terminal.pretended busy; echo code=$?", "Enter")
        found.shows("q quit")
        yield found


@pytest.mark.parametrize(("name", "code"), [("TERM", 143), ("HUP", 129), ("INT", 130)])
def test_a_signal_leaves_no_mode_behind(tmux: Tmux, name: str, code: int) -> None:
    tmux.type("m")
    tmux.until(lambda: modes(tmux) == ON)

    began = time.monotonic()
    os.kill(tmux.child(), signal.Signals[f"SIG{name}"])

    tmux.shows(f"code={code}")
    assert time.monotonic() - began < AT_ONCE
    assert modes(tmux) == OFF


def test_m_takes_the_mouse_and_gives_it_back(tmux: Tmux) -> None:
    before = tmux.flag("mouse_any_flag")

    tmux.type("m")
    tmux.until(lambda: tmux.flag("mouse_any_flag") == "1")
    tmux.type("m")
    tmux.until(lambda: tmux.flag("mouse_any_flag") == "0")

    assert before == "0"


@pytest.mark.parametrize("fault", ["timer", "worker", "render"])
def test_a_crash_leaves_no_mode_and_no_secret_behind(tmp_path: Path, fault: str) -> None:
    with shell(tmp_path) as tmux:
        tmux.type(f"{sys.executable} -m tests.terminal.pretended {fault} --mouse; echo code=$?", "Enter")
        tmux.shows("code=70", "the log has it whole: ~/.local/state/fetchdeck/log/fetchdeck.log")

        assert modes(tmux) == OFF
        assert "s3cr3t" not in tmux.run("capture-pane", "-p", "-J", "-S", "-")


@pytest.mark.parametrize("how", ["ctrl+z", "kill -TSTP"])
def test_a_suspension_gives_the_shell_and_fg_the_screen_at_the_new_size(tmux: Tmux, how: str) -> None:
    if how == "ctrl+z":
        tmux.type("C-z")
    else:
        os.kill(tmux.child(), signal.SIGTSTP)
    tmux.shows("fetchdeck is suspended")
    tmux.type("echo it is $((40 + 2))", "Enter")
    tmux.shows("it is 42")
    assert modes(tmux) == OFF

    tmux.run("resize-window", "-x", "120", "-y", "40")
    tmux.type("fg", "Enter")

    tmux.shows("was suspended for")
    tmux.shows("q quit")
    assert tmux.flag("alternate_on") == "1"
    tmux.until(lambda: max(len(line) for line in tmux.text().splitlines()) > 100)


def test_a_stop_nobody_can_catch_is_survived_as_well(tmux: Tmux) -> None:
    os.kill(tmux.child(), signal.SIGSTOP)
    tmux.shows("Stopped")
    tmux.type("fg", "Enter")

    tmux.type("?")

    tmux.shows("esc closes")


def test_y_puts_the_row_into_the_buffer_of_tmux_and_into_a_file(tmux: Tmux, tmp_path: Path) -> None:
    tmux.type("e", "Tab", "y")

    tmux.shows("copied to the tmux buffer; also in ~/.local/state/fetchdeck/copied.txt")
    copied = (tmp_path / ".local/state/fetchdeck/copied.txt").read_text()
    assert "pr0gramm 429" in copied
    assert tmux.run("show-buffer").strip() == copied.strip()
