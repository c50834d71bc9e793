"""Write a file whole or not at all: a crash leaves the old one or the new one."""

import os
from pathlib import Path


def write_whole(file: Path, content: bytes, *, mode: int | None = None) -> None:
    """Replace a file in one step; a link in its place is replaced, not followed.

    Args:
        file: where it goes; its folder is there.
        content: what it holds.
        mode: its permissions; None gives those of any new file, by the umask.

    Raises:
        OSError: it cannot be written; nothing has changed.
    """
    part = file.with_name(f".{file.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o666)
    try:
        with os.fdopen(handle, "wb") as stream:
            if mode is not None:
                os.fchmod(handle, mode)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Make what was replaced in a folder last: a file's name is the folder's data.

    Raises:
        OSError: the folder cannot be read.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
