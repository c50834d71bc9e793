"""The clipboard: tmux's buffer, the machine's clipboard or the terminal's, the first that works; and always a file."""

import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.common.atomic_file import open_atomic
from engine.common.paths import tilde
from engine.common.private_files import make_folder

OSC_BYTES: Final = 74_000
"""Terminals drop longer sequences: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html."""
SECONDS: Final = 2.0
Run = Callable[[Sequence[str], bytes], bool]
"""Runs a program with standard input; returns whether it succeeded."""


@dataclass(frozen=True, slots=True)
class Way:
    """A program that reads the text from standard input."""

    name: str
    argv: tuple[str, ...]


def ways(environ: Mapping[str, str], which: Callable[[str], str | None] = shutil.which) -> list[Way]:
    """Return the programs to try, in order.

    Over SSH the clipboard of the remote machine is not the user's, so it is left out.
    """
    found = []
    if environ.get("TMUX"):
        found.append(Way("the tmux buffer", ("tmux", "load-buffer", "-w", "-")))
        found.append(Way("the tmux buffer", ("tmux", "load-buffer", "-")))
    if not environ.get("SSH_CONNECTION"):
        found.append(Way("the clipboard", ("pbcopy",)))
        if environ.get("WAYLAND_DISPLAY"):
            found.append(Way("the clipboard", ("wl-copy",)))
        if environ.get("DISPLAY"):
            found.append(Way("the clipboard", ("xclip", "-selection", "clipboard")))
            found.append(Way("the clipboard", ("xsel", "--clipboard", "--input")))
    return [way for way in found if which(way.argv[0])]


def run(argv: Sequence[str], text: bytes) -> bool:
    """Run a program without reading its output, because some of them stay in the background."""
    try:
        ended = subprocess.run(  # noqa: S603 -- a fixed list of programs, and no shell
            argv,
            input=text,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0


class Clipboard:
    """Copies text. This may take seconds, so call it in a thread."""

    def __init__(self, *, file: Path, ways: Sequence[Way], run: Run = run) -> None:
        self._file = file
        self._ways = ways
        self._run = run

    def copy(self, text: str, terminal: Callable[[str], None]) -> str:
        """Copy a text; return in a sentence where it is. `terminal` sends it to the terminal's clipboard (OSC 52)."""
        saved = self._save(text)
        for way in self._ways:
            if self._run(way.argv, text.encode()):
                return f"copied to {way.name}; {saved}"
        if len(text.encode()) > OSC_BYTES:
            return f"too long for the terminal's clipboard; {saved}"
        terminal(text)
        return f"sent to the terminal's clipboard; {saved}"

    def _save(self, text: str) -> str:
        try:
            make_folder(self._file.parent)
            with open_atomic(self._file, mode=0o600) as stream:
                stream.write(f"{text}\n".encode(errors="replace"))
        except OSError as error:
            return f"no file: {tilde(self._file)}: {error.strerror}"
        return f"also in {tilde(self._file)}"
