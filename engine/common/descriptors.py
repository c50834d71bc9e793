"""How many files and connections this process may open."""

import errno
import os
import resource
from pathlib import Path
from typing import Final

RESERVE: Final = 20
"""Descriptors kept for what is opened beside the harvest: readers of the database, exports, pipes of git, the log."""


def most_descriptors() -> int | None:
    """Return how many the process may have open; None without a limit."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return None if soft == resource.RLIM_INFINITY else soft


def descriptors_left() -> int | None:
    """Return how many connections may still be opened, the reserve left out; None where there is no telling."""
    most = most_descriptors()
    try:
        opened = sum(1 for _ in Path("/dev/fd").iterdir())
    except OSError:
        return None
    return None if most is None else max(most - opened - RESERVE, 0)


def none_left() -> bool:
    """Whether no more can be opened. Libraries do not pass this error on, so it is found out by opening one."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
    except OSError as error:
        return error.errno in {errno.EMFILE, errno.ENFILE}
    return False


def bound() -> str:
    """Say the limit in words."""
    most = most_descriptors()
    return (
        "the system has no descriptors left"
        if most is None
        else (f"the process may open no more than {most:,} files (ulimit -n)")
    )
