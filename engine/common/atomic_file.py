"""The one writer of files: each is replaced whole or not at all, whatever else writes, is killed or is planted there.

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

_TEMPORARY: Final = re.compile(r"\.fetchdeck-[0-9a-f]{16}\.part")
"""Says nothing of the file it becomes: that name may already be as long as a name may be (255 bytes)."""


def read_owned(file: Path) -> dict[str, Any]:
    """Read a TOML file of ours; a missing or damaged one counts as empty, for nothing of the person's is in it."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def write_owned(file: Path, values: Mapping[str, Any]) -> None:
    """Replace a TOML file of ours, as `replace_file` does.

    Raises:
        OSError: the folder cannot be made or written.
    """
    import tomli_w

    replace_file(file, tomli_w.dumps(values).encode())


def replace_file(file: Path, data: bytes) -> None:
    """Replace a file in one step; it keeps its mode, a new one has 0600. Of a link, what it leads to is replaced.

    Raises:
        OSError: the folder cannot be made or written; the file is as it was.
    """
    target = file.resolve()  # a configuration may be a link into a folder of dotfiles
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o600
    with open_atomic(target, mode=mode) as stream:
        stream.write(data)


def write_each(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Replace many files of a folder, each in one step, and sync the folder once; links are replaced, not followed.

    Names and contents are taken one by one: the next is asked for when the last one is in its place.

    Raises:
        OSError: one cannot be written; those before it are in their places.
    """
    _clear(folder)  # once: to look through a large folder for every file would be quadratic
    for name, data in files:
        with _replacing(folder / name, None) as stream:
            stream.write(data)
    _sync(folder)


@contextmanager
def open_atomic(file: Path, *, mode: int | None = None) -> Iterator[BinaryIO]:
    """Open a stream whose content takes the place of `file` when the block ends well; a link there is replaced.

    A device or a pipe is written to and keeps its name: replacing /dev/null would take it from the whole machine.

    Args:
        file: where it goes; its folder exists.
        mode: its permissions; None gives those of any new file, by the umask.

    Raises:
        OSError: it cannot be written; the file is as it was.
    """
    if _is_device(file):
        with file.open("wb") as stream:
            yield stream
        return
    _clear(file.parent)
    with _replacing(file, mode) as stream:
        yield stream
    _sync(file.parent)


def _is_device(file: Path) -> bool:
    """Return whether a name stands for a device, a pipe or an open descriptor: /dev/stdout may lead to a plain file."""
    if file.parent in {Path("/dev/fd"), Path("/proc/self/fd")} or file in {Path("/dev/stdout"), Path("/dev/stderr")}:
        return True
    try:
        kind = file.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(kind) or stat.S_ISDIR(kind))


@contextmanager
def _replacing(file: Path, mode: int | None) -> Iterator[BinaryIO]:
    """Write to a temporary file, and rename it over `file`; when the block fails, remove it."""
    handle, temporary = _new_temporary(file.parent, 0o666 if mode is None else 0o600)
    with os.fdopen(handle, "wb") as stream:  # closed last: the lock that closing gives up guards the temporary name
        try:
            yield stream
            stream.flush()
            if mode is not None:
                os.fchmod(handle, mode)
            os.fsync(handle)  # before the rename, or a crash could leave the name with no content behind it
            temporary.replace(file)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise


def _new_temporary(folder: Path, mode: int) -> tuple[int, Path]:
    """Make a temporary file that is locked by this process; return its descriptor and its path."""
    while True:
        path = folder / f".fetchdeck-{secrets.token_hex(8)}.part"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        except FileExistsError:
            continue
        if _lock(handle) is not False and _is_there(path, handle):
            return handle, path
        # Between our open and our lock another call took the file for a leftover, and removes it: make another one.
        os.close(handle)


def _clear(folder: Path) -> None:
    """Remove the temporary files in a folder that are ours and whose writers are dead. What fails is left alone."""
    with suppress(OSError), os.scandir(folder) as entries:  # a folder may be written to and yet not be listed
        found = [entry.path for entry in entries if _TEMPORARY.fullmatch(entry.name)]
        for path in found:
            with suppress(OSError):
                _remove_if_dead(Path(path))


def _remove_if_dead(path: Path) -> None:
    # O_NOFOLLOW and O_NONBLOCK: somebody may have planted a link or a pipe under such a name. O_RDWR: over NFS, flock
    # is a lock of fcntl, which asks for a descriptor that can write.
    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        about = os.fstat(handle)
        ours = stat.S_ISREG(about.st_mode) and about.st_uid == os.geteuid()
        if ours and _lock(handle):
            path.unlink()  # a name is never used twice: if its writer has renamed it meanwhile, nothing is found here
    finally:
        os.close(handle)


def _lock(handle: int) -> bool | None:
    """Lock a file; return whether it was free, or None where the filesystem has no locks."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None  # nobody can clear there, so a writer needs no lock either
    return True


def _is_there(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.lstat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _sync(folder: Path) -> None:
    """Make the rename itself last: a file's name is the folder's data."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        return  # the file is in its place; a folder that may not be listed cannot be synced
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # filesystems that sync no folders
            raise
    finally:
        os.close(handle)
