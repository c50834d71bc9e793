"""The lists of repositories: where a run begins, which repositories pass the filters, and which have left a list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from engine.common.errors import UsageError
from engine.model.source import Memory, Record, Request, Response
from sources.common.json_values import Row, at, instant, integer, stamp, text
from sources.github.lists import PER_PAGE, WalkStep, context_of, start_of, walk_of
from sources.github.options import GitHubOptions

_NOTHING: Final = 'github: nothing to fetch: set orgs, users or repos ("owner/name") in the configuration'


@dataclass(frozen=True, slots=True)
class Listed:
    """The repositories of a list's page."""

    wanted: Sequence[Row]
    """Those that pass the filters; they become rows."""
    walked: Sequence[Row]
    """Those of them to harvest: all, or from `from_repo` on."""
    step: WalkStep


def seeds(memory: Memory, options: GitHubOptions) -> list[Request]:
    """Return the requests of the lists and of the single repositories, from `from_repo` on.

    Raises:
        UsageError: nothing is configured, or `from_repo` is in none of it.
    """
    started = start_of(memory)
    lists = [
        *(WalkStep(kind="org", name=org, started=started) for org in options.orgs),
        *(WalkStep(kind="user", name=user, started=started) for user in options.users),
    ]
    singles = [WalkStep(kind="repo", name=name, started=started) for name in options.repos]
    if not lists and not singles:
        raise UsageError(_NOTHING)
    chosen = _from([*lists, *singles], options.from_repo)
    return [_single(step) if step.kind == "repo" else _list(step, options) for step in chosen]


def read(step: WalkStep, found: Sequence[Row], options: GitHubOptions) -> Listed:
    """Pick a page's repositories. One that is configured by name passes every filter."""
    wanted = [repo for repo in found if step.kind == "repo" or wants(repo.value, options)]
    ids = [repo_id for repo in found if (repo_id := integer(repo.value, "id")) is not None]
    start = 0
    if step.waiting:
        start = next((nth for nth, repo in enumerate(wanted) if _is(repo, options.from_repo)), len(wanted))
    waiting = step.waiting and start == len(wanted)
    seen = () if step.kind == "repo" else (*step.seen, *ids)
    return Listed(wanted, wanted[start:], msgspec.structs.replace(step, seen=seen, waiting=waiting))


def wants(repo: Any, options: GitHubOptions) -> bool:
    """Say whether a repository (GitHub's JSON object) passes the filters."""
    if (not options.forks and integer(repo, "fork")) or (not options.archived and integer(repo, "archived")):
        return False
    if options.visibility != "all" and _visibility(repo) != options.visibility:
        return False
    topics = at(repo, "topics")
    if options.topics and not (isinstance(topics, list) and any(topic in topics for topic in options.topics)):
        return False
    pushed = instant(text(repo, "pushed_at"))
    if options.pushed_since and (pushed is None or pushed.date() < options.pushed_since):
        return False
    return options.wants(text(repo, "full_name") or "")


def list_cursor(step: WalkStep, options: GitHubOptions) -> dict[str, str]:
    """Return the cursor that a list's last page writes: the ids it listed."""
    if step.kind == "repo":
        return {}
    return {_name(step, options): ",".join(map(str, sorted(set(step.seen))))}


def vanished(step: WalkStep, memory: Memory, options: GitHubOptions) -> list[Request]:
    """Request by id the repositories that were on the list when it was last read to the end, and no longer are."""
    if step.kind == "repo":
        return []
    return [_by_id(repo_id, step) for repo_id in sorted(listed_before(step, memory, options) - set(step.seen))]


def listed_before(step: WalkStep, memory: Memory, options: GitHubOptions) -> set[int]:
    """Return the ids on a list when it was last read to the end; none where it never was."""
    known = memory.cursors.get(_name(step, options), "")
    return {int(each) for each in known.split(",") if each.isascii() and each.isdigit() and len(each) < 19}


def gone(step: WalkStep, response: Response) -> tuple[Record, str]:
    """Mark a repository whose id no longer answers. The rest of its row stays."""
    since = instant(step.started)
    record = Record(table="repo", data={"id": step.repo_id, "gone_at": stamp(since) if since else step.started})
    return record, f"repository {step.repo_id} is gone from {step.name} ({response.status})"


def _from(steps: Sequence[WalkStep], from_repo: str | None) -> Iterable[WalkStep]:
    if from_repo is None:
        return steps
    owner, name = from_repo.partition("/")[0].lower(), from_repo.lower()
    for nth, step in enumerate(steps):
        if step.name.lower() == (name if step.kind == "repo" else owner):
            return [msgspec.structs.replace(step, waiting=step.kind != "repo"), *steps[nth + 1 :]]
    raise UsageError(f"github: from_repo {from_repo}: it is in none of orgs, users and repos")


def _is(repo: Row, name: str | None) -> bool:
    return name is not None and (text(repo.value, "full_name") or "").lower() == name.lower()


def _visibility(repo: Any) -> str:
    """Return "public" or "private". An internal repository of a company counts as private."""
    return "private" if integer(repo, "private") or text(repo, "visibility") in {"private", "internal"} else "public"


def _which(kind: str, options: GitHubOptions) -> str:
    """Choose the value of `type`: the API takes one filter only, the others are applied here."""
    if kind == "user":
        return "owner"
    if options.visibility != "all":
        return options.visibility
    return "all" if options.forks else "sources"


def _name(step: WalkStep, options: GitHubOptions) -> str:
    host = options.base_url.partition("//")[2]
    return f"{host} {step.kind} {step.name.lower()} {_which(step.kind, options)} listed"


def _list(step: WalkStep, options: GitHubOptions) -> Request:
    """Request the list, oldest first, so that a repository created during the walk is appended to its end."""
    walk, part = walk_of(step)
    return Request(
        key=f"{step.kind} {step.name}",
        url=f"/{step.kind}s/{step.name}/repos",
        params={
            "type": _which(step.kind, options),
            "sort": "created",
            "direction": "asc",
            "per_page": PER_PAGE,
        },
        route=f"/{step.kind}s/{{{step.kind}}}/repos",
        context=context_of(step),
        conditional=True,
        page=step.page,
        walk=walk,
        part=part,
    )


def _single(step: WalkStep) -> Request:
    return Request(
        key=f"repo {step.name}",
        url=f"/repos/{step.name}",
        route="/repos/{owner}/{repo}",
        context=context_of(step),
        conditional=True,
    )


def _by_id(repo_id: int, listing: WalkStep) -> Request:
    step = WalkStep(kind="gone", name=listing.name, started=listing.started, repo_id=repo_id)
    return Request(
        key=f"gone {repo_id}",
        url=f"/repositories/{repo_id}",
        route="/repositories/{id}",
        context=context_of(step),
        priority=1,
    )
