"""Asks the program `sqlite3` for what its `.recover` finds: it reads every page, whether or not a tree leads there."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

PROGRAM: Final = "sqlite3"


@contextmanager
def recovered(file: Path, folder: Path) -> Iterator[Path | None]:
    """Return a temporary database with what the program finds, until the block ends; None where it cannot.

    It is made in `folder`, because the temporary folder of a machine may be small.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        yield None
        return
    with TemporaryDirectory(prefix=".fetchdeck-repair-", dir=folder) as place:
        target = Path(place) / "recovered.db"
        yield target if _recover(program, file, target) else None


def _recover(program: str, file: Path, target: Path) -> bool:
    # Without ~/.sqliterc, which may print and set anything. What is deleted stays deleted (`--ignore-freelist`). The
    # program reads lines that begin with a dot as commands only between statements: a row cannot bring one.
    plain = [program, "-batch", "-init", os.devnull]
    nothing = subprocess.DEVNULL
    with subprocess.Popen(  # noqa: S603 -- a program of the system, and no shell
        [*plain, "-readonly", str(file), ".recover --ignore-freelist"],
        stdin=nothing,
        stdout=subprocess.PIPE,
        stderr=nothing,
    ) as reading:
        subprocess.run(  # noqa: S603 -- likewise
            [*plain, str(target)], stdin=reading.stdout, stdout=nothing, stderr=nothing, check=False
        )
    try:
        with closing(sqlite3.connect(target)) as db:
            return bool(db.execute("select count(*) from sqlite_master").fetchone()[0])
    except sqlite3.Error:
        return False
