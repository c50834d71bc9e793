"""Accounts and repositories in GitHub's JSON: https://docs.github.com/rest, and recordings."""

from functools import lru_cache
from typing import Any

import msgspec

from simulator.data.timeline import iso
from simulator.github.records import Account, Repo
from simulator.github.world import GitHubWorld

SITE = "https://github.com"

_LANGUAGES = ("Python", "Rust", "Go", "TypeScript", None)
_LICENSE = {
    "key": "mit",
    "name": "MIT License",
    "spdx_id": "MIT",
    "url": "https://api.github.com/licenses/mit",
    "node_id": "MDc6TGljZW5zZTEz",
}


class OwnerShapes:
    """Writes accounts and repositories for clients that reach the API at `base`."""

    def __init__(self, world: GitHubWorld, base: str) -> None:
        self._world = world
        self._base = base
        encode = msgspec.json.encode
        self.user_fragment = lru_cache(2048)(lambda account: msgspec.Raw(encode(self.user(account))))
        """A user inside other objects, encoded once and reused."""
        self.repo_fragment = lru_cache(256)(lambda repo: msgspec.Raw(encode(self.repo(repo))))

    def repo_url(self, repo: Repo) -> str:
        return f"{self._base}/repos/{repo.full_name}"

    def user(self, account: Account) -> dict[str, Any]:
        """Write an account as it is inside other objects."""
        url = f"{self._base}/users/{account.login}"
        return {
            "login": account.login,
            "id": account.id,
            "node_id": f"U_{account.id}",
            "avatar_url": f"https://avatars.githubusercontent.com/u/{account.id}?v=4",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{SITE}/{account.login}",
            "followers_url": f"{url}/followers",
            "following_url": f"{url}/following{{/other_user}}",
            "gists_url": f"{url}/gists{{/gist_id}}",
            "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
            "subscriptions_url": f"{url}/subscriptions",
            "organizations_url": f"{url}/orgs",
            "repos_url": f"{url}/repos",
            "events_url": f"{url}/events{{/privacy}}",
            "received_events_url": f"{url}/received_events",
            "type": account.type,
            "user_view_type": "public",
            "site_admin": False,
        }

    def profile(self, account: Account) -> dict[str, Any]:
        """Write an account as it is at its own address."""
        about = {
            "name": account.login.capitalize(),
            "company": None,
            "blog": "",
            "location": None,
            "email": None,
            "public_repos": self._world.accounts.repo_count(account),
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "created_at": iso(account.created_at),
            "updated_at": iso(self._world.timeline.begins),
        }
        if account.type == "User":
            return {**self.user(account), **about, "hireable": None, "bio": None, "twitter_username": None}
        url = f"{self._base}/orgs/{account.login}"
        return {
            "login": account.login,
            "id": account.id,
            "node_id": f"O_{account.id}",
            "url": url,
            "repos_url": f"{url}/repos",
            "events_url": f"{url}/events",
            "hooks_url": f"{url}/hooks",
            "issues_url": f"{url}/issues",
            "members_url": f"{url}/members{{/member}}",
            "public_members_url": f"{url}/public_members{{/member}}",
            "avatar_url": f"https://avatars.githubusercontent.com/u/{account.id}?v=4",
            "description": f"All of {account.login}",
            **about,
            "has_organization_projects": True,
            "has_repository_projects": True,
            "html_url": f"{SITE}/{account.login}",
            "archived_at": None,
            "type": "Organization",
        }

    def repo(self, repo: Repo) -> dict[str, Any]:
        url, site = self.repo_url(repo), f"{SITE}/{repo.full_name}"
        stars = repo.id % 977
        return {
            "id": repo.id,
            "node_id": f"R_{repo.id}",
            "name": repo.name,
            "full_name": repo.full_name,
            "private": False,
            "owner": self.user_fragment(repo.owner),
            "html_url": site,
            "description": None if repo.empty else f"The {repo.name.replace('-', ' ')}",
            "fork": repo.fork,
            "url": url,
            "commits_url": f"{url}/commits{{/sha}}",
            "contents_url": f"{url}/contents/{{+path}}",
            "issue_comment_url": f"{url}/issues/comments{{/number}}",
            "issues_url": f"{url}/issues{{/number}}",
            "pulls_url": f"{url}/pulls{{/number}}",
            "trees_url": f"{url}/git/trees{{/sha}}",
            "created_at": iso(repo.created_at),
            "updated_at": iso(repo.updated_at),
            "pushed_at": None if repo.pushed_at is None else iso(repo.pushed_at),
            "git_url": f"git://github.com/{repo.full_name}.git",
            "ssh_url": f"git@github.com:{repo.full_name}.git",
            "clone_url": f"{site}.git",
            "homepage": None,
            "size": repo.commits * 12,
            "stargazers_count": stars,
            "watchers_count": stars,
            "language": None if repo.empty else _LANGUAGES[repo.id % len(_LANGUAGES)],
            "has_issues": repo.has_issues,
            "has_projects": True,
            "has_downloads": True,
            "has_wiki": True,
            "has_pages": False,
            "has_discussions": False,
            "forks_count": repo.id % 31,
            "mirror_url": None,
            "archived": repo.archived,
            "disabled": False,
            "open_issues_count": repo.numbers // 4,
            "license": None if repo.id % 5 == 0 else _LICENSE,
            "allow_forking": True,
            "is_template": False,
            "topics": [],
            "visibility": "public",
            "forks": repo.id % 31,
            "open_issues": repo.numbers // 4,
            "watchers": stars,
            "default_branch": "main",
        }
