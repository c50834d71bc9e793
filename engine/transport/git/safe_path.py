"""Paths below one root, made of names from outside. No path made here leads out of the root."""

import errno
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from engine.common.errors import FetchdeckError
from engine.common.private_files import FOLDER

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


@contextmanager
def open_folder(root: Path, folder: Path, *, make: bool = False) -> Iterator[int]:
    """Open a folder below `root` (or `root` itself) part by part, through no link, and yield its descriptor.

    What is done relative to the descriptor happens in this folder, even if a link takes the folder's place meanwhile.

    Args:
        root: the target folder; it may be a link, because the user chose it.
        folder: a path below it.
        make: make the parts that are missing, each 0700.

    Raises:
        PathRefused: a part is a link or a file.
        OSError: a part is missing, or cannot be made or opened.
    """
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in folder.relative_to(root).parts:
            inner = _open_part(handle, part, make=make)
            os.close(handle)
            handle = inner
        yield handle
    finally:
        os.close(handle)


def _open_part(above: int, part: str, *, make: bool) -> int:
    made = False
    if make:
        with suppress(FileExistsError):
            os.mkdir(part, FOLDER, dir_fd=above)
            made = True
    try:
        handle = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENOTDIR}:
            raise PathRefused(f"{part[:60]!r} is there already and is no folder") from error
        raise
    if made:
        os.fchmod(handle, FOLDER)  # a umask may have taken bits away
    return handle


def move(root: Path, old: Path, new: Path, *, over_empty: bool = False) -> None:
    """Move a folder below `root` to its new place below it.

    Both names are looked up in folders that were opened through no link, so a link that is planted meanwhile leads the
    folder nowhere else.

    Args:
        root: the target folder.
        old: where the folder is.
        new: its new place; parents that are missing are made.
        over_empty: whether an empty folder at the new place is replaced.

    Raises:
        PathRefused: something exists at the new place, or a part of a path is a link.
        OSError: the folder cannot be moved.
    """
    taken = PathRefused(f"{new.relative_to(root)} is there already: {old.relative_to(root)} was not moved")
    with open_folder(root, old.parent) as source, open_folder(root, new.parent, make=True) as target:
        if not over_empty and _is_there(new.name, target):
            raise taken
        try:
            os.rename(old.name, new.name, src_dir_fd=source, dst_dir_fd=target)
        except OSError as error:
            if error.errno in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}:
                raise taken from error
            raise


def _is_there(name: str, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def prune(root: Path, folder: Path) -> None:
    """Remove `folder` and its parents below `root` while they are empty."""
    while folder != root and root in folder.parents:
        try:
            with open_folder(root, folder.parent) as above:
                os.rmdir(folder.name, dir_fd=above)
        except (OSError, PathRefused):
            return
        folder = folder.parent


def remove(root: Path, folder: Path) -> None:
    """Remove a folder below `root` that this program made, with everything in it."""
    with suppress(OSError, PathRefused), open_folder(root, folder.parent) as above:
        shutil.rmtree(folder.name, ignore_errors=True, dir_fd=above)


def belongs_to_another(root: Path, *places: Path) -> bool:
    """Return whether one of these files or folders belongs to neither this user nor the owner of `root`.

    A clone's own configuration may name programs that git runs, so it must come from someone who is trusted. The owner
    of `root` is: on some file systems (a network's, a FAT disk) all files have one owner, who need not be this user.
    """
    trusted = {os.geteuid(), root.stat().st_uid}
    return any(place.lstat().st_uid not in trusted for place in places)
