"""Files fetchdeck writes for itself: whole or not at all, readable by their owner alone."""

import os
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any


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

    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            tomli_w.dump(values, stream)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself last: a file's name is the folder's data."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
