"""GitHub's lists: the first request of a walk, which rows count, and where it ends. Pure.

Lists and their parameters: https://docs.github.com/en/rest (API version 2022-11-28).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from engine.model.source import Memory, Request, Response
from sources.common import paging
from sources.common.json_values import Row, at, instant, stamp, text
from sources.common.paging import Advance, WalkedPage, next_page
from sources.github.options import Window

PER_PAGE: Final = 100
PATHS: Final = {
    "pulls": "/pulls",
    "issues": "/issues",
    "issue_comments": "/issues/comments",
    "review_comments": "/pulls/comments",
    "commits": "/commits",
}
"""The collectors that are one list each, with the list's path below a repository."""
BEYOND: Final = "the rest of the list is older or newer than what is wanted"
"""The reason of a walk that is whole because of the order of its list."""
Missing = tuple[str, str]
"""The node id of a pull request, and the cursor behind which its further reviews are."""


class Target(msgspec.Struct, frozen=True, array_like=True):
    """A repository whose hygiene files are requested."""

    id: int
    name: str
    node: str
    """Its GraphQL id."""
    mark: str
    """The repository's mark when the request was planned; see `progress.mark`."""


class WalkStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of a walk: the context of its request."""

    kind: str
    """"org", "user", "repo", a collector, or a request that one of them makes besides its list."""
    name: str
    """What the walk belongs to: a login or "owner/name"."""
    started: str
    """Start of the run that planned this walk.

    A page that failed may be fetched by a later run; its window and its start are still those of its own run.
    """
    repo_id: int = 0
    page: int = 1
    since: str = ""
    """Only rows updated since then are wanted; "" on the first walk."""
    newest: str = ""
    """The latest update on the pages before."""
    mark: str = ""
    """The repository's mark when this walk began."""
    digest: str = ""
    """Digest of the page before. It detects a server that repeats a page."""
    naive: int = 0
    """Requests a plain client would have made for the pages so far."""
    extra: int = 0
    """Requests made besides the walk's pages."""
    before: int = 0
    """Requests a plain client would have made for the last complete walk."""
    seen: tuple[int, ...] = ()
    """Ids of the repositories on the pages before."""
    waiting: bool = False
    """The repository to start from (`from_repo`) was not on the pages before."""
    number: int = 0
    """Number of the pull request the request is about."""
    node: str = ""
    """The repository's GraphQL id."""
    after: str = ""
    """The GraphQL cursor of the page before."""
    size: int = 0
    """Pull requests per GraphQL page; 0 means the largest page."""
    flawed: bool = False
    """An earlier page lacked some data, so the walk will not count as complete."""
    missing: tuple[Missing, ...] = ()
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one page contributes to its walk."""

    kept: Sequence[Row]
    newest: str
    ended: bool
    """A row from beyond the window was met; by the list's order, all rows behind it are beyond it too."""


def step_of(request: Request) -> WalkStep:
    """Read the step of a request from its context.

    Raises:
        BadBody: the context is not one of this source.
    """
    return paging.step_of(request, WalkStep, "github")


