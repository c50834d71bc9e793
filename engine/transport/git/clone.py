"""One clone on disk: its state, and updates that never lose what exists only in it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.transport.git.command import Git, GitFailed
from engine.transport.git.job import BRANCH, GitJob

MARK: Final = "fetchdeck.project"
"""The setting in a clone's own configuration that holds its project's number."""
_KIB: Final = 1024


class Diverged(Exception):
    """The clone holds commits or changes that upstream lacks, so nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryState:
    """The state of a repository after an update."""

    state: str
    """"ok" or "empty"."""
    did: str
    """"cloned", "updated", "reset", "unchanged" or "moved"."""
    head: str
    branch: str
    bytes: int


class Clone:
    """One clone on disk."""

    def __init__(self, git: Git, place: Path, job: GitJob) -> None:
        self._git = git
        self._place = place
        self._job = job
        bare = job.how == "mirror"
        self._here = [f"--git-dir={place}"] if bare else [f"--git-dir={place / '.git'}", f"--work-tree={place}"]

    async def run(self, *arguments: str) -> str:
        """Run a git command in this repository."""
        return await self._git.run(*self._here, *arguments, cwd=self._place)

    async def ask(self, *arguments: str) -> str:
        """Run a git command that may say no; return "" then."""
        return await self._git.ask(*self._here, *arguments, cwd=self._place)

    async def head(self) -> str:
        """Return the commit that is checked out; "" before the first commit."""
        return await self.commit("HEAD")

    async def commit(self, name: str) -> str:
        """Return the commit that a name resolves to; "" where it resolves to none."""
        return await self.ask("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")

    async def is_empty(self) -> bool:
        """Say whether it has no references at all, hence no commits."""
        return not await self.ask("for-each-ref", "--count=1", "--format=%(refname)")

    async def update(self, url: str) -> str:
        """Fetch; in `pull` mode also move the checked-out branch to its upstream."""
        await self.run("config", "--local", "remote.origin.url", url)
        branch = await self.ask("symbolic-ref", "--quiet", "--short", "HEAD")
        before, refs = await self.commit(_upstream(branch)), await self._refs()
        depth = [f"--depth={self._job.depth}"] if self._job.depth else []
        await self.run("fetch", "--quiet", "--prune", "--force", "--tags", *depth, "origin")
        if self._job.how == "pull":
            did = await self._pull(branch, before)
            if did != "unchanged":
                return did
        return "unchanged" if await self._refs() == refs else "updated"

    async def _pull(self, branch: str, before: str) -> str:
        """Fast-forward the branch. Where upstream was rewritten, reset to it if that loses nothing of ours."""
        head, after = await self.head(), await self.commit(_upstream(branch))
        if not after:
            return await self._switch(head, before)
        if head == after:
            return "unchanged"
        if not head:
            return await self._check_out(branch)
        if await self._is_ancestor(head, after):
            try:
                await self.run("merge", "--quiet", "--ff-only", _upstream(branch))
            except GitFailed as error:
                raise Diverged("files that upstream changed are changed here too; they are left as they are") from error
            return "updated"
        await self._require_no_loss(head, before)
        await self.run("reset", "--quiet", "--hard", _upstream(branch))
        return "reset"

    async def _switch(self, head: str, before: str) -> str:
        """Switch to the default branch where upstream has deleted the branch that is checked out."""
        branch = self._job.branch
        if not BRANCH.match(branch) or not await self.commit(_upstream(branch)):
            return "unchanged"
        if head:
            await self._require_no_loss(head, before)
        return await self._check_out(branch)

    async def _check_out(self, branch: str) -> str:
        await self.run("checkout", "--quiet", "--force", "-B", branch, "--track", f"origin/{branch}")
        return "updated"

    async def _require_no_loss(self, head: str, before: str) -> None:
        """Check that all commits of the clone came from upstream. `before` is where upstream was before the fetch."""
        if not before or not await self._is_ancestor(head, before):
            raise Diverged("it has commits that upstream has not; they are left as they are")
        if await self.run("status", "--porcelain", "--untracked-files=no"):
            raise Diverged("upstream was rewritten, and files are changed here; they are left as they are")

    async def _is_ancestor(self, old: str, new: str) -> bool:
        return (await self.ask("merge-base", old, new)) == old

    async def _refs(self) -> str:
        return await self.ask("for-each-ref", "--format=%(objectname) %(refname)")

    async def state(self, did: str) -> RepositoryState:
        """Return the state after an update."""
        head, empty = await self.head(), await self.is_empty()
        sizes = dict(line.split(": ", 1) for line in (await self.ask("count-objects", "-v")).splitlines())
        return RepositoryState(
            state="empty" if empty else "ok",
            did=did,
            head=head,
            branch=await self.ask("symbolic-ref", "--quiet", "--short", "HEAD"),
            bytes=(int(sizes.get("size", 0)) + int(sizes.get("size-pack", 0))) * _KIB,
        )


def _upstream(branch: str) -> str:
    return f"refs/remotes/origin/{branch}"
