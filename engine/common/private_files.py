"""Files and folders that only their owner may read, whatever the umask.

What is harvested may be private, and /home or /tmp may be shared. The mode is set after the creation as well, because a
umask only ever takes bits away: with 0777 a new file could not be read by its own owner.
"""

import os
import stat
from pathlib import Path
from typing import Final

FILE: Final = 0o600
FOLDER: Final = 0o700
UMASK: Final = 0o077
"""For a program that is started, such as git."""
_OTHERS: Final = 0o077


def make_folder(folder: Path) -> None:
    """Make a folder with its missing parents, each 0700. Those that exist stay as they are.

    Raises:
        OSError: one cannot be made.
    """
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        if folder.parent == folder:
            break
        folder = folder.parent
    for each in reversed(missing):
        try:
            each.mkdir(FOLDER)
        except FileExistsError:
            if not each.is_dir():
                raise
            continue  # another process made it meanwhile
        each.chmod(FOLDER)


def make_file(file: Path) -> bool:
    """Make an empty file, 0600. Return whether it is new; one that exists stays as it is.

    Raises:
        OSError: it cannot be made.
    """
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE)
    except FileExistsError:
        return False
    try:
        os.fchmod(handle, FILE)
    finally:
        os.close(handle)
    return True


def mode_for_others(file: Path) -> int | None:
    """Return the mode of a file that others may read, write or run; None if they may not, or there is no such file."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
    except OSError:
        return None
    return mode if mode & _OTHERS else None
