"""The log file. Nothing is logged to the terminal, because the screen is drawn there."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from engine.common.private_files import make_folder
from engine.common.redaction import redact

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_MOST_BYTES: Final = 2 * 1024 * 1024
_VERBOSE: Final = ("asyncio", "httpx2", "httpcore2", "markdown_it")


class _Redacted(logging.Formatter):
    """Formats records, with their tracebacks, without the secrets of this process."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class PrivateRotatingFile(RotatingFileHandler):
    """A rotating log file that only its owner can read."""

    def __init__(self, file: Path) -> None:
        make_folder(file.parent)
        super().__init__(file, maxBytes=_MOST_BYTES, backupCount=3, encoding="utf-8", delay=True)
        self.setFormatter(_Redacted(_FORMAT))

    def _open(self) -> TextIOWrapper:
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return os.fdopen(handle, "a", encoding=self.encoding)


@contextmanager
def logging_to(file: Path) -> Iterator[None]:
    """Log to a file while entered, from a separate thread. If the folder cannot be created, nothing is logged."""
    try:
        handler = PrivateRotatingFile(file)
    except OSError:
        yield
        return
    # Records go through a queue, so that a slow disk blocks neither the engine's event loop nor the screen's.
    queue: SimpleQueue[logging.LogRecord] = SimpleQueue()
    listener = QueueListener(queue, handler)
    entry = QueueHandler(queue)
    root = logging.getLogger()
    root.addHandler(entry)
    root.setLevel(logging.INFO)
    for name in _VERBOSE:
        logging.getLogger(name).setLevel(logging.WARNING)
    listener.start()
    try:
        yield
    finally:
        root.removeHandler(entry)
        listener.stop()
        handler.close()


def log_crash(file: Path, error: BaseException) -> bool:
    """Write an unexpected exception to the log file, with its traceback but without the values of variables."""
    try:
        handler = PrivateRotatingFile(file)
        record = logging.LogRecord(
            "fetchdeck", logging.CRITICAL, __file__, 0, "crashed", (), (type(error), error, error.__traceback__)
        )
        handler.stream = handler.stream or handler._open()  # noqa: SLF001 -- our own class
        handler.stream.write(handler.format(record) + "\n")
        handler.close()
    except OSError:
        return False
    return True
