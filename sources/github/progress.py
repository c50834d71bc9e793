"""The cursors of a repository's collectors, and the requests they save the next run.

A walk's last page writes its cursor, in the same transaction as that page's rows. So a cursor means that every page
before it was stored; a walk that broke off leaves the older cursor, or none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from engine.common.errors import BadBody
from engine.model.source import Avoided, Memory
from sources.common.json_values import instant, integer, stamp, text
from sources.github.lists import Target, WalkStep
from sources.github.options import GitHubOptions, Window

OVERLAP: Final = timedelta(minutes=5)
"""How far a walk reaches back behind the end of the last one: lists lag behind, and clocks differ."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """One completed walk."""

    through: str
    """The latest update it saw, at most its run's start: a later walk continues from here."""
    mark: str
    """The repository's mark when the walk was planned; "" when unknown."""
    run: str
    """The run it belongs to, by its start."""
    naive: int = 1
    """Requests a plain client makes for the same list: what skipping the walk saves."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The requests a repository needs."""

    steps: Sequence[WalkStep]
    """The walks of its lists."""
    target: Target | None
    """The repository itself, when its hygiene is due."""
    avoided: Sequence[Avoided]


def collectors(options: GitHubOptions) -> list[str]:
    """List the collectors that run. Without GraphQL, reviews and details depend on the list of pull requests."""
    per_pull = options.reviews or options.pull_details
    on = {
        "pulls": options.pulls or (per_pull and not options.graphql),
        "issues": options.issues,
        "issue_comments": options.comments,
        "review_comments": options.comments,
        "commits": options.commits,
        "reviews": per_pull and options.graphql,
        "hygiene": options.hygiene,
    }
    return [kind for kind, is_on in on.items() if is_on]


def window_of(step: WalkStep, options: GitHubOptions) -> Window:
    """Return the time window of a walk.

    Raises:
        BadBody: the step has no valid start.
    """
    started = instant(step.started)
    if started is None:
        raise BadBody(f"{step.kind} {step.name}: its context names no start: {step.started!r}")
    return options.window(started)


def cursor(step: WalkStep, options: GitHubOptions) -> dict[str, str]:
    """Return the cursor that a walk's last page writes."""
    window = window_of(step, options)
    through = min(instant(step.newest) or window.start, instant(step.started) or window.start)
    naive = max(step.before, step.naive)
    progress = Progress(through=stamp(through), mark=step.mark, run=step.started, naive=naive)
    return {_name(step.kind, step.repo_id, window, options): msgspec.json.encode(progress).decode()}


def cursor_name(kind: str, repo_id: int, memory: Memory, options: GitHubOptions) -> str:
    """Name a collector's cursor in a repository, for the window of a run that began now."""
    return _name(kind, repo_id, options.window(memory.started), options)


def cursor_names(kind: str, memory: Memory, options: GitHubOptions) -> list[str]:
    """Name the cursors that earlier runs wrote for a collector, in the same window."""
    window = options.window(memory.started)
    start, _, end = _name(kind, -1, window, options).partition("-1")
    return [name for name in memory.cursors if name.startswith(start) and name.endswith(end)]


def saved_requests(step: WalkStep) -> list[Avoided]:
    """Return the requests that a finished walk saved by looking only at updates since the last walk."""
    saved = step.before - step.naive if step.since else 0
    return [Avoided(saved, "only what was updated since the last run")] if saved > 0 else []


def plan(repo: Any, listing: WalkStep, memory: Memory, options: GitHubOptions) -> Plan:
    """Decide which collectors of a repository (GitHub's JSON object) must walk, from where, and which are skipped."""
    steps, avoided = [], []
    target = None
    window = window_of(listing, options)
    name, repo_id, node = text(repo, "full_name") or "", integer(repo, "id") or 0, text(repo, "node_id") or ""
    for kind in collectors(options):
        progress = recall(_name(kind, repo_id, window, options), memory)
        state = mark(kind, repo)
        empty, unchanged = reason_to_skip(kind, repo, window), _unchanged(progress, state, listing, options)
        if empty or unchanged:
            avoided.append(Avoided(1, empty) if empty or not progress else Avoided(progress.naive, unchanged))
        elif kind == "reviews" and not node:
            continue
        elif kind == "hygiene":
            target = Target(id=repo_id, name=name, node=node, mark=state)
        else:
            walk = WalkStep(kind=kind, name=name, started=listing.started, repo_id=repo_id, mark=state, node=node)
            steps.append(_resumed(walk, progress, window))
    return Plan(steps, target, avoided)


def recall(name: str, memory: Memory) -> Progress | None:
    """Read a cursor; None for one that cannot be parsed and for a full run, so the walk begins anew."""
    try:
        progress = msgspec.json.decode(memory.cursors.get(name, ""), type=Progress)
    except msgspec.DecodeError:
        return None
    return None if memory.full or instant(progress.through) is None else progress


def mark(kind: str, repo: Any) -> str:
    """Return a value that changes with anything new.

    Commits and hygiene: last push and default branch; else times and counts.
    """
    pushed, updated = text(repo, "pushed_at") or "never", text(repo, "updated_at")
    if not updated:
        return ""
    if kind in {"commits", "hygiene"}:
        return f"{pushed} {text(repo, 'default_branch')}"
    return f"{pushed} {updated} {integer(repo, 'open_issues_count')}"


def reason_to_skip(kind: str, repo: Any, window: Window) -> str:
    """Return why a collector has nothing to walk in a repository; "" where it has."""
    if kind == "issues" and integer(repo, "has_issues") == 0:
        return "issues are switched off"
    if kind == "commits" and window.before(_plus_a_day(instant(text(repo, "pushed_at")))):
        return "nothing was pushed since the window began"
    return ""


def _resumed(walk: WalkStep, progress: Progress | None, window: Window) -> WalkStep:
    if progress is None:
        return msgspec.structs.replace(walk, newest=stamp(window.start))
    since = _since(progress, window)
    return msgspec.structs.replace(walk, since=since, newest=progress.through, before=progress.naive)


def _name(kind: str, repo_id: int, window: Window, options: GitHubOptions) -> str:
    """Name a cursor. The name includes what the walk collected, so options switched on later cause a new walk."""
    host = options.base_url.partition("//")[2]
    if kind == "hygiene":
        return f"{host} hygiene {repo_id}"
    return f"{host} {_purpose(kind, options)} {repo_id} {window}"


def _purpose(kind: str, options: GitHubOptions) -> str:
    if kind == "reviews" or (kind == "pulls" and not options.graphql):
        pulls = kind == "pulls" and options.pulls
        on = {"pulls": pulls, "reviews": options.reviews, "pull_details": options.pull_details}
        return "+".join(name for name, is_on in on.items() if is_on)
    return kind


def _since(progress: Progress, window: Window) -> str:
    """Return where to continue.

    The value stays the same while nothing new appears, so the same request can answer 304.
    """
    return stamp(max((instant(progress.through) or window.start) - OVERLAP, window.start))


def _plus_a_day(moment: datetime | None) -> datetime | None:
    """Add a day of tolerance: commit dates come from committers' clocks, push times from the server's."""
    return moment + timedelta(days=1) if moment and moment.year < 9999 else None


def _unchanged(progress: Progress | None, mark: str, listing: WalkStep, options: GitHubOptions) -> str:
    """Return why a walk is skipped; "" where it is needed.

    Within one run nothing is skipped: a repository listed twice has one walk anyway, by its request key.
    """
    if progress is None or not options.skip_unchanged or progress.run == listing.started:
        return ""
    return "the repository did not move since it was harvested" if mark and progress.mark == mark else ""