def context_of(step: WalkStep) -> dict[str, Any]:
    """Return the context of a step's request, in the form in which it is read back from the database."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(step))
    return found


def walk_of(step: WalkStep) -> tuple[str, str]:
    """Name the walk that a step belongs to, and its part of the coverage map; "" for a request that is no walk's.

    Further reviews of a pull request are a walk of that pull request, but a page of them that fails cuts the reviews of
    the repository: one request fetches those of many pull requests.
    """
    match step.kind:
        case "org" | "user":
            return f"{step.kind} {step.name}", f"{step.kind} {step.name}"
        case "tree":
            name = step.targets[0].name
            return f"hygiene {name}", f"{name}:hygiene"
        case "pull_reviews":
            return f"reviews {step.name}#{step.number}", f"{step.name}:pulls"
        case "more_reviews" | "reviews":
            return f"reviews {step.name}", f"{step.name}:reviews"
        case kind if kind in PATHS:
            return f"{kind} {step.name}", f"{step.name}:{kind}"
        case _:
            return "", ""


def first(step: WalkStep, window: Window) -> Request:
    """Return the first request of a collector's walk.

    `since` is not in its key: there is one walk per repository and run.
    """
    walk, part = walk_of(step)
    return Request(
        key=f"{step.kind} {step.repo_id}",
        url=f"/repos/{step.name}{PATHS[step.kind]}",
        params={**_params(step, window), "per_page": PER_PAGE},
        route=_route(step.kind),
        context=context_of(step),
        priority=1,
        conditional=True,
        page=step.page,
        walk=walk,
        part=part,
    )


def sweep(step: WalkStep, rows: Sequence[Row], window: Window) -> Sweep:
    """Pick the rows within the window, up to the first row that ends the walk."""
    kept: list[Row] = []
    newest = instant(step.newest)
    for row in rows:
        created, updated = _created(step.kind, row), instant(text(row.value, "updated_at"))
        if _is_beyond(step, created, updated, window):
            return Sweep(kept, _stamp(newest), ended=True)
        if updated and (newest is None or updated > newest):
            newest = updated
        if _counts(step.kind, row, created, window):
            kept.append(row)
    return Sweep(kept, _stamp(newest), ended=False)


def advance(request: Request, response: Response, step: WalkStep, rows: Sequence[Row], base_url: str) -> Advance:
    """Follow a page's next link, or say why not. `step` is the page's own, with `newest` updated."""
    if step.kind == "repo":
        return Advance(ended=True)
    walked = WalkedPage(
        request=request,
        response=response,
        rows=rows,
        page=step.page,
        before=step.digest,
        full=PER_PAGE,
        name=f"{step.kind} of {step.name}",
    )
    found = next_page(walked, base_url, beyond=("page", step.page + 1))
    if not found.url:
        return Advance(ended=found.ended, note=found.note, problem=found.problem)
    walk, part = walk_of(step)
    upcoming = msgspec.structs.replace(step, page=step.page + 1, digest=walked.digest)
    return Advance(
        more=(
            Request(
                key=f"{step.kind} {step.repo_id or step.name} {found.url}",
                url=found.url,
                route=request.route,
                context=context_of(upcoming),
                priority=request.priority,
                conditional=True,
                page=upcoming.page,
                walk=walk,
                part=part,
            ),
        )
    )


def _route(kind: str) -> str:
    return "/repos/{owner}/{repo}" + PATHS[kind]


def _params(step: WalkStep, window: Window) -> dict[str, str | int]:
    """Return the list's filter parameters.

    `pulls` has no `since`, so its later walks sort by update, newest first, and stop at the first older row.
    """
    start = stamp(window.start)
    match step.kind:
        case "pulls":
            return {"state": "all", "sort": "updated" if step.since else "created", "direction": "desc"}
        case "commits":
            return {"since": start, **({"until": stamp(window.until)} if window.until else {})}
        case "issues":
            return {"state": "all", "since": step.since or start, "sort": "created", "direction": "asc"}
        case _:
            return {"since": step.since or start, "sort": "created", "direction": "asc"}


def _created(kind: str, row: Row) -> datetime | None:
    """Return when a row was created; for a commit the committer's date, by which git selects `since` and `until`."""
    if kind != "commits":
        return instant(text(row.value, "created_at"))
    commit = at(row.value, "commit")
    return instant(text(commit, "committer", "date") or text(commit, "author", "date"))


def _is_beyond(step: WalkStep, created: datetime | None, updated: datetime | None, window: Window) -> bool:
    match step.kind:
        case "pulls" | "reviews" if step.since:
            since = instant(step.since)
            return updated is not None and since is not None and updated < since
        case "pulls" | "reviews":
            return window.before(created)
        case "commits":
            return False
        case _:
            return window.after(created)


def _counts(kind: str, row: Row, created: datetime | None, window: Window) -> bool:
    """Say whether a row belongs to the harvest.

    Rows of unknown time do. Issue lists also hold pull requests, which do not.
    """
    is_pull = kind == "issues" and at(row.value, "pull_request") is not None
    return not (is_pull or window.before(created) or window.after(created))


def start_of(memory: Memory) -> str:
    """Return when a run began, to the microsecond, because it tells runs apart."""
    return memory.started.isoformat()


def _stamp(moment: datetime | None) -> str:
    return stamp(moment) if moment else ""
