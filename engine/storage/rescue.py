"""Saves a database that has lost its name: the open connection still reads what the folder shows no more."""

import os
import sqlite3
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

from engine.common.private_files import make_file

_Failed = (sqlite3.Error, OSError)


def rescue(connection: sqlite3.Connection, file: Path) -> tuple[bool, str]:
    """Copy an open database to NAME.rescue beside its old place.

    Return whether that could be done, and say in words where it is, or why it could not be.
    """
    target: Path | None = None
    try:
        target = _new_file(file)
        with closing(sqlite3.connect(target, isolation_level=None)) as copy:
            connection.backup(copy)
            copy.execute("pragma wal_checkpoint(truncate)")
    except _Failed as error:
        if target is not None:
            for part in (target, target.with_name(f"{target.name}-wal"), target.with_name(f"{target.name}-shm")):
                with suppress(OSError):
                    part.unlink()
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return False, f"what it held could not be saved ({reason})"
    return True, f"what it held is in {target}: move that to {file} to go on with it"


def _new_file(file: Path) -> Path:
    for number in count(1):
        target = file.with_name(f"{file.name}.rescue{'' if number == 1 else f'-{number}'}")
        if not os.path.lexists(target) and make_file(target):
            return target
    raise AssertionError("count never ends")
