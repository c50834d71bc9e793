"""Writes to the terminal from a thread of its own, and never makes the screen wait for it.

Textual's own writer has a queue of 30: a terminal that takes no more blocks the event loop, and with it every key and
every signal (https://github.com/Textualize/textual/blob/v8.2.8/src/textual/drivers/_writer_thread.py).
"""

import os
import select
import threading
from contextlib import suppress
from typing import Final, TextIO

from textual.drivers._writer_thread import WriterThread

from tui.terminal.traffic import Line

PIECE: Final = 1024
"""Bytes handed over at a time, so that a slow line shows progress."""
MOST: Final = 2 * 1024 * 1024
"""Bytes that may wait; beyond them all that waits is dropped, and the screen paints itself anew later."""
STALLED: Final = 0.5
"""Seconds without progress after which a writer that should end is left behind."""


def private(handle: int) -> int:
    """Open a terminal once more, to write without ever waiting: what is set on `handle` holds for the shell as well.

    A write that waits would also keep everybody else from writing, who wants to restore the terminal, say.
    """
    with suppress(OSError):
        return os.open(os.ttyname(handle), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    return os.dup(handle)


class Writer(WriterThread):
    """Takes text at any time; the line knows what became of it."""

    def __init__(self, file: TextIO, line: Line) -> None:
        super().__init__(file)
        self._line = line
        self._handle = private(file.fileno())
        self._encoding = file.encoding or "utf-8"
        self._waiting: list[bytes] = []
        self._size = 0
        self._change = threading.Condition()
        self._closing = False
        self._left = False

    def write(self, text: str) -> None:
        """Hand over text; returns at once."""
        data = text.encode(self._encoding, "replace")
        with self._change:
            if self._line.gone or self._closing or not data:
                return
            if self._size + len(data) > MOST:
                self._line.dropped(self._size)
                self._waiting, self._size = [], 0
            self._waiting.append(data)
            self._size += len(data)
            self._line.queued(len(data))
            self._change.notify()

    def run(self) -> None:
        """Write until the end is asked for and nothing waits."""
        try:
            while (data := self._next()) and not self._left:
                self._send(memoryview(data))
        except OSError:
            self._line.gone = True
        finally:
            os.close(self._handle)

    def stop(self) -> None:
        """Wait for what waits, as long as the terminal takes any of it."""
        with self._change:
            self._closing = True
            self._change.notify()
        while self.is_alive():
            before = self._line.total
            self.join(STALLED)
            if self._line.total == before:
                self._left = True
                self._line.dropped(self._line.backlog)
                return

    def _next(self) -> bytes:
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._closing)
            data = b"".join(self._waiting)
            self._waiting, self._size = [], 0
            return data

    def _send(self, data: memoryview) -> None:
        while data and not self._left:
            try:
                written = os.write(self._handle, data[:PIECE])
            except BlockingIOError:
                select.select([], [self._handle], [], STALLED / 2)
                continue
            self._line.sent(written)
            data = data[written:]
