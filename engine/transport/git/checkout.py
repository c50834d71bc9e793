"""Brings one repository up to date below the target folder: clone, move or fetch, never destroy.

A clone carries its project's number in its own git configuration. A folder without this mark belongs to somebody else
and is left alone; so are commits and changes that exist in a clone and not upstream.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Final

from engine.common.private_files import make_folder
from engine.transport.git.clone import MARK, Clone, RepositoryState
from engine.transport.git.command import Git
from engine.transport.git.job import GitJob
from engine.transport.git.safe_path import PathRefused, belongs_to_another, inside, move, prune, remove

WORKSHOP: Final = ".fetchdeck"
"""Folder below the target in which clones are built.

A finished clone is renamed to its place, so a half-made one never appears there.
"""
_TRUSTED: Final = frozenset({"config", "config.worktree", "commondir", "info", "objects", "worktrees"})
"""What of a repository decides what git runs and where it writes."""


class EmptyClone(Exception):
    """The server shows an empty repository, but the API says it has commits."""


class Checkout:
    """Works below one target folder."""

    def __init__(self, *, git: Git, root: Path, disk: Executor) -> None:
        self._git = git
        self._root = root
        self._disk = disk

    async def update(self, job: GitJob, url: str) -> RepositoryState:
        """Clone a repository, or bring its clone up to date.

        Raises:
            PathRefused: the folder leads outside the target or belongs to somebody else.
            Diverged: the clone has commits or changes of its own.
            EmptyClone: the clone is empty, but the API says it has commits.
            GitFailed: git failed for another reason.
        """
        place = self._place(job)
        moved = await self._moved(job, place)
        if await self._ours(place, job):
            did = await Clone(self._git, place, job).update(url)
        else:
            did = await self._clone(job, place, url)
        clone = Clone(self._git, place, job)
        if job.submodules and await clone.head():
            await self._git.run("-C", str(place), "submodule", "sync", "--quiet", "--recursive", cwd=place)
            await self._git.run("-C", str(place), "submodule", "update", "--init", "--recursive", cwd=place)
        return await clone.state("moved" if moved and did == "unchanged" else did)

    async def _clone(self, job: GitJob, place: Path, url: str) -> str:
        part = self._part(job, place)
        await self._on_disk(remove, self._root, part)
        await self._git.run("clone", *_clone_options(job), "--", url, str(part), cwd=part.parent)
        made = Clone(self._git, part, job)
        # The mark is set before the clone moves to its place, so every clone that is there carries it.
        await made.run("config", "--local", MARK, str(job.project))
        if job.empty is not None and not job.empty and await made.is_empty():
            await self._on_disk(remove, self._root, part)
            raise EmptyClone("the server shows no commits where the API says there are some: may the token read it?")
        await self._on_disk(partial(move, over_empty=True), self._root, part, self._place(job))
        return "cloned"

    async def _moved(self, job: GitJob, place: Path) -> bool:
        """Follow a rename or a move of the project. A folder that is missing, or not ours, is cloned anew instead."""
        if not job.was or job.was == job.folder or _is_there(place):
            return False
        old = inside(self._root, job.was)
        if not await self._ours(old, job):
            return False
        await self._on_disk(move, self._root, old, place)
        await self._on_disk(prune, self._root, old.parent)
        return True

    async def _ours(self, place: Path, job: GitJob) -> bool:
        store = place if job.how == "mirror" else place / ".git"
        if store.is_symlink() or not (store / "objects").is_dir():
            return False
        if belongs_to_another(self._root, store, *(each for each in store.iterdir() if each.name in _TRUSTED)):
            raise PathRefused(f"{job.folder} belongs to another user, whose settings git would follow")
        mark = await Clone(self._git, place, job).ask("config", "--local", "--get", MARK)
        return mark == str(job.project)

    def _place(self, job: GitJob) -> Path:
        """Return a clone's path.

        It never lies inside another clone: that repository's content would decide what is there.
        """
        make_folder(self._root)
        place = inside(self._root, job.folder)
        for parent in place.parents:
            if parent == self._root:
                break
            if (parent / ".git").exists() or ((parent / "HEAD").is_file() and (parent / "objects").is_dir()):
                raise PathRefused(f"{job.folder} lies inside another clone")
        return place

    def _part(self, job: GitJob, place: Path) -> Path:
        """Return the temporary path in which a clone is built."""
        if place.exists() and any(place.iterdir()):
            raise PathRefused(f"{job.folder} is there already and is no clone of project {job.project}")
        workshop = inside(self._root, WORKSHOP)
        make_folder(workshop)
        return workshop / f"{job.project}.part"

    async def _on_disk(self, do: Callable[..., object], *what: Path) -> None:
        await asyncio.get_running_loop().run_in_executor(self._disk, do, *what)


def _clone_options(job: GitJob) -> list[str]:
    options = ["--quiet", "--origin=origin", "--template="]
    options += ["--mirror"] if job.how == "mirror" else []
    return options + ([f"--depth={job.depth}", "--no-single-branch"] if job.depth else [])


def _is_there(place: Path) -> bool:
    return os.path.lexists(place)
