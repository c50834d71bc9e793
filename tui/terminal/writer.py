"""Writes to the terminal in its own thread, so that the screen never waits for it.

Textual's own writer has a queue of 30 entries. A terminal that accepts no more bytes fills it and then blocks the event
loop, and with it every key and signal
(https://github.com/Textualize/textual/blob/v8.2.8/src/textual/drivers/_writer_thread.py).
"""

import os
import select
import threading
from contextlib import suppress
from typing import Final, TextIO

from textual.drivers._writer_thread import WriterThread

from tui.terminal.traffic import Line

PIECE: Final = 1024
"""Bytes in one write, so that progress on a slow line can be measured."""
MOST: Final = 2 * 1024 * 1024
"""The most bytes that may wait. Beyond it they are all dropped, and the screen is repainted once the line recovers."""
STALLED: Final = 0.5
"""Seconds without progress after which `stop` abandons the writer's thread."""


def private(handle: int) -> int:
    """Open the terminal once more for writing without blocking.

    O_NONBLOCK on `handle` itself would also apply to the shell, which shares the open file. A blocked write would also
    block every other writer, such as the code that restores the terminal.
    """
    with suppress(OSError):
        return os.open(os.ttyname(handle), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    return os.dup(handle)


class Writer(WriterThread):
    """Accepts text at any time and never blocks; `Line` counts what was sent."""

    def __init__(self, file: TextIO, line: Line) -> None:
        super().__init__(file)
        self._line = line
        self._handle = private(file.fileno())
        self._encoding = file.encoding or "utf-8"
        self._waiting: list[bytes] = []
        self._size = 0
        self._change = threading.Condition()
        self._closing = False
        self._abandoned = False

    def write(self, text: str) -> None:
        """Queue text; return at once."""
        data = text.encode(self._encoding, "replace")
        with self._change:
            if self._line.gone or self._closing or not data:
                return
            if self._size + len(data) > MOST:
                # Dropping only the oldest bytes would cut escape sequences in two; the screen is repainted anyway.
                self._line.dropped(self._size)
                self._waiting, self._size = [], 0
            self._waiting.append(data)
            self._size += len(data)
            self._line.queued(len(data))
            self._change.notify()

    def run(self) -> None:
        """Write until `stop` was called and nothing waits."""
        try:
            while (data := self._next()) and not self._abandoned:
                self._send(memoryview(data))
        except OSError:  # EIO: the other end of the terminal was closed
            self._line.gone = True
        finally:
            os.close(self._handle)

    def stop(self) -> None:
        """Wait until the queue is empty, as long as the terminal accepts bytes."""
        with self._change:
            self._closing = True
            self._change.notify()
        while self.is_alive():
            before = self._line.total
            self.join(STALLED)
            if self._line.total == before:
                # The terminal is stalled. Waiting on would keep the process from ending.
                self._abandoned = True
                self._line.dropped(self._line.backlog)
                return

    def _next(self) -> bytes:
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._closing)
            data = b"".join(self._waiting)
            self._waiting, self._size = [], 0
            return data

    def _send(self, data: memoryview) -> None:
        while data and not self._abandoned:
            try:
                written = os.write(self._handle, data[:PIECE])
            except BlockingIOError:
                select.select([], [self._handle], [], STALLED / 2)
                continue
            self._line.sent(written)
            data = data[written:]
