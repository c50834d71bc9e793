"""The process behind one browser: fetchdeck as in a terminal, with a pipe to the server in its place."""

import io
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr
from typing import Final

from engine.common.text import clean
from tui.__main__ import main

PRELUDE: Final = b"__GANGLION__\n"
"""What textual-serve waits for before it passes anything on."""
_LONGEST: Final = 1000
_LAST: Final = 5


def run(argv: Sequence[str]) -> int:
    """Run fetchdeck; what keeps the screen from opening is said in the browser too.

    SIGHUP must not be ignored, though it is where the server runs under nohup: it says that the browser has gone.
    """
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    said = io.StringIO()
    with redirect_stderr(said):
        code = main(argv, served=True)
    lines = [clean(line, _LONGEST) for line in said.getvalue().splitlines()]
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    _tell(sys.__stdout__.fileno() if sys.__stdout__ else 1, "\r\n".join(lines[-_LAST:]))
    return code


def _tell(handle: int, text: str) -> None:
    """Show a text in the browser, as the driver would. Where the screen was open, this leads nowhere any more."""
    data = text.encode()
    try:
        os.write(handle, PRELUDE + b"D" + len(data).to_bytes(4, "big") + data)
        os.write(handle, b'M\x00\x00\x00\x10{"type": "exit"}')
    except OSError:  # the server has gone
        return


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
