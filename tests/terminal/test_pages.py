"""What the way through a harvest does not pass: every other page and key, at 80x24 without colour."""

from pathlib import Path

import pytest

from engine.model.commands import (
    Automatic,
    ChangeCap,
    ChangeLimit,
    Command,
    Fill,
    Pause,
    Quarantine,
    Retry,
    SetCap,
    SetPin,
)
from tests.terminal.conftest import Open
from tests.terminal.terminal import Terminal
from tests.terminal.test_kinds import COLOUR

pytestmark = pytest.mark.slow

UP, DOWN, PAGE_UP, PAGE_DOWN = b"\x1b[A", b"\x1b[B", b"\x1b[5~", b"\x1b[6~"


@pytest.fixture
def person(pretended: Open) -> Terminal:
    """Someone before a harvest that stands still."""
    screen = pretended("still", NO_COLOR="1")
    screen.shows("q quit")
    return screen


def does(person: Terminal, keys: bytes, *seen: str) -> None:
    """Press a key, or type, and wait until all of it is seen."""
    person.press(keys)
    for text in seen:
        person.shows(text)


def goes_back(person: Terminal, text: str) -> None:
    """Press escape, and wait until a text is seen no more: a key that came with it would be another one."""
    person.press(b"\x1b")
    person.until(lambda: not any(text in line for line in person.lines), f"end of {text}")


def marks(person: Terminal, keys: bytes, text: str) -> None:
    """Press a key, and wait until the cursor, which is no colour, is on a line."""
    person.press(keys)
    person.until(lambda: any(text in line for line in person.inverted), text)


def commands(folder: Path) -> list[str]:
    """Return what the engine has been told."""
    file = folder / "commands.txt"
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def told(person: Terminal, folder: Path, keys: bytes, command: Command) -> None:
    """Press a key, and wait until the engine has been told."""
    person.press(keys)
    person.until(lambda: str(command) in commands(folder), str(command))


def test_any_source_is_reached(person: Terminal) -> None:
    for keys, name in [
        (b"j", "▸2 pr0gramm"), (DOWN, "▸3 videos"), (b"k", "▸2 pr0gramm"), (UP, "▸1 github"), (b"G", "▸5 anime"),
        (b"g", "▸1 github"), (b"4", "▸4 gitlab"), (b"\x1b[H", "▸1 github"), (b"\x1b[F", "▸5 anime"),
    ]:  # fmt: skip
        does(person, keys, name)


def test_workers_are_steered(person: Terminal, tmp_path: Path) -> None:
    keys_and_commands: list[tuple[bytes, Command]] = [
        (b"+", ChangeLimit("github", 1)), (b"-", ChangeLimit("github", -1)), (b"<", ChangeCap("github", -1)),
        (b">", ChangeCap("github", 1)), (b"p", SetPin("github")), (b"=", Automatic("github")),
        (b" ", Pause("github")), (b"P", Pause()),
    ]  # fmt: skip
    for keys, command in keys_and_commands:
        told(person, tmp_path, keys, command)
    does(person, b"2", "▸2 pr0gramm")

    for words, command in ((b"pin 5", SetPin("pr0gramm", 5)), (b"cap 4", SetCap("pr0gramm", 4))):
        does(person, b":", "fetchdeck ▸ commands")
        does(person, words, f":{words.decode()}▏")
        told(person, tmp_path, b"\r", command)


def test_the_log_is_read_as_one_likes(person: Terminal) -> None:
    does(person, b"L", "warn+ following")
    does(person, b"L", "error+ following")
    does(person, b"L", "─ following ●")
    does(person, PAGE_UP, "frozen, 0 newer")
    does(person, b"f", "─ following ●")
    marks(person, b"N", "14:42:50 ! warn  pr0gramm/02")
    marks(person, b"N", "14:42:49 ✖ error videos/07")
    marks(person, b"n", "14:42:50 ! warn  pr0gramm/02")
    does(person, b"Y", "also in ~/.local/state/fetchdeck/copied.txt")
    does(person, b"f", "─ following ●")
    does(person, b"t", "\N{MIDDLE DOT} info  github/core/06 200 GET /repos/o/r/issues?page=3999  41.2 kB  231ms")
    does(person, b"z")
    person.until(lambda: not any("SOURCE" in line for line in person.lines), "log alone")
    does(person, b"z", "SOURCE")
    does(person, b"W", "log of worker github/")
    does(person, b"6", "github/core/6▏")
    does(person, b"\r", "/re:github/core/06")
    goes_back(person, "/re:github")


def test_workers_and_decisions_are_looked_at(person: Terminal) -> None:
    does(person, b"w", "[w Workers]")
    does(person, b"\t", "▸core/00")
    does(person, b"j", "▸core/01")
    does(person, b"\r", "[l Log]", "/re:github/core/01")
    goes_back(person, "/re:github")
    does(person, b"d", "[d Decisions]", "queue 180 ms over base 208 ms")
    marks(person, b"N", "01-01 14:21:31 core        12 to 8")
    does(person, b"f", "following ●")


def test_charts_are_turned_to_and_widened(person: Terminal) -> None:
    does(person, b"\r", "fetchdeck ▸ github", "[req/s]", "last 4m48")
    does(person, b"]", "[in flight]")
    does(person, b"[", "[req/s]")
    does(person, b"u", "last 57m36")


def test_errors_are_muted_set_aside_let_out_and_exported(person: Terminal, tmp_path: Path) -> None:
    does(person, b"ee", "fetchdeck ▸ errors")
    does(person, b"i", "1 muted", "▸    16")
    does(person, b"I", "muted: refused ten times")
    does(person, b"D", "set 214 failed requests of pr0gramm aside, until released? y/N")
    told(person, tmp_path, b"y", Quarantine("pr0gramm", "pr0gramm-429"))
    does(person, b"U", "errors ▸ quarantine", "3 requests")
    does(person, b"R", "2 requests")
    does(person, b"A", "release 2 requests from quarantine? y/N")
    does(person, b"y", "0 requests")
    goes_back(person, "quarantine  ")
    told(person, tmp_path, b"R", Retry("pr0gramm", "pr0gramm-429"))
    does(person, b"A", "retry all 234 failed requests? y/N")
    told(person, tmp_path, b"y", Retry())
    does(person, b"E", ".csv")
    does(person, b"J", ".jsonl")
    does(person, b"y", "also in ~/.local/state/fetchdeck/copied.txt")


def test_parts_are_filled_and_changes_are_seen(person: Terminal, tmp_path: Path) -> None:
    does(person, b"C", "fetchdeck ▸ coverage ▸ github")
    does(person, b"o", "▸✖ failed")
    does(person, b"\t", "coverage ▸ pr0gramm", "▸○ missing")
    told(person, tmp_path, b"F", Fill("pr0gramm", ("1-4999999",)))
    does(person, b"A", "fetch 2 parts of pr0gramm? y/N")
    does(person, b"y", "fetches 2 of 2 parts")
    does(person, b"q", "▸1 github")
    does(person, b"h", "fetchdeck ▸ changes")
    does(person, b"a", "in all: 12 new, 3 changed, 2 renamed, 1 gone")
    does(person, b"q", "▸1 github")


def test_the_screen_says_what_it_sends_and_ctrl_c_leaves_without_a_colour_all_along(person: Terminal) -> None:
    does(person, b"B", "kB/s")
    does(person, b"\x03", "q again")
    person.listen(0.4)  # a second press that comes at once is no person's
    person.press(b"\x03")

    assert person.ends() == 130
    assert person.restored()
    assert not COLOUR.search(person.raw)
