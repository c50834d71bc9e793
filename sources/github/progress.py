"""What a collector remembers of a repository from run to run, and what that saves the next one.

The cursor of a collector is written by the last page of its walk, in the same transaction as that page's rows. So a
cursor says that every page before it landed; a walk that broke off leaves the older cursor, or none, in place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from engine.common.errors import BadBody
from engine.model.source import Avoided, Memory
from sources.common.json_values import instant, integer, stamp, text
from sources.github.lists import Step, Target
from sources.github.options import GitHubOptions, Window

OVERLAP: Final = timedelta(minutes=5)
"""How far a later walk reaches back behind the earlier one: lists lag behind, clocks differ."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """One completed walk."""

    through: str
    """The latest update it saw, at most its run's start: from here on a later walk must look again."""
    mark: str
    """The repository's state when the walk was planned; "" when unknown."""
    run: str
    """Which run it belongs to, by its start."""
    naive: int = 1
    """How many requests a plain client makes for the same: what sparing the whole walk saves."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a repository needs."""

    steps: Sequence[Step]
    """The walks of its lists."""
    target: Target | None
    """Itself, when its hygiene is due."""
    avoided: Sequence[Avoided]


def collectors(options: GitHubOptions) -> list[str]:
    """Name what is walked for each repository. Without GraphQL reviews hang on the list of pull requests."""
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


def window_of(step: Step, options: GitHubOptions) -> Window:
    """Return the span of time a walk is about.

    Raises:
        BadBody: the step does not say when it began.
    """
    started = instant(step.started)
    if started is None:
        raise BadBody(f"{step.kind} {step.name}: its context names no start: {step.started!r}")
    return options.window(started)


def cursor(step: Step, options: GitHubOptions) -> dict[str, str]:
    """Return what a walk's last page remembers."""
    window = window_of(step, options)
    through = min(instant(step.newest) or window.start, instant(step.started) or window.start)
    naive = max(step.before, step.naive)
    progress = Progress(through=stamp(through), mark=step.mark, run=step.started, naive=naive)
    return {_name(step.kind, step.repo_id, window, options): msgspec.json.encode(progress).decode()}


def position(kind: str, repo_id: int, memory: Memory, options: GitHubOptions) -> str:
    """Name the cursor of a collector in a repository, for the span of time that a run begun now would have."""
    return _name(kind, repo_id, options.window(memory.started), options)


def remembered_of(kind: str, memory: Memory, options: GitHubOptions) -> list[str]:
    """Name the cursors that earlier runs have left of a collector, in the same span of time."""
    window = options.window(memory.started)
    start, _, end = _name(kind, -1, window, options).partition("-1")
    return [name for name in memory.cursors if name.startswith(start) and name.endswith(end)]


def spared(step: Step) -> list[Avoided]:
    """Return what a finished walk has not asked again, for it looked only at what was updated since the last."""
    saved = step.before - step.naive if step.since else 0
    return [Avoided(saved, "only what was updated since the last run")] if saved > 0 else []


def plan(repo: Any, listing: Step, memory: Memory, options: GitHubOptions) -> Plan:
    """Decide which collectors of a repository (GitHub's JSON object) must walk, from where, and which need not."""
    steps, avoided = [], []
    target = None
    window = window_of(listing, options)
    name, repo_id, node = text(repo, "full_name") or "", integer(repo, "id") or 0, text(repo, "node_id") or ""
    for kind in collectors(options):
        progress = recall(_name(kind, repo_id, window, options), memory)
        state = mark(kind, repo)
        empty, unchanged = needless(kind, repo, window), _unchanged(progress, state, listing, options)
        if empty or unchanged:
            avoided.append(Avoided(1, empty) if empty or not progress else Avoided(progress.naive, unchanged))
        elif kind == "reviews" and not node:
            continue
        elif kind == "hygiene":
            target = Target(id=repo_id, name=name, node=node, mark=state)
        else:
            walk = Step(kind=kind, name=name, started=listing.started, repo_id=repo_id, mark=state, node=node)
            steps.append(_resumed(walk, progress, window))
    return Plan(steps, target, avoided)


def _resumed(walk: Step, progress: Progress | None, window: Window) -> Step:
    if progress is None:
        return msgspec.structs.replace(walk, newest=stamp(window.start))
    since = _since(progress, window)
    return msgspec.structs.replace(walk, since=since, newest=progress.through, before=progress.naive)


def _name(kind: str, repo_id: int, window: Window, options: GitHubOptions) -> str:
    """Name a cursor. It says what the walk was for: what is switched on later must be walked anew."""
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


def recall(name: str, memory: Memory) -> Progress | None:
    """Read a cursor; one that cannot be read is none, and the walk begins anew."""
    try:
        progress = msgspec.json.decode(memory.cursors.get(name, ""), type=Progress)
    except msgspec.DecodeError:
        return None
    return None if memory.full or instant(progress.through) is None else progress


def _since(progress: Progress, window: Window) -> str:
    """Say from where to look again: the same while nothing new comes, so that the same list can answer 304."""
    return stamp(max((instant(progress.through) or window.start) - OVERLAP, window.start))


def mark(kind: str, repo: Any) -> str:
    """Note what moves with anything new: for commits a push or another default branch, else times and counts."""
    pushed, updated = text(repo, "pushed_at") or "never", text(repo, "updated_at")
    if not updated:
        return ""
    if kind in {"commits", "hygiene"}:
        return f"{pushed} {text(repo, 'default_branch')}"
    return f"{pushed} {updated} {integer(repo, 'open_issues_count')}"


def needless(kind: str, repo: Any, window: Window) -> str:
    """Say why a collector has nothing to walk in a repository; "" where it has."""
    if kind == "issues" and integer(repo, "has_issues") == 0:
        return "issues are switched off"
    if kind == "commits" and window.before(_plus_a_day(instant(text(repo, "pushed_at")))):
        return "nothing was pushed since the window began"
    return ""


def _plus_a_day(moment: datetime | None) -> datetime | None:
    """Commit dates come from the committer's clock, the time of a push from the server's."""
    return moment + timedelta(days=1) if moment and moment.year < 9999 else None


def _unchanged(progress: Progress | None, mark: str, listing: Step, options: GitHubOptions) -> str:
    """Within one run nothing is skipped: a repository listed twice has one walk anyway, by its key."""
    if progress is None or not options.skip_unchanged or progress.run == listing.started:
        return ""
    return "the repository did not move since it was harvested" if mark and progress.mark == mark else ""
