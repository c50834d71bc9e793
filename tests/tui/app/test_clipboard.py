"""Where a copied text goes."""

import stat
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tui.app.clipboard import OSC_BYTES, Clipboard, Way, run, ways

TMUX = Way("the tmux buffer", ("tmux", "load-buffer", "-w", "-"))


def everything(program: str) -> str:
    return f"/usr/bin/{program}"


@pytest.mark.parametrize(
    ("environ", "programs"),
    [
        ({}, ["pbcopy"]),
        ({"TMUX": "x"}, ["tmux", "tmux", "pbcopy"]),
        ({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, ["pbcopy", "wl-copy", "xclip", "xsel"]),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "a b"}, []),
        ({"TMUX": "x", "SSH_CONNECTION": "a b"}, ["tmux", "tmux"]),
    ],
)
def test_tmux_comes_first_and_over_ssh_no_clipboard_of_the_far_machine(
    environ: dict[str, str], programs: list[str]
) -> None:
    assert [way.argv[0] for way in ways(environ, everything)] == programs


def test_a_program_that_is_not_there_is_not_tried() -> None:
    assert ways({"TMUX": "x"}, lambda _: None) == []


def test_the_first_way_that_works_is_taken_and_the_file_is_named(tmp_path: Path) -> None:
    tried: list[str] = []
    terminal: list[str] = []

    def second(argv: Sequence[str], text: bytes) -> bool:
        tried.append(argv[0])
        return argv[0] == "wl-copy" and text == b"a\nb"

    clipboard = Clipboard(file=tmp_path / "new" / "copied.txt", ways=[TMUX, Way("w", ("wl-copy",))], run=second)
    said = clipboard.copy("a\nb", terminal.append)

    assert tried == ["tmux", "wl-copy"]
    assert said == f"copied to w; also in {tmp_path}/new/copied.txt"
    assert (tmp_path / "new" / "copied.txt").read_text() == "a\nb\n"
    assert stat.S_IMODE((tmp_path / "new" / "copied.txt").stat().st_mode) == 0o600
    assert terminal == []


def test_the_terminal_is_asked_last(tmp_path: Path) -> None:
    terminal: list[str] = []
    clipboard = Clipboard(file=tmp_path / "c", ways=[TMUX], run=lambda *_: False)

    assert clipboard.copy("x", terminal.append).startswith("sent to the terminal's clipboard")
    assert clipboard.copy("x" * (OSC_BYTES + 1), terminal.append).startswith("too long for the terminal's clipboard")

    assert terminal == ["x"]


def test_a_file_that_is_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("mine")
    (tmp_path / "c").symlink_to(tmp_path / "target")

    Clipboard(file=tmp_path / "c", ways=[]).copy("x", lambda _: None)

    assert (tmp_path / "target").read_text() == "mine"
    assert (tmp_path / "c").read_text() == "x\n"


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("")

    assert "no file: " in Clipboard(file=tmp_path / "f" / "c", ways=[]).copy("x", lambda _: None)


def test_a_program_gets_the_text_on_its_standard_input(tmp_path: Path) -> None:
    code = f"import sys; open({str(tmp_path / 'got')!r}, 'wb').write(sys.stdin.buffer.read())"

    assert run([sys.executable, "-c", code], b"hello")
    assert (tmp_path / "got").read_bytes() == b"hello"
    assert not run([sys.executable, "-c", "raise SystemExit(3)"], b"")
    assert not run([str(tmp_path / "absent")], b"")
