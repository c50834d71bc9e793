"""The handlers of the simulated GitHub's paths."""

from collections.abc import Callable, Sequence
from email.utils import formatdate
from functools import lru_cache
from typing import Any, TypeVar

from simulator.common.api import Call, Route
from simulator.common.page import Page, json_page
from simulator.github.commit_shapes import CommitShapes
from simulator.github.inside import Inside
from simulator.github.lists import Lists
from simulator.github.owner_shapes import OwnerShapes
from simulator.github.paging import cut, link
from simulator.github.queries import DOCS, Handler, Names, choice, descending, guarded, message, missing, moment, number
from simulator.github.records import Account, Pull, Repo
from simulator.github.talk_shapes import TalkShapes
from simulator.github.world import GitHubWorld

T = TypeVar("T")

_RepoHandler = Callable[[Call, Repo], Page]
_PullHandler = Callable[[Call, Repo, Pull], Page]


class _Shapes:
    """All JSON writers, for clients that reach the API at one address."""

    def __init__(self, world: GitHubWorld, base: str) -> None:
        self.owners = OwnerShapes(world, base)
        self.talk = TalkShapes(world, self.owners)
        self.commits = CommitShapes(self.owners)


class Handlers:
    """Handles calls over one world."""

    def __init__(self, world: GitHubWorld, inside: Inside) -> None:
        self._world = world
        self._inside = inside
        self._lists = Lists(world)
        self._shapes = lru_cache(8)(lambda base: _Shapes(world, base))

    def routes(self) -> list[Route]:
        """Return all routes; those of a repository both by name and by id."""
        routes = [
            Route("/orgs/{login}", self._profile("Organization")),
            Route("/users/{login}", self._profile("User", "Organization")),
            Route("/orgs/{login}/repos", self._repos("organizations", "Organization")),
            Route("/users/{login}/repos", self._repos("user", "User", "Organization")),
            Route("/organizations/{id}/repos", self._repos("organizations", "Organization")),
            Route("/user/{id}/repos", self._repos("user", "User", "Organization")),
        ]
        below: dict[str, _RepoHandler] = {
            "": self._repo,
            "/pulls": self._pulls,
            "/issues": self._issues,
            "/issues/comments": self._issue_comments,
            "/pulls/comments": self._review_comments,
            "/commits": self._commits,
            "/git/trees/HEAD": self._tree,
            "/git/trees/main": self._tree,
        }
        for path, handler in below.items():
            routes.append(Route(f"/repos/{{owner}}/{{repo}}{path}", self._of_repo(handler, path)))
            routes.append(Route(f"/repositories/{{id}}{path}", self._of_repo(handler, path)))
        single: dict[str, _PullHandler] = {"": self._pull, "/reviews": self._reviews}
        roots = ("/repos/{owner}/{repo}", "/repositories/{id}")
        return routes + [
            Route(f"{root}/pulls/{{number}}{rest}", self._of_pull(of_pull, rest))
            for rest, of_pull in single.items()
            for root in roots
        ]

    def _profile(self, *types: str) -> Handler:
        def answer(call: Call, names: Names) -> Page:
            account = self._account(names, types)
            return self._one(self._shapes(call.base).owners.profile(account), self._world.timeline.begins)

        return guarded(answer)

    def _repos(self, numeric: str, *types: str) -> Handler:
        def answer(call: Call, names: Names) -> Page:
            owner, said = self._account(names, types), call.parameters()
            default = "created" if numeric == "organizations" else "full_name"
            sort = choice(said, "sort", ("created", "updated", "pushed", "full_name"), default)
            kinds = ("all", "public", "private", "forks", "sources", "member", "owner")
            found = self._lists.repos(
                owner,
                kind=choice(said, "type", kinds, "all"),
                sort=sort,
                descending=descending(said, default=sort != "full_name"),
            )
            return _listed(call, found, self._shapes(call.base).owners.repo, f"/{numeric}/{owner.id}/repos")

        return guarded(answer)

    def _of_repo(self, handler: _RepoHandler, path: str) -> Handler:
        def answer(call: Call, names: Names) -> Page:
            if "id" in names:
                repo = self._world.accounts.repo_by_id(number(names["id"]))
            else:
                repo = self._world.accounts.repo(names["owner"], names["repo"])
                if repo is None and (moved := self._world.accounts.renamed(names["owner"], names["repo"])):
                    return _moved(call, f"{call.base}/repositories/{moved.id}{path}")
            return handler(call, repo or missing())

        return guarded(answer)

    def _of_pull(self, handler: _PullHandler, rest: str) -> Handler:
        def answer(call: Call, names: Names) -> Page:
            asked = number(names["number"])

            def of_repo(call: Call, repo: Repo) -> Page:
                if not 0 < asked <= repo.numbers or not self._world.is_pull(repo, asked):
                    missing()
                return handler(call, repo, self._world.pull(repo, asked))

            return self._of_repo(of_repo, f"/pulls/{asked}{rest}")(call, names)

        return answer

    def _pull(self, call: Call, repo: Repo, pull: Pull) -> Page:
        return self._one(self._shapes(call.base).talk.single_pull(repo, pull), pull.issue.updated_at)

    def _reviews(self, call: Call, repo: Repo, pull: Pull) -> Page:
        shape = self._shapes(call.base).talk.review
        found = self._inside.reviews(repo, pull)
        path = _path(repo, f"pulls/{pull.issue.number}/reviews")
        return _listed(call, found, lambda review: shape(repo, review), path)

    def _tree(self, call: Call, repo: Repo) -> Page:
        if repo.empty:
            return message(409, "Git Repository is empty.", f"{DOCS}/git/trees#get-a-tree")
        recursive = "recursive" in call.parameters()
        sha, url = self._world.sha(repo, repo.commits - 1), f"{call.base}/repos/{repo.full_name}/git"
        tree = [
            {"path": file.path, "mode": "100644", "type": "blob", "sha": file.sha, "size": file.size,
             "url": f"{url}/blobs/{file.sha}"}
            for file in self._inside.files(repo)
            if recursive or "/" not in file.path
        ]  # fmt: skip
        return json_page({"sha": sha, "url": f"{url}/trees/{sha}", "tree": tree, "truncated": False})

    def _repo(self, call: Call, repo: Repo) -> Page:
        return self._one(self._shapes(call.base).owners.repo(repo), repo.updated_at)

    def _pulls(self, call: Call, repo: Repo) -> Page:
        said = call.parameters()
        sort = choice(said, "sort", ("created", "updated", "popularity", "long-running"), "created")
        found = self._lists.pulls(
            repo,
            state=choice(said, "state", ("open", "closed", "all"), "open"),
            sort=sort,
            descending=descending(said, default=sort == "created"),
        )
        shape = self._shapes(call.base).talk.pull
        return _listed(call, found, lambda number: shape(repo, self._world.pull(repo, number)), _path(repo, "pulls"))

    def _issues(self, call: Call, repo: Repo) -> Page:
        if not repo.has_issues:
            return message(410, "Issues are disabled for this repo", f"{DOCS}/issues/issues#list-repository-issues")
        said = call.parameters()
        found = self._lists.issues(
            repo,
            state=choice(said, "state", ("open", "closed", "all"), "open"),
            sort=choice(said, "sort", ("created", "updated", "comments"), "created"),
            descending=descending(said, default=True),
            since=moment(said, "since") or 0,
        )
        shape = self._shapes(call.base).talk.issue
        return _listed(call, found, lambda number: shape(repo, self._world.issue(repo, number)), _path(repo, "issues"))

    def _issue_comments(self, call: Call, repo: Repo) -> Page:
        shape = self._shapes(call.base).talk.comment
        found = self._comments(call, repo, "issue")
        path = _path(repo, "issues/comments")
        return _listed(call, found, lambda nth: shape(repo, self._world.comment(repo, nth)), path)

    def _review_comments(self, call: Call, repo: Repo) -> Page:
        shape = self._shapes(call.base).talk.review_comment
        found = self._comments(call, repo, "review")
        path = _path(repo, "pulls/comments")
        return _listed(call, found, lambda nth: shape(repo, self._world.review_comment(repo, nth)), path)

    def _comments(self, call: Call, repo: Repo, kind: str) -> Sequence[int]:
        """Choose comments. Without `sort` they are by ascending id, and `direction` is ignored."""
        said = call.parameters()
        return self._lists.comments(
            repo,
            kind=kind,
            sort=choice(said, "sort", ("created", "updated", "created_at"), "created"),
            descending="sort" in said and descending(said, default=True),
            since=moment(said, "since") or 0,
        )

    def _commits(self, call: Call, repo: Repo) -> Page:
        if repo.empty:
            return message(409, "Git Repository is empty.", f"{DOCS}/commits/commits#list-commits")
        said = call.parameters()
        if said.get("sha", "main") not in {"main", "HEAD"}:
            missing()
        found = self._lists.commits(
            repo, since=moment(said, "since") or 0, until=moment(said, "until"), author=said.get("author", "")
        )
        shape = self._shapes(call.base).commits.commit
        return _listed(call, found, lambda index: shape(repo, self._world.commit(repo, index)), _path(repo, "commits"))

    def _account(self, names: Names, types: tuple[str, ...]) -> Account:
        accounts = self._world.accounts
        found = accounts.by_id(number(names["id"])) if "id" in names else accounts.account(names["login"])
        return found if found is not None and found.type in types else missing()

    def _one(self, shape: dict[str, Any], changed: int) -> Page:
        return json_page(shape, headers=((b"last-modified", formatdate(changed, usegmt=True).encode()),))


def _listed(call: Call, found: Sequence[T], shape: Callable[[T], dict[str, Any]], path: str) -> Page:
    """Render the requested page of a list. Links lead to the list's numeric path, as on GitHub."""
    asked = cut(call.parameters(), endless=call.endless)
    relations = asked.relations(len(found))
    links = link(f"{call.base}{path}", call.query, relations)
    return json_page([shape(item) for item in asked.of(found)], headers=((b"link", links.encode()),) if links else ())


def _moved(call: Call, address: str) -> Page:
    """Return a 301 with the new address in the body too."""
    url = f"{address}?{call.query}" if call.query else address
    docs = f"{DOCS}/guides/best-practices-for-using-the-rest-api#follow-redirects"
    body = {"message": "Moved Permanently", "url": url, "documentation_url": docs}
    return json_page(body, status=301, headers=((b"location", url.encode()),))


def _path(repo: Repo, rest: str) -> str:
    return f"/repositories/{repo.id}/{rest}"
