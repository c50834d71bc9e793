"""Paths below one root, made of names from outside. No path made here leads out of the root."""

import os
import re
import shutil
import stat
from pathlib import Path
from typing import Final

from engine.common.errors import FetchdeckError
from engine.common.private_files import make_folder

_FORBIDDEN: Final = re.compile(r"[\x00-\x1f\x7f\\]")


class PathRefused(FetchdeckError):
    """A path leads out of its root, through a link, or into somebody else's folder."""


def inside(root: Path, relative: str) -> Path:
    """Return the path of `relative` below `root`. No existing part of it is a link or a file.

    Raises:
        PathRefused: it would lead elsewhere, or a name is unusable.
    """
    parts = relative.split("/")
    if not relative or _FORBIDDEN.search(relative) or any(part in {"", ".", ".."} for part in parts):
        raise PathRefused(f"{relative[:100]!r} is no path below the target folder")
    if any(len(os.fsencode(part)) > 255 for part in parts):
        raise PathRefused(f"{relative[:100]!r} holds a name longer than 255 bytes")
    path = root
    for part in parts:
        path /= part
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            continue
        except OSError as error:
            raise PathRefused(f"{relative[:100]!r}: {error.strerror}") from error
        if not stat.S_ISDIR(mode):
            raise PathRefused(f"{relative[:100]!r}: {part[:60]!r} is there already and is no folder")
    return path


def move(root: Path, old: Path, new: Path) -> None:
    """Move a folder to its new place, and remove the parents it leaves empty.

    Raises:
        PathRefused: something exists at the new place.
    """
    if new.exists():
        raise PathRefused(f"{new.relative_to(root)} is there already: {old.relative_to(root)} was not moved")
    make_folder(new.parent)
    old.rename(new)
    prune(root, old.parent)


def prune(root: Path, folder: Path) -> None:
    """Remove `folder` and its parents below `root` while they are empty."""
    while folder != root and root in folder.parents:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def remove(folder: Path) -> None:
    """Remove a folder that this program made, with everything in it."""
    shutil.rmtree(folder, ignore_errors=True)
