"""The coverage map of GitLab: the lists of every root, each group with its projects, and each project's clone."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from engine.common.errors import BadBody
from engine.model.completeness import of_part
from engine.model.coverage import CoverageReader, Part, PartState
from engine.model.source import Request
from sources.common.json_values import Row, instant
from sources.gitlab.clone import GIT, SETTLED, plan
from sources.gitlab.lists import ListStep, first, step_of
from sources.gitlab.options import GitLabOptions

_LISTS: Final = {
    "groups": "subgroups", "projects": "projects", "shared": "shared projects", "owned": "projects of the user",
    "all_groups": "groups of the instance", "all_projects": "projects of the instance",
}  # fmt: skip
_NOTHING: Final = frozenset({"disabled", "refused"})
"""States of a clone that does not exist and need not."""
_CLONE: Final = ("project_id", "state", "note", "activity", "how", "updated_at")


def parts(reader: CoverageReader, options: GitLabOptions, seeds: Iterable[Request]) -> Iterator[Part]:
    """Yield the lists, the groups and, with `clone`, the clones."""
    unfinished = reader.by_part(_part_of)
    now = reader.memory.started.timestamp()
    landed: dict[str, float | None] = {}
    for seed in seeds:
        step = step_of(seed)
        key = _name(step.kind, step.of)
        landed[key] = reader.landed(seed.key)
        name = f"{step.of} {_LISTS[step.kind]}".strip()
        part = Part(key=key, name=name, state=PartState.MISSING, updated=landed[key])
        part = part if landed[key] is None else reader.known(part)
        yield part.aging(now).with_open_requests(unfinished.get(key, ()))
    projects = reader.counts("project", "grp_id")
    for group in reader.rows("grp", ("id", "full_path", "gone")):
        key = _name("projects", group["id"])
        yield (
            _group(key, group, landed, projects.get(group["id"], 0), reader)
            .aging(now)
            .with_open_requests(unfinished.get(key, ()))
        )
    if options.clone:
        yield from _clones(reader, options, unfinished)


def refill(key: str, reader: CoverageReader, options: GitLabOptions, seeds: Iterable[Request]) -> Iterator[Request]:
    """Request a list, or a git job for a repository."""
    kind, _, of = key.partition(" ")
    if kind == "clone":
        yield from _git(of, reader, options)
        return
    for seed in seeds:
        step = step_of(seed)
        if _name(step.kind, step.of) == key:
            yield seed
            return
    if kind == "projects" and of.isdigit():
        yield first(ListStep(kind=kind, of=of), options)


def _group(
    key: str, group: Mapping[str, Any], landed: Mapping[str, float | None], projects: int, reader: CoverageReader
) -> Part:
    """Make the part of a group from the list of the root above it: it is as complete as that list."""
    path = str(group["full_path"])
    above = [*(_name("projects", root) for root in _above(path, group["id"])), "all_projects"]
    root = next((each for each in above if landed.get(each) is not None), "")
    updated = landed.get(root)
    part = Part(key=key, name=f"{path}/", state=PartState.UNKNOWN, rows=projects, updated=updated)
    if group["gone"]:
        return replace(part, state=PartState.COMPLETE, detail="gone: GitLab lists it no more", fillable=False)
    if updated is None:
        return replace(part, detail="when its projects were listed is not known")
    known = reader.known(replace(part, key=root))
    return replace(of_part(known, reader.ends.get(root)), key=key)


def _above(path: str, number: int) -> list[str]:
    """Return the names a root above a group may be configured with: the group's id, and every path that leads to it."""
    words = path.split("/")
    return [str(number), *("/".join(words[:many]) for many in range(len(words), 0, -1))]


def _clones(reader: CoverageReader, options: GitLabOptions, unfinished: Mapping[str, Any]) -> Iterator[Part]:
    known = {row["project_id"]: row for row in reader.rows("clone", _CLONE)}
    for project in reader.rows("project", ("id", "full_path", "last_activity_at", "gone")):
        key = f"clone {project['id']}"
        part = _clone(key, project, known.get(project["id"]), options)
        yield part.with_open_requests(unfinished.get(key, ()))


def _clone(key: str, project: Mapping[str, Any], clone: Mapping[str, Any] | None, options: GitLabOptions) -> Part:
    part = Part(key=key, name=f"{project['full_path']}.git", state=PartState.MISSING, detail="not cloned yet")
    if not options.wants(str(project["full_path"])):
        return replace(part, state=PartState.COMPLETE, detail="left out by include or exclude", fillable=False)
    if clone is None:
        gone = bool(project["gone"])
        return replace(part, detail="gone before it was cloned" if gone else part.detail, fillable=not gone)
    moment = instant(clone["updated_at"])
    part = replace(part, detail="", updated=moment.timestamp() if moment else None)
    state, note = str(clone["state"]), str(clone["note"] or "")
    if project["gone"] or state in _NOTHING:
        detail = "gone: GitLab lists it no more" if project["gone"] else note
        return replace(part, state=PartState.COMPLETE, detail=detail, fillable=False)
    if state not in SETTLED:
        return replace(part, state=PartState.FAILED, detail=f"{state}: {note}")
    if clone["how"] not in {None, options.update}:
        return replace(part, state=PartState.STALE, detail=f"made by {clone['how']}, wanted is {options.update}")
    if clone["activity"] != project["last_activity_at"]:
        return replace(part, state=PartState.STALE, detail="there was activity since")
    return replace(part, state=PartState.COMPLETE)


def _git(project: str, reader: CoverageReader, options: GitLabOptions) -> Iterator[Request]:
    if not project.isdigit():
        return
    stored = reader.memory.rows("project", [(int(project),)]).get((int(project),), {})
    raw = stored.get("raw")
    if raw:
        needed = plan(
            Row(raw.encode(), msgspec.json.decode(raw)), options, replace(reader.memory, full=True)
        )  # force the plan: this clone is wanted now
        if needed.request:
            yield needed.request


def _part_of(request: Request) -> str:
    if request.resource == GIT:
        return f"clone {request.context.get('id')}"
    try:
        step = step_of(request)
    except BadBody:
        return ""
    return _name(step.kind, step.of)


def _name(kind: str, of: object) -> str:
    return f"{kind} {of}".strip()
