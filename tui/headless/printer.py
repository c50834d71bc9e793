"""Prints lines and a status block to a stream: a terminal with or without colour, or a file."""

import os
from collections.abc import Mapping, Sequence
from typing import Final, TextIO

from engine.common.text import clean
from tui.headless.lines import Line, Tone
from tui.terminal.preferences import moves_cursor

_WIDTH: Final = 12
_LONGEST: Final = 2000
_COLOURS: Final = {Tone.GOOD: "32", Tone.QUIET: "36", Tone.WARNING: "33", Tone.ERROR: "31"}
_NO_WRAP: Final = "\x1b[?7l"
_WRAP: Final = "\x1b[?7h"


def is_terminal(stream: TextIO | None, environ: Mapping[str, str]) -> bool:
    """Return whether a stream is a terminal that can move its cursor."""
    try:
        return stream is not None and stream.isatty() and moves_cursor(environ)
    except ValueError:
        return False


class Printer:
    """Prints lines above a block of status lines.

    If the stream breaks, nothing more is printed, and the harvest goes on.
    """

    def __init__(self, stream: TextIO, *, environ: Mapping[str, str] = os.environ, quiet: bool = False) -> None:
        self.live: Final = is_terminal(stream, environ) and not quiet
        """Whether the status is redrawn in place; otherwise it is printed from time to time."""
        self._colour = is_terminal(stream, environ) and not environ.get("NO_COLOR")
        self._stream = stream
        self._quiet = quiet
        self._drawn = 0
        self._broken = False

    def line(self, line: Line) -> None:
        """Print a permanent line above the status block."""
        if not self._quiet or line.tone is Tone.ERROR:
            self._write(self._erased() + self._format(line) + "\n")

    def status(self, lines: Sequence[Line]) -> None:
        """Redraw the status block; on a stream that cannot be redrawn, print it."""
        if self._quiet:
            return
        text = "".join(f"{self._format(line)}\n" for line in lines)
        before = self._erased()
        if self.live:
            self._drawn = len(lines)
            text = f"{_NO_WRAP}{text}{_WRAP}"
        self._write(before + text)

    def clear(self) -> None:
        """Remove the status block."""
        self._write(self._erased())

    def _erased(self) -> str:
        drawn, self._drawn = self._drawn, 0
        return f"\x1b[{drawn}A\x1b[J" if drawn else ""

    def _format(self, line: Line) -> str:
        verb = f"{line.verb:>{_WIDTH}}"
        if self._colour:
            verb = f"\x1b[1;{_COLOURS[line.tone]}m{verb}\x1b[0m"
        text = f"{line.source}  {line.text}" if line.source else line.text
        return f"{verb} {clean(text, _LONGEST)}"  # cleaned by the engine already; this is the last point before output

    def _write(self, text: str) -> None:
        if self._broken or not text:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._broken = True
