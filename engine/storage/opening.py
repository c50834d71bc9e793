"""How a database is opened: by one writer, which holds the lock beside it, and by readers meanwhile."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from engine.common.errors import StoreFailed, StoreUnusable
from engine.common.paths import tilde
from engine.common.private_files import make_file, make_folder, mode_for_others
from engine.storage import schema
from engine.storage.lock_file import LockFile
from engine.storage.unclean_start import check_pages, closed_state, was_closed
from engine.storage.write_errors import code_of, corrupt, no_room

BUSY_MILLISECONDS: Final = 5000
"""How long SQLite itself waits for another program's lock. Only then do the sources wait as well."""


def claim(path: Path) -> tuple[Path, LockFile]:
    """Find the file that a path leads to, make it if there is none, and lock it. Return the file and its lock.

    Raises:
        StoreUnusable: it cannot be made, has several names, or another process has it.
    """
    # The lock lies beside the file and not beside a link to it: every way to the file must lead to the same lock.
    file = Path(os.path.realpath(path))
    try:
        make_folder(file.parent)
        lock = LockFile(file.with_name(f"{file.name}.lock"))
        lock.acquire()
    except OSError as error:
        raise StoreUnusable(_unwritable(path, error.strerror or str(error))) from error
    try:
        _make(file)
    except OSError as error:
        lock.release(lock.last_words)
        raise StoreUnusable(_unwritable(path, error.strerror or str(error))) from error
    except StoreUnusable:
        lock.release(lock.last_words)
        raise
    return file, lock


def _make(file: Path) -> None:
    # SQLite would make the file with a mode by the umask. It gives the mode of the file to its -wal and -shm.
    if make_file(file) or not file.is_file():
        return
    names = file.stat().st_nlink
    if names > 1:
        raise StoreUnusable(
            f"{tilde(file)} has {names} names (hard links), and under another one a second fetchdeck would not see the"
            f" lock: delete the other names (`find DIR -samefile {tilde(file)}` lists them), or name a copy with --db"
        )


def connect(path: Path, *, check: bool = False, ours: bool = False) -> sqlite3.Connection:
    """Open `path` for writing: see whose file it is, check its pages if asked, set the pragmas, migrate the schema.

    `ours` says that fetchdeck has written to this file before, whatever its first page looks like now.

    Raises:
        StoreUnusable: it is another program's, newer than this one, damaged, or not writable.
    """
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    except sqlite3.Error as error:
        raise StoreUnusable(_unwritable(path, str(error))) from error
    try:
        connection.execute(f"pragma busy_timeout = {BUSY_MILLISECONDS}")
        _check(connection, path)
        if check:
            check_pages(connection, path)
        # WAL lets screens read while the harvest writes. In WAL mode synchronous=NORMAL may lose the last commits on a
        # power failure; FULL does not (https://sqlite.org/pragma.html#pragma_synchronous).
        for pragma in ("foreign_keys = on", "journal_mode = wal", "synchronous = full"):
            connection.execute(f"pragma {pragma}")
        schema.migrate(connection)
    except sqlite3.DatabaseError as error:
        connection.close()
        # sqlite3 reports SQLITE_NOTADB as a plain DatabaseError, so the text is what tells it apart.
        if "not a database" in str(error) and not ours:
            raise StoreUnusable(f"{path} is not a SQLite database: name another file with --db") from error
        raise StoreUnusable(_unusable(path, error)) from error
    except StoreFailed as error:
        connection.close()
        raise StoreUnusable(str(error)) from error
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Write to an existing file in one transaction, which commits when the block ends without an error.

    For a command that runs without a harvest: the lock file refuses it while another process writes.

    Raises:
        StoreUnusable: another program's file, not writable, newer than this program, damaged, or held by another
            process.
    """
    file, lock = claim(path)
    last_words = lock.last_words
    try:
        check = not was_closed(file, last_words)
        with closing(connect(file, check=check, ours=bool(last_words))) as connection:
            connection.execute("begin immediate")
            yield connection
            connection.execute("commit")
        last_words = closed_state(file)
    finally:
        lock.release(last_words)


def open_read_only(path: Path, *, timeout: float = 5.0) -> sqlite3.Connection:
    """Open an existing file for reading, whosever it is. A harvest may write to it meanwhile.

    Args:
        path: the file.
        timeout: seconds to wait for a lock. In WAL mode readers do not wait for the writer, only for a checkpoint or a
            recovery, so screens pass less than a second.
    """
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=timeout, isolation_level=None)


@contextmanager
def reading(path: Path, *, timeout: float = 5.0) -> Iterator[sqlite3.Connection]:
    """Open one of this program's files for reading, until the block ends.

    Raises:
        StoreUnusable: the file belongs to another program, or cannot be read.
    """
    try:
        with closing(open_read_only(path, timeout=timeout)) as connection:
            if not schema.is_ours(connection):
                raise StoreUnusable(_foreign(path))
            yield connection
    except sqlite3.DatabaseError as error:
        raise StoreUnusable(f"cannot read the database {path}: {error}: name another file with --db") from error


def _check(connection: sqlite3.Connection, path: Path) -> None:
    unclaimed = connection.execute("pragma application_id").fetchone()[0] == 0
    empty = connection.execute("select count(*) from sqlite_master").fetchone()[0] == 0
    if not schema.is_ours(connection) and not (unclaimed and empty):
        raise StoreUnusable(_foreign(path))
    if schema.version(connection) > len(schema.MIGRATIONS):
        raise StoreUnusable(
            f"{path} was written by a newer fetchdeck: update fetchdeck, or name another file with --db"
        )


def _foreign(path: Path) -> str:
    return f"{path} is a database of another program: name another file with --db"


def is_current(path: Path) -> bool:
    """Whether a file has had all migrations, so that opening it writes nothing."""
    try:
        with closing(open_read_only(path)) as connection:
            return schema.version(connection) == len(schema.MIGRATIONS)
    except sqlite3.Error:
        return False


def remarks(file: Path) -> Sequence[str]:
    """Say whether others may read a database."""
    mode = mode_for_others(file)
    if mode is None:
        return ()
    return (f"others may read {tilde(file)} (mode {mode:04o}): `chmod 600 {tilde(file)}*` keeps it to yourself",)


def _unusable(path: Path, error: sqlite3.DatabaseError) -> str:
    if code_of(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return corrupt(path, str(error))
    if code_of(error) == sqlite3.SQLITE_FULL:
        return _unwritable(path, f"the disk is full: {no_room(path)}")
    return _unwritable(path, str(error))


def _unwritable(path: Path, why: str) -> str:
    return f"cannot write the database {path}: {why}: name a place you can write to with --db"
