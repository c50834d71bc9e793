"""The temporary folder of a demo. At most one is left behind: each demo removes those of demos that have ended.

A demo holds a lock on its folder (flock(2), which the kernel releases when the process ends in any way), so a folder
that can be locked belongs to a demo that has ended.
"""

import fcntl
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def demo_folder(*, keep: bool) -> Iterator[Path]:
    """Create a folder for one demo. With `keep` it stays until the next demo starts, otherwise it is removed.

    Raises:
        OSError: the folder cannot be created.
    """
    parent = Path(tempfile.gettempdir())
    _remove_ended(parent)
    folder, handle = _locked_folder(parent)
    try:
        yield folder
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
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


def _remove_ended(parent: Path) -> None:
    """Remove the folders of ended demos. What cannot be removed is left to the system."""
    with suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            # mkdtemp adds eight letters, digits or underscores
            if re.fullmatch(re.escape(_prefix()) + "[a-z0-9_]{8}", entry.name):
                with suppress(OSError):
                    _remove_if_ended(Path(entry.path))


def _remove_if_ended(folder: Path) -> None:
    handle = _open(folder)
    try:
        about = os.fstat(handle)
        if about.st_uid == os.geteuid() and stat.S_IMODE(about.st_mode) == 0o700 and _lock(handle):
            shutil.rmtree(folder)
    finally:
        os.close(handle)


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
