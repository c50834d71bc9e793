"""What is copied outside of tmux."""

import re
from base64 import b64decode
from pathlib import Path

import pytest

from tests.terminal.conftest import Open

pytestmark = pytest.mark.slow


def test_the_terminal_is_asked_to_copy_and_a_file_is_named(pretended: Open, tmp_path: Path) -> None:
    screen = pretended("still", SSH_CONNECTION="10.0.0.1 1 10.0.0.2 22", size=(120, 40))
    screen.shows("q quit")
    screen.press(b"e\t")
    screen.listen(0.5)

    screen.press(b"y")

    screen.shows("also in ~/.local/state/fetchdeck/copied.txt")
    copied = (tmp_path / ".local/state/fetchdeck/copied.txt").read_text().strip()
    asked = re.search(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", screen.raw)
    assert asked is not None
    assert b64decode(asked[1]).decode().strip() == copied
    assert "pr0gramm 429" in copied
