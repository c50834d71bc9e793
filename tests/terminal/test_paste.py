"""What is pasted is never a command to end anything."""

import re
from pathlib import Path

import pytest

from tests.terminal.conftest import Open
from tests.terminal.payloads import FINGERPRINTS, HOSTILE

pytestmark = pytest.mark.slow

PASTE = b"q\n:quit\nX\ny\n"
WORSE = PASTE + b"q\nqqq\x03\nq\n"
DESTRUCTIVE = re.compile(r"Stop|Retry|Quarantine|Release|Fill")


@pytest.mark.parametrize("text", [PASTE, WORSE])
def test_a_bracketed_paste_does_nothing(pretended: Open, tmp_path: Path, text: bytes) -> None:
    screen = pretended("still")
    screen.shows("q quit")
    before = screen.lines

    screen.press(b"\x1b[200~" + text + b"\x1b[201~")
    screen.listen(1)

    assert screen.lines == before
    assert not (tmp_path / "commands.txt").exists()


@pytest.mark.parametrize("where", [b"", b"ee", b"C"], ids=["dashboard", "triage", "coverage"])
@pytest.mark.parametrize("text", [PASTE, WORSE])
def test_an_unbracketed_paste_ends_nothing(pretended: Open, tmp_path: Path, text: bytes, where: bytes) -> None:
    screen = pretended("still")
    screen.shows("q quit")
    screen.press(where)
    screen.listen(0.5)

    screen.press(text)
    screen.listen(1.5)

    assert screen.process.poll() is None
    assert not any("stopping" in line or "stopped" in line for line in screen.lines)
    for _ in range(3):  # the letters may have opened a page or two
        screen.press(b"\x1b")
        screen.listen(0.5)
    assert any("running" in line for line in screen.lines)
    commands = tmp_path / "commands.txt"
    assert not commands.exists() or not DESTRUCTIVE.search(commands.read_text())


def test_a_person_who_means_it_leaves(pretended: Open) -> None:
    screen = pretended("still")
    screen.shows("q quit")

    screen.press(b"q")
    screen.shows("q again")
    screen.listen(0.4)
    screen.press(b"q")

    assert screen.ends() == 130
    assert screen.restored()


def test_a_paste_into_the_filter_is_one_line_and_inert(pretended: Open) -> None:
    screen = pretended("still", size=(120, 40))
    screen.shows("q quit")
    screen.press(b"/")
    screen.shows("/▏")

    screen.press(b"\x1b[200~warn\nq\x1b[201~")

    screen.until(lambda: sum("/warn" in line and "q▏" in line for line in screen.lines) == 1, "the one line")
    screen.press(b"\x1b[200~" + "".join(HOSTILE).replace("\x1b[201~", "").encode()[:2000] + b"\x1b[201~")
    screen.listen(1)
    assert [mark for mark in FINGERPRINTS if mark in screen.raw] == []
    assert screen.process.poll() is None


def test_letters_typed_into_the_filter_fire_no_binding(pretended: Open) -> None:
    screen = pretended("still")
    screen.shows("q quit")
    screen.press(b"/")
    screen.shows("/▏")

    screen.press(b"qq?:TePR+-<>= 3")

    screen.shows("/qq?:TePR+-<>= 3▏")
    assert any("running" in line for line in screen.lines)
    screen.press(b"\x1b")
    screen.shows("q quit")
