"""Atomic writes: a file is replaced as a whole or not at all, whatever else writes, is killed or was planted there.

New content goes to a temporary file in the same folder, reaches the disk, and then takes the name: rename(2) within a
folder is atomic. Two writers of one file each have a temporary file of their own, so both results are whole and the
later rename wins.

A writer holds a lock on its temporary file (flock(2), which the kernel drops with the process). A temporary file that
can be locked therefore has lost its writer, and the next call in that folder removes it.
"""

import errno
import fcntl
import os
import re
import secrets
import stat
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

from engine.common.private_files import FILE, make_folder

_TEMPORARY: Final = re.compile(r"\.fetchdeck-[0-9a-f]{16}\.part")
"""The target's name is not part of it, because that may already be 255 bytes, the longest name of most filesystems."""


def read_owned(file: Path) -> dict[str, Any]:
    """Read a TOML file that only fetchdeck writes. A missing or damaged one counts as empty: it has no user's data."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def write_owned(file: Path, values: Mapping[str, Any]) -> None:
    """Replace a TOML file that only fetchdeck writes, as `replace_file` does.

    Raises:
        OSError: the folder cannot be made or written.
    """
    import tomli_w

    replace_file(file, tomli_w.dumps(values).encode())


def replace_file(file: Path, data: bytes) -> None:
    """Replace a file in one step. It keeps its mode; a new one gets 0600. A link is followed, and its target replaced.

    Raises:
        OSError: the folder cannot be made or written. The file is unchanged.
    """
    target = file.resolve()  # a configuration may be a link into a folder of dotfiles
    make_folder(target.parent)
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else FILE
    with open_atomic(target, mode=mode) as stream:
        stream.write(data)


def write_each(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Replace many files of a folder, each in one step, and sync the folder once. Links are replaced, not followed.

    The files are 0600, also those that were there before.

    Names and contents are consumed one by one: the next is taken after the one before it has been renamed.

    Raises:
        OSError: a file cannot be written. Those before it are in place.
    """
    _clear(folder)  # once, because listing a large folder for every file would be quadratic
    for name, data in files:
        with _replacing(folder / name, FILE) as stream:
            stream.write(data)
    _sync(folder)


@contextmanager
def open_atomic(file: Path, *, mode: int = FILE, devices: bool = True) -> Iterator[BinaryIO]:
    """Open a stream whose content replaces `file` when the block ends without an error. A link is not followed.

    Args:
        file: the target. Its folder must exist.
        mode: its permissions, whatever the umask.
        devices: whether a device or a pipe is written to instead, because the user named it: replacing /dev/null would
            break the whole machine. A name that the user did not choose may have been planted, and is replaced.

    Raises:
        OSError: it cannot be written. The file is unchanged.
    """
    if devices and _is_device(file):
        with file.open("wb") as stream:
            yield stream
        return
    _clear(file.parent)
    with _replacing(file, mode) as stream:
        yield stream
    _sync(file.parent)


def _is_device(file: Path) -> bool:
    """Whether a name stands for a device, a pipe or an open descriptor. /dev/stdout may be a plain file, too."""
    if file.parent in {Path("/dev/fd"), Path("/proc/self/fd")} or file in {Path("/dev/stdout"), Path("/dev/stderr")}:
        return True
    try:
        kind = file.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(kind) or stat.S_ISDIR(kind))


@contextmanager
def _replacing(file: Path, mode: int) -> Iterator[BinaryIO]:
    """Write to a temporary file and rename it over `file`. If the block fails, remove it."""
    handle, temporary = _new_temporary(file.parent)
    with os.fdopen(handle, "wb") as stream:  # closed last, because closing gives up the lock on the temporary file
        try:
            yield stream
            stream.flush()
            os.fchmod(handle, mode)
            os.fsync(handle)  # before the rename, or a crash could leave the new name with no content
            temporary.replace(file)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise


def _new_temporary(folder: Path) -> tuple[int, Path]:
    """Create and lock a temporary file. Return its descriptor and its path."""
    while True:
        path = folder / f".fetchdeck-{secrets.token_hex(8)}.part"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, FILE)
        except FileExistsError:
            continue
        if _lock(handle) is not False and _is_there(path, handle):
            return handle, path
        # Race: between our open and our lock, another call locked the file as a leftover and removes it. Try again.
        os.close(handle)


def _clear(folder: Path) -> None:
    """Remove our temporary files whose writers are dead. One that cannot be removed is left."""
    with suppress(OSError), os.scandir(folder) as entries:  # some folders may be written to but not listed
        found = [entry.path for entry in entries if _TEMPORARY.fullmatch(entry.name)]
        for path in found:
            with suppress(OSError):
                _remove_if_dead(Path(path))


def _remove_if_dead(path: Path) -> None:
    # O_NOFOLLOW and O_NONBLOCK: somebody may have planted a link or a pipe under such a name. O_RDWR: over NFS, flock
    # becomes an fcntl lock, which needs a writable descriptor.
    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        about = os.fstat(handle)
        ours = stat.S_ISREG(about.st_mode) and about.st_uid == os.geteuid()
        if ours and _lock(handle):
            path.unlink()  # if its writer renamed it in the meantime, this finds nothing: a name is never used twice
    finally:
        os.close(handle)


def _lock(handle: int) -> bool | None:
    """Lock a file. Return whether it was free; None if the filesystem has no locks."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None  # no other process can lock it either, so none removes the file
    return True


def _is_there(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.lstat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _sync(folder: Path) -> None:
    """Make the rename durable: a file's name is part of the folder's data."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        return  # the file is in place, but a folder that may not be read cannot be synced
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # some filesystems cannot sync folders
            raise
    finally:
        os.close(handle)
