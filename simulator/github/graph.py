"""The objects behind the simulated GitHub's GraphQL: https://docs.github.com/en/graphql/reference."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from simulator.data.timeline import iso
from simulator.github.inside import Inside
from simulator.github.records import Account, File, Pull, Repo, Review
from simulator.github.talk_shapes import ASSOCIATIONS
from simulator.github.world import MILLION, GitHubWorld
from simulator.graphql.execute import Arguments, FieldError, Node

T = TypeVar("T")
_PULL_IDS = 10**15
_MOST = 100


class Graph:
    """Makes the GraphQL objects of one world."""

    def __init__(self, world: GitHubWorld, inside: Inside) -> None:
        self._world = world
        self._inside = inside

    def root(self, rate_limit: Mapping[str, Any]) -> Node:
        """Return the root object of every query."""
        fields = {
            "rateLimit": Node(("RateLimit",), rate_limit),
            "node": lambda said: self._found(str(said.get("id"))),
            "nodes": lambda said: [self._found_or_error(str(each)) for each in said.get("ids") or []],
            "repository": lambda said: self._named(str(said.get("owner")), str(said.get("name"))),
        }
        return Node(("Query",), fields)

    def repository(self, repo: Repo) -> Node:
        fields = {
            "id": f"R_{repo.id}",
            "databaseId": repo.id,
            "name": repo.name,
            "nameWithOwner": repo.full_name,
            "isArchived": repo.archived,
            "isFork": repo.fork,
            "pullRequests": lambda said: self._pulls(repo, said),
            "object": lambda said: self._object(repo, str(said.get("expression") or "")),
        }
        return Node(("Repository", "Node"), fields)

    def pull(self, repo: Repo, pull: Pull) -> Node:
        issue = pull.issue
        fields = {
            "id": f"PR_{pull.id}",
            "fullDatabaseId": str(pull.id),
            "number": issue.number,
            "title": issue.title,
            "createdAt": iso(issue.created_at),
            "updatedAt": iso(issue.updated_at),
            "mergedAt": None if pull.merged_at is None else iso(pull.merged_at),
            "additions": issue.dice % 900,
            "deletions": issue.dice % 300,
            "changedFiles": issue.dice % 30,
            "commits": Node(("PullRequestCommitConnection",), {"totalCount": 1 + issue.dice % 12}),
            "mergedBy": self._actor(issue.author) if pull.merged_at is not None else None,
            "author": self._actor(issue.author),
            "reviews": lambda said: self._connection(
                "PullRequestReview", self._inside.reviews(repo, pull), said, self._review
            ),
        }
        return Node(("PullRequest", "Node"), fields)

    def _review(self, review: Review) -> Node:
        fields = {
            "id": f"PRR_{review.id}",
            "fullDatabaseId": str(review.id),
            "state": review.state,
            "body": review.body,
            "submittedAt": iso(review.submitted_at),
            "createdAt": iso(review.submitted_at),
            "authorAssociation": ASSOCIATIONS[review.dice >> 61],
            "commit": Node(("Commit",), {"oid": f"{review.dice:040x}"}),
            "author": self._actor(review.author),
        }
        return Node(("PullRequestReview", "Node"), fields)

    def _actor(self, account: Account | None) -> Node | None:
        if account is None:
            return None
        fields = {"login": account.login, "id": f"U_{account.id}", "databaseId": account.id, "isSiteAdmin": False}
        return Node((account.type, "Actor", "Node"), fields)

    def _pulls(self, repo: Repo, said: Arguments) -> Node:
        order = said.get("orderBy") or {}
        key = "updated_at" if order.get("field") == "UPDATED_AT" else "number"
        found = self._world.pulls(repo) if repo.pulls else []
        found.sort(key=lambda pull: (getattr(pull.issue, key), pull.issue.number))
        if order.get("direction") == "DESC":
            found.reverse()
        return self._connection("PullRequest", found, said, lambda pull: self.pull(repo, pull))

    def _connection(self, name: str, found: Sequence[T], said: Arguments, node: Callable[[T], Node]) -> Node:
        """Return a page of a list. A cursor is the position of the page's last item."""
        first = said.get("first")
        if not isinstance(first, int):
            raise FieldError("MISSING_PAGINATION_BOUNDARIES", "You must provide a `first` or `last` value")
        if not 1 <= first <= _MOST:
            raise FieldError(
                "EXCESSIVE_PAGINATION", f"Requesting {first} records exceeds the `first` limit of {_MOST} records."
            )
        after = str(said.get("after") or "0")
        if not after.isdigit():
            raise FieldError("INVALID_CURSOR_ARGUMENTS", f"`{after}` does not appear to be a valid cursor.")
        start, end = int(after), int(after) + first
        fields = {
            "totalCount": len(found),
            "pageInfo": Node(
                ("PageInfo",),
                {"hasNextPage": end < len(found), "endCursor": str(min(end, len(found))) if found[start:end] else None},
            ),
            "nodes": lambda _: [node(each) for each in found[start:end]],
        }
        return Node((f"{name}Connection",), fields)

    def _object(self, repo: Repo, expression: str) -> Node | None:
        branch, _, folder = expression.partition(":")
        if repo.empty or branch not in {"HEAD", "main"}:
            return None
        entries = _entries(self._inside.files(repo), folder.strip("/"))
        return Node(("Tree", "GitObject", "Node"), {"entries": lambda _: entries}) if entries else None

    def _found(self, node_id: str) -> Node:
        kind, _, number = node_id.partition("_")
        value = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else -1
        if kind == "R" and (repo := self._world.accounts.repo_by_id(value)):
            return self.repository(repo)
        if kind == "PR":
            repo_id, pull_number = divmod(value - _PULL_IDS, MILLION)
            repo = self._world.accounts.repo_by_id(repo_id)
            if repo and 0 < pull_number <= repo.numbers and self._world.is_pull(repo, pull_number):
                return self.pull(repo, self._world.pull(repo, pull_number))
        raise FieldError("NOT_FOUND", f"Could not resolve to a node with the global id of '{node_id}'")

    def _found_or_error(self, node_id: str) -> Node | FieldError:
        try:
            return self._found(node_id)
        except FieldError as told:
            return told

    def _named(self, owner: str, name: str) -> Node:
        repo = self._world.accounts.repo(owner, name) or self._world.accounts.renamed(owner, name)
        if repo is None:
            raise FieldError("NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'.")
        return self.repository(repo)


def _entries(files: Sequence[File], folder: str) -> list[Node]:
    """List a folder's entries: its files, and each subfolder once."""
    prefix = f"{folder}/" if folder else ""
    entries: dict[str, Node] = {}
    for file in files:
        if not file.path.startswith(prefix):
            continue
        name, _, below = file.path.removeprefix(prefix).partition("/")
        kind, sha, size = ("tree", "0" * 40, 0) if below else ("blob", file.sha, file.size)
        fields = {"name": name, "path": prefix + name, "type": kind, "oid": sha, "size": size}
        entries[name] = Node(("TreeEntry",), fields)
    return list(entries.values())
