"""The temporary folder of a demo. At most one is left behind: each demo removes those of demos that have ended.

A demo holds a lock on its folder (flock(2), which the kernel releases when the process ends in any way), so a folder
that can be locked belongs to a demo that has ended. It stays nevertheless if another fetchdeck uses its database, or if
it holds anything that no demo makes.
"""

import fcntl
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from engine.common.errors import StoreUnusable
from engine.storage.lock_file import LockFile

DATABASE: Final = "demo.db"
CLONES: Final = "clones"
CHANNELS: Final = "channels"
_LOCK: Final = f"{DATABASE}.lock"
_MADE: Final = frozenset({DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", _LOCK, CLONES, CHANNELS})
"""All that a demo makes in its folder."""
_KEPT: Final = "kept"
"""An empty file in a folder that the user named a file of, so that no later demo removes that file either."""


@contextmanager
def demo_folder(*, keep: bool, spare: Sequence[Path] = ()) -> Iterator[Path]:
    """Create a folder for one demo. With `keep` it stays until the next demo starts, otherwise it is removed.

    The folder of an ended demo that holds a file of `spare` stays for good.

    Raises:
        OSError: the folder cannot be created.
    """
    parent = Path(tempfile.gettempdir())
    _remove_ended(parent, [file.resolve() for file in spare])
    folder, handle = _locked_folder(parent)
    try:
        yield folder
    finally:
        if not keep:
            _remove_unless_used(folder)
        os.close(handle)


def _locked_folder(parent: Path) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_prefix(), dir=parent))
        with suppress(FileNotFoundError):
            handle = _open(folder)
            if _lock(handle) and folder.exists():
                return folder, handle
            os.close(handle)
        # Between our mkdtemp and our lock, another demo removed the folder as that of an ended one: create another.


def _remove_ended(parent: Path, spare: Sequence[Path]) -> None:
    """Remove the folders of ended demos. What cannot be removed is left to the system."""
    with suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            # mkdtemp adds eight letters, digits or underscores
            if re.fullmatch(re.escape(_prefix()) + "[a-z0-9_]{8}", entry.name):
                with suppress(OSError):
                    _remove_if_ended(Path(entry.path), spare)


def _remove_if_ended(folder: Path, spare: Sequence[Path]) -> None:
    handle = _open(folder)
    try:
        about = os.fstat(handle)
        if about.st_uid == os.geteuid() and stat.S_IMODE(about.st_mode) == 0o700 and _lock(handle):
            if any(file.is_relative_to(folder.resolve()) for file in spare):
                (folder / _KEPT).touch()
            _remove_unless_used(folder)
    finally:
        os.close(handle)


def _remove_unless_used(folder: Path) -> None:
    """Remove a folder and what a demo made in it, unless it holds more, or another fetchdeck uses its database."""
    if any(name not in _MADE for name in os.listdir(folder)):  # noqa: PTH208 -- only the names are needed
        return
    database = LockFile(folder / _LOCK)
    try:
        database.acquire()
    except (StoreUnusable, OSError):
        return
    try:
        # By name and not the whole folder: something may be put into it meanwhile.
        for name in _MADE:
            path = folder / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()
    finally:
        database.release()


def _open(folder: Path) -> int:
    """Open the folder itself; if its name is a symbolic link, this raises."""
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _prefix() -> str:
    return f"fetchdeck-demo-{os.geteuid()}-"  # by user, because the temporary folder is shared
