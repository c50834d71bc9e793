"""The process behind one browser: fetchdeck as in a terminal, with a pipe to the server instead."""

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
"""The line that textual-serve waits for before it forwards anything."""
_LONGEST: Final = 1000
_LAST: Final = 5


def run(argv: Sequence[str]) -> int:
    """Run fetchdeck. Errors before the screen opens are shown in the browser too.

    SIGHUP is reset to its default, because it reports that the browser is gone; a server under nohup would pass on that
    it is ignored.
    """
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    errors = io.StringIO()
    with redirect_stderr(errors):
        code = main(argv, served=True)
    lines = [clean(line, _LONGEST) for line in errors.getvalue().splitlines()]
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    _show(sys.__stdout__.fileno() if sys.__stdout__ else 1, "\r\n".join(lines[-_LAST:]))
    return code


def _show(handle: int, text: str) -> None:
    """Show a text in the browser, in the driver's protocol. After a screen was open, this has no effect."""
    data = text.encode()
    try:
        os.write(handle, PRELUDE + b"D" + len(data).to_bytes(4, "big") + data)
        os.write(handle, b'M\x00\x00\x00\x10{"type": "exit"}')
    except OSError:  # the server is gone
        return


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
