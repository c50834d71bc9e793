"""Files fetchdeck writes: whole or not at all. Those it owns are readable by their owner alone."""

import os
import stat
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Write a file whole or not at all: a crash leaves the old one or the new one.


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


def read_owned(file: Path) -> dict[str, Any]:
    """Read a TOML file of ours; a missing or damaged one counts as empty, for nothing of the person's is in it."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def write_owned(file: Path, values: Mapping[str, Any]) -> None:
    """Replace a TOML file of ours in one step, mode 0600, so that a crash leaves the old one or the new one.

    Raises:
        OSError: the folder cannot be made or written.
    """
    import tomli_w

    replace_file(file, tomli_w.dumps(values).encode())


def replace_file(file: Path, data: bytes) -> None:
    """Replace a file in one step; it keeps its mode, a new one has 0600. Of a link, what it leads to is replaced.

    Raises:
        OSError: the folder cannot be made or written.
    """
    target = file.resolve()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            Path(temporary).chmod(stat.S_IMODE(target.stat().st_mode))
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself last: a file's name is the folder's data."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
