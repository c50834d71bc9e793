"""Commits in GitHub's JSON: https://docs.github.com/rest/commits/commits, and recordings."""

from typing import Any

from simulator.data.timeline import iso
from simulator.github.owner_shapes import SITE, OwnerShapes
from simulator.github.records import Commit, Repo

_UNSIGNED = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}


class CommitShapes:
    def __init__(self, owners: OwnerShapes) -> None:
        self._owners = owners

    def commit(self, repo: Repo, commit: Commit) -> dict[str, Any]:
        """Write a commit. Its author is an account, null or {}."""
        root = self._owners.repo_url(repo)
        url, git = f"{root}/commits/{commit.sha}", f"{root}/git"
        site = f"{SITE}/{repo.full_name}/commit"
        account: Any = {} if commit.author_is_empty else None
        if commit.author is not None:
            account = self._owners.user_fragment(commit.author)
        name = commit.author.login if commit.author else "Somebody Else"
        person = {"name": name, "email": f"{name.lower().replace(' ', '.')}@example.org"}
        return {
            "sha": commit.sha,
            "node_id": f"C_{commit.sha}",
            "commit": {
                "author": {**person, "date": iso(commit.authored_at)},
                "committer": {**person, "date": iso(commit.committed_at)},
                "message": commit.message,
                "tree": {"sha": commit.sha[::-1], "url": f"{git}/trees/{commit.sha[::-1]}"},
                "url": f"{git}/commits/{commit.sha}",
                "comment_count": 0,
                "verification": _UNSIGNED,
            },
            "url": url,
            "html_url": f"{site}/{commit.sha}",
            "comments_url": f"{url}/comments",
            "author": account,
            "committer": account,
            "parents": [
                {"sha": sha, "url": f"{root}/commits/{sha}", "html_url": f"{site}/{sha}"} for sha in commit.parents
            ],
        }
