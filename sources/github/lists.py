"""How each GitHub list is walked: its first request, which rows count, where it ends. All of it is arithmetic on times.

Lists and their parameters: https://docs.github.com/en/rest (2022-11-28).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from engine.model.source import Memory, Request, Response
from sources.common import paging
from sources.common.json_values import Row, at, instant, stamp, text
from sources.common.paging import Advance, Walked, onward
from sources.github.options import Window

PER_PAGE: Final = 100
PATHS: Final = {
    "pulls": "/pulls",
    "issues": "/issues",
    "issue_comments": "/issues/comments",
    "review_comments": "/pulls/comments",
    "commits": "/commits",
}
"""The collectors that are one list, and where it stands below a repository."""
Missing = tuple[str, str]
"""The node id of a pull request, and the cursor behind which more of its reviews stand."""


class Target(msgspec.Struct, frozen=True, array_like=True):
    """A repository whose hygiene is asked for."""

    id: int
    name: str
    node: str
    """Its GraphQL id."""
    mark: str
    """Its state when that was planned."""


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of one walk: the context of its request."""

    kind: str
    """"org", "user", "repo", a collector, or what one of them asks for beside its list."""
    name: str
    """Whose: a login or "owner/name"."""
    started: str
    """When the run that planned this walk began. A page that failed may be fetched again by a later run: what counts
    for it is still the window and the start of its own."""
    repo_id: int = 0
    page: int = 1
    since: str = ""
    """Only what was updated from here on is wanted; "" on the first walk."""
    newest: str = ""
    """The latest update seen on the pages before."""
    mark: str = ""
    """The state of the repository in which this walk began."""
    digest: str = ""
    """Of the page before: a server that repeats itself is found out by it."""
    naive: int = 0
    """How many requests a plain client would have made for the pages so far."""
    extra: int = 0
    """How many requests were made beside its pages."""
    before: int = 0
    """How many it would have made for the last whole walk."""
    seen: tuple[int, ...] = ()
    """The repositories that the pages before have listed."""
    waiting: bool = False
    """The repository to start from was on none of the pages before."""
    number: int = 0
    """Which pull request it is about."""
    node: str = ""
    """The repository's GraphQL id."""
    after: str = ""
    """The GraphQL cursor of the page before."""
    size: int = 0
    """How many pull requests a GraphQL page asks for; 0 is the most."""
    flawed: bool = False
    """A page before came without some of its data: the walk will not count as complete."""
    missing: tuple[Missing, ...] = ()
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one page holds for its walk."""

    kept: Sequence[Row]
    newest: str
    ended: bool
    """A row from beyond the window was met: the rows after it are too."""


def step_of(request: Request) -> Step:
    """Read back the step a request stands for.

    Raises:
        BadBody: it is none of this source's requests.
    """
    return paging.step_of(request, Step, "github")


def context_of(step: Step) -> dict[str, Any]:
    """Return the context of a step's request, as it will be read back from the disk."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(step))
    return found


def first(step: Step, window: Window) -> Request:
    """Return the first request of a collector's walk. Its key leaves `since` out: one walk per repository and run."""
    return Request(
        key=f"{step.kind} {step.repo_id}",
        url=f"/repos/{step.name}{PATHS[step.kind]}",
        params={**_params(step, window), "per_page": PER_PAGE},
        route=_route(step.kind),
        context=context_of(step),
        priority=1,
        conditional=True,
        page=step.page,
    )


def sweep(step: Step, rows: Sequence[Row], window: Window) -> Sweep:
    """Sort a page's rows into those of the window and the others, up to the first that ends the walk."""
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


def advance(request: Request, response: Response, step: Step, rows: Sequence[Row], base_url: str) -> Advance:
    """Follow a page's next link, or say why not. `step` is the page's own, with `newest` brought up to date."""
    if step.kind == "repo":
        return Advance(ended=True)
    walked = Walked(
        request=request,
        response=response,
        rows=rows,
        page=step.page,
        before=step.digest,
        full=PER_PAGE,
        name=f"{step.kind} of {step.name}",
    )
    found = onward(walked, base_url, beyond=("page", step.page + 1))
    if not found.url:
        return Advance(ended=found.ended, note=found.note)
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
            ),
        )
    )


def _route(kind: str) -> str:
    return "/repos/{owner}/{repo}" + PATHS[kind]


def _params(step: Step, window: Window) -> dict[str, str | int]:
    """Only `pulls` knows no `since`: its later walks go by update, newest first, and stop by themselves."""
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
    """When a row came to be; for a commit its committer's date, by which git itself selects."""
    if kind != "commits":
        return instant(text(row.value, "created_at"))
    commit = at(row.value, "commit")
    return instant(text(commit, "committer", "date") or text(commit, "author", "date"))


def _is_beyond(step: Step, created: datetime | None, updated: datetime | None, window: Window) -> bool:
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
    """Say whether a row belongs to the harvest; one of unknown time does. Issue lists hold pull requests too."""
    is_pull = kind == "issues" and at(row.value, "pull_request") is not None
    return not (is_pull or window.before(created) or window.after(created))


def start_of(memory: Memory) -> str:
    """Return when a run began, to the microsecond: it is what tells one run from another."""
    return memory.started.isoformat()


def _stamp(moment: datetime | None) -> str:
    return stamp(moment) if moment else ""
