"""The coverage map of GitHub: each list of repositories, then each repository by collector and time window."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from engine.common.errors import BadBody, UsageError
from engine.model.coverage import CoverageReader, Part, PartState
from engine.model.source import Request
from sources.common.json_values import instant
from sources.github import hygiene, repositories, reviews
from sources.github.lists import WalkStep, first, start_of, step_of
from sources.github.options import GitHubOptions
from sources.github.progress import Progress, collectors, cursor_name, plan, reason_to_skip, recall, window_of
from sources.github.progress import mark as mark_of

_TABLES: Final = {
    "pulls": "pull", "issues": "issue", "issue_comments": "issue_comment", "review_comments": "review_comment",
    "commits": "git_commit", "reviews": "review", "hygiene": "hygiene",
}  # fmt: skip
_COLLECTOR: Final = {"pull_reviews": "reviews", "pull_details": "reviews", "more_reviews": "reviews", "tree": "hygiene"}
_COLUMNS: Final = (
    "id", "full_name", "owner_login", "pushed_at", "updated_at", "default_branch", "open_issues", "has_issues",
    "gone_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walked:
    """The cursor of a repository's collector, for another time window."""

    label: str
    progress: Progress


def parts(reader: CoverageReader, options: GitHubOptions) -> Iterable[Part]:
    """Yield the lists of repositories, then every repository in them, collector by collector."""
    try:
        seeds = {seed.key: step_of(seed) for seed in repositories.seeds(reader.memory, options)}
    except UsageError:
        return
    unfinished = reader.by_part(_part_of)
    for key, step in seeds.items():
        part = _listed(key, step, reader, options)
        yield part.with_open_requests(unfinished.get(key, ()))
    tallies = {kind: reader.counts(_TABLES[kind], "repo_id") for kind in collectors(options)}
    elsewhere = _elsewhere(reader, options)
    for repo in reader.rows("repo", _COLUMNS):
        if not _is_mine(repo, options):
            continue
        for kind in collectors(options):
            others = elsewhere.get((kind, repo["id"]), ())
            rows = None if others and kind != "hygiene" else tallies[kind].get(repo["id"], 0)
            part = replace(_collected(kind, repo, reader, options), rows=rows)
            yield part.with_open_requests(unfinished.get(f"{repo['id']} {kind}", ()))
            yield from (_other(kind, repo, one) for one in others)


def refill(key: str, reader: CoverageReader, options: GitHubOptions) -> Iterator[Request]:
    """Request a list of repositories again, or a collector's first page."""
    for seed in repositories.seeds(reader.memory, options):
        if seed.key == key:
            yield seed
    name, _, kind = key.rpartition(":")
    for repo in reader.rows("repo", ("id", "full_name", "raw")):
        if repo["full_name"] == name and repo["raw"]:
            yield from _walk(msgspec.json.decode(repo["raw"]), kind, reader, options)


def _walk(repo: Any, kind: str, reader: CoverageReader, options: GitHubOptions) -> Iterator[Request]:
    asked = WalkStep(kind="repo", name=str(repo.get("full_name")), started=start_of(reader.memory))
    needed = plan(repo, asked, reader.memory, msgspec.structs.replace(options, skip_unchanged=False))
    for step in needed.steps:
        if step.kind == kind:
            yield reviews.first(step, options) if kind == "reviews" else first(step, window_of(step, options))
    if needed.target and kind == "hygiene":
        yield from hygiene.requests([needed.target], asked, options)


def _listed(key: str, step: WalkStep, reader: CoverageReader, options: GitHubOptions) -> Part:
    """Make the part of a list of repositories, with its size when it was last read to the end."""
    name, updated = f"{key}: repositories" if step.kind != "repo" else f"{key}: itself", reader.landed(key)
    had = len(repositories.listed_before(step, reader.memory, options))
    rows = had if step.kind != "repo" else None
    part = Part(key=key, name=name, state=PartState.MISSING, rows=rows, updated=updated)
    if had or (step.kind == "repo" and updated is not None):
        part = replace(part, state=PartState.COMPLETE)  # the ids are written with the last page of the list
    elif updated is not None:
        part = reader.known(part)
    return part.aging(reader.memory.started.timestamp())


