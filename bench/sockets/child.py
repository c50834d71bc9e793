"""Runs a simulator in a separate process, so that serving takes no CPU time from what is measured."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, Final, TypeVar

T = TypeVar("T")
PATIENCE: Final = 30.0
"""Seconds that the process has to start, and again to end."""


@contextmanager
def child(
    serve: "Callable[[T, Connection[object, object]], None]", what: T
) -> "Iterator[tuple[Any, Connection[object, object]]]":
    """Run `serve` in a process; yield its first message, and the connection for orders. The order None ends it.

    Raises:
        RuntimeError: the process sends no message in time.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(what, theirs), daemon=True)
    process.start()
    try:
        if not ours.poll(PATIENCE):
            raise RuntimeError(f"the simulator did not start within {PATIENCE:g} s")
        yield ours.recv(), ours
    finally:
        ours.send(None)
        process.join(PATIENCE)
