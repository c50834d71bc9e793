"""The records and their order in each list of the simulated GitHub: filters and sorts as the REST API documents them.

Lists are sequences of numbers to compute records from, so a page costs only what is on it.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

from simulator.github.records import Account, Repo
from simulator.github.world import GitHubWorld

_REMEMBERED = 64
"""Lists kept in memory. Only those that had to look at every record are worth it."""

_Choose = Callable[[Repo, str, str, bool, int], Sequence[int]]


class Lists:
    """The lists of one world."""

    def __init__(self, world: GitHubWorld) -> None:
        self._world = world
        remember = lru_cache(_REMEMBERED)
        self._issues: _Choose = remember(self._choose_issues)
        self._pulls: _Choose = remember(self._choose_pulls)
        self._comments: _Choose = remember(self._choose_comments)
        self._commits = remember(self._choose_commits)

    def repos(self, owner: Account, *, kind: str, sort: str, descending: bool) -> list[Repo]:
        """Choose repositories of an account."""
        found = self._world.accounts.repos(owner)
        if kind in {"forks", "sources"}:
            found = [repo for repo in found if repo.fork == (kind == "forks")]
        elif kind in {"private", "member"}:
            found = []
        keys: dict[str, Callable[[Repo], tuple[int | str, int]]] = {
            "created": lambda repo: (repo.created_at, repo.id),
            "updated": lambda repo: (repo.updated_at, repo.id),
            "pushed": lambda repo: (repo.pushed_at or 0, repo.id),
            "full_name": lambda repo: (repo.full_name, repo.id),
        }
        return sorted(found, key=keys[sort], reverse=descending)

    def issues(self, repo: Repo, *, state: str, sort: str, descending: bool, since: int) -> Sequence[int]:
        """Choose issues, pull requests included, by number. `since` applies to the time of update."""
        if state == "all" and sort == "created" and not since:
            return _turned(range(1, repo.numbers + 1), descending=descending)
        return self._issues(repo, state, sort, descending, since)

    def pulls(self, repo: Repo, *, state: str, sort: str, descending: bool) -> Sequence[int]:
        """Choose pull requests by number."""
        return self._pulls(repo, state, sort, descending, 0)

    def comments(self, repo: Repo, *, kind: str, sort: str, descending: bool, since: int) -> Sequence[int]:
        """Choose comments of `kind` "issue" or "review" by their position in time."""
        if sort != "updated" and not since:
            total = repo.comments if kind == "issue" else repo.review_comments
            return _turned(range(1, total + 1), descending=descending)
        return self._comments(repo, kind, sort, descending, since)

    def commits(self, repo: Repo, *, since: int, until: int | None, author: str) -> Sequence[int]:
        """Choose commits by index, newest first. Both bounds are inclusive and apply to the committer's date."""
        if not since and until is None and not author:
            return range(repo.commits - 1, -1, -1)
        return self._commits(repo, since, until, author)

    def _choose_issues(self, repo: Repo, state: str, sort: str, descending: bool, since: int) -> Sequence[int]:
        found = [
            issue
            for issue in self._world.issues(repo)
            if issue.updated_at >= since and state in {"all", "open" if issue.open else "closed"}
        ]
        if sort == "updated":
            found.sort(key=lambda issue: issue.updated_at)
        elif sort == "comments":
            counts = self._world.comment_counts(repo)
            found.sort(key=lambda issue: counts[issue.number])
        return _turned([issue.number for issue in found], descending=descending)

    def _choose_pulls(self, repo: Repo, state: str, sort: str, descending: bool, since: int) -> Sequence[int]:
        order = {"popularity": "comments", "long-running": "created"}.get(sort, sort)
        chosen = self._choose_issues(repo, state, order, descending, since)
        return [number for number in chosen if self._world.is_pull(repo, number)]

    def _choose_comments(self, repo: Repo, kind: str, sort: str, descending: bool, since: int) -> Sequence[int]:
        everything = self._world.comments(repo) if kind == "issue" else self._world.review_comments(repo)
        found = [(comment.updated_at, nth) for nth, comment in enumerate(everything, 1) if comment.updated_at >= since]
        if sort == "updated":
            found.sort()
        return _turned([nth for _, nth in found], descending=descending)

    def _choose_commits(self, repo: Repo, since: int, until: int | None, author: str) -> Sequence[int]:
        return [
            commit.index
            for commit in reversed(self._world.commits(repo))
            if commit.committed_at >= since
            and (until is None or commit.committed_at <= until)
            and (not author or (commit.author is not None and commit.author.login == author))
        ]


def _turned(numbers: Sequence[int], *, descending: bool) -> Sequence[int]:
    return numbers[::-1] if descending else numbers