def _collected(kind: str, repo: Mapping[str, Any], reader: CoverageReader, options: GitHubOptions) -> Part:
    name = f"{repo['full_name']} {kind}" + (
        "" if kind == "hygiene" else f" {_label(str(options.window(reader.memory.started)))}"
    )
    part = Part(key=f"{repo['full_name']}:{kind}", name=name, state=PartState.MISSING)
    facts = {**repo, "open_issues_count": repo["open_issues"]}
    progress = recall(cursor_name(kind, repo["id"], reader.memory, options), reader.memory)
    if repo["gone_at"]:
        state = PartState.COMPLETE if progress else PartState.MISSING
        return replace(part, state=state, detail="the repository is gone", updated=_when(progress), fillable=False)
    if why := reason_to_skip(kind, facts, options.window(reader.memory.started)):
        return replace(part, state=PartState.COMPLETE, detail=why, updated=_when(progress), fillable=False)
    if progress is None:
        return replace(part, detail="not collected yet")
    mark = mark_of(kind, facts)
    part = replace(part, updated=_when(progress))
    if not mark:
        return replace(part, state=PartState.UNKNOWN, detail="whether it moved since is not known")
    if mark == progress.mark:
        return replace(part, state=PartState.COMPLETE)
    return replace(part, state=PartState.STALE, detail="the repository moved since")


def _other(kind: str, repo: Mapping[str, Any], walked: _Walked) -> Part:
    """Make the part of another time window.

    It was once collected completely, but only the configured window can be refilled.
    """
    return Part(
        key=f"{repo['full_name']}:{kind}:{walked.label}",
        name=f"{repo['full_name']} {kind} {walked.label}",
        state=PartState.COMPLETE,
        detail="of an earlier configuration",
        updated=_when(walked.progress),
        fillable=False,
    )


def _elsewhere(reader: CoverageReader, options: GitHubOptions) -> Mapping[tuple[str, int], list[_Walked]]:
    """Find the cursors of other time windows; the window is the last part of a cursor's name."""
    window = str(options.window(reader.memory.started))
    found: dict[tuple[str, int], list[_Walked]] = {}
    for kind in collectors(options):
        start = cursor_name(kind, -1, reader.memory, options).partition("-1")[0]
        for name in reader.memory.cursors if kind != "hygiene" else ():
            number, _, span = name.removeprefix(start).partition(" ")
            progress = recall(name, reader.memory) if name.startswith(start) and number.isdigit() else None
            if progress is not None and span != window:
                found.setdefault((kind, int(number)), []).append(_Walked(label=_label(span), progress=progress))
    return found


def _part_of(request: Request) -> str | Sequence[str]:
    try:
        step = step_of(request)
    except BadBody:
        return ""
    if step.kind in {"org", "user", "repo"}:
        return f"{step.kind} {step.name}"
    kind = _COLLECTOR.get(step.kind, step.kind)
    return [f"{one.id} {kind}" for one in step.targets] if step.targets else f"{step.repo_id} {kind}"


def _is_mine(repo: Mapping[str, Any], options: GitHubOptions) -> bool:
    owners = {owner.lower() for owner in (*options.orgs, *options.users)}
    name = str(repo["full_name"] or "")
    return str(repo["owner_login"]).lower() in owners or name.lower() in {one.lower() for one in options.repos}


def _label(span: str) -> str:
    """Shorten a window that is a calendar year: "2024-01-01..2025-01-01" is "2024"."""
    start, _, until = span.partition("..")
    if start.endswith("-01-01") and until.endswith("-01-01") and int(until[:4]) == int(start[:4]) + 1:
        return start[:4]
    return span


def _when(progress: Progress | None) -> float | None:
    moment = instant(progress.run) if progress else None
    return moment.timestamp() if moment else None
