"""Turns a page of a list, or a single object, into rows, further pages, deletion checks and git jobs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from engine.common.errors import BadBody
from engine.model.source import Avoided, Memory, Page, Record, Request, Response
from sources.common.json_values import Row, row, rows, stamp, text
from sources.gitlab import rows as shapes
from sources.gitlab.clone import Plan, plan
from sources.gitlab.deletions import check_requests, known_ids, missing, page_cursors
from sources.gitlab.lists import ListStep, advance, ends_of, first
from sources.gitlab.options import GitLabOptions

GROUP_LISTS: Final = frozenset({"groups", "all_groups"})
_GROUPS: Final = GROUP_LISTS | {"group"}
_SEEN_ELSEWHERE: Final = frozenset({"shared"})
"""Lists whose projects live in other groups: a project missing there is no longer shared, but not deleted."""
_NOTES: Final = 3
_LISTING: Final = (
    "base_url", "membership", "shared", "archived", "visibility", "min_access_level", "include", "exclude",
)  # fmt: skip


def begin(step: ListStep, options: GitLabOptions, memory: Memory) -> Request:
    """Return the first request of a list. It is walked in order if ids of an earlier walk are to be compared."""
    watch = step.kind not in _SEEN_ELSEWHERE and bool(known_ids(memory, step, listing_scope(options)))
    return first(msgspec.structs.replace(step, ordered=watch), options)


def single(step: ListStep, response: Response, memory: Memory) -> Page:
    """Turn a single object into its row. One that was listed before and is not found now is marked, never removed."""
    if response.status == 404:
        return _gone(step, memory)
    found = row(response.json(msgspec.Raw), response.url)
    return Page(records=_landed(step, [found], memory, response)[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """One page of a list, as received."""

    request: Request
    response: Response
    step: ListStep
    options: GitLabOptions
    memory: Memory

    def parse(self) -> Page:
        """Turn it into a page for the engine.

        Raises:
            BadBody: it is no JSON array, or no object in it has an id.
        """
        step, options, found = self.step, self.options, rows(self.response)
        ids = _ids(found)
        onward = advance(self.request, self.response, step, found, options, max([step.after, *ids]))
        wanted = [one for one in found if step.kind in _GROUPS or self._wants(one)]
        records, missed = _landed(step, wanted, self.memory, self.response)
        plans = [] if step.kind in _GROUPS else [plan(one, options, self.memory) for one in wanted]
        known_by_children, groups = self._around(found)
        cursors, lost = self._compared(ids, _ids(wanted), ended=onward.ended)
        return Page(
            records=[*known_by_children, *records, *(record for each in plans for record in each.records)],
            more=[*onward.more, *groups, *lost, *(each.request for each in plans if each.request)],
            cursors=cursors,
            avoided=[*_trees(step, len(ids)), *_sum(plans)],
            note=_joined([onward.note, missed, *(each.note for each in plans)]),
            ends=ends_of(step, onward, self.response, len(found)),
        )

    def _wants(self, project: Row) -> bool:
        return self.options.wants(text(project.value, "path_with_namespace") or "")

    def _around(self, found: Sequence[Row]) -> tuple[list[Record], list[Request]]:
        """Find the row of the list's own group, from a child or by a request.

        List what is shared with its subgroups.
        """
        step = self.step
        if step.kind not in GROUP_LISTS:
            return [], []
        told = [each for each in (shapes.parent_of_child(one, step.of) for one in found) if each] if step.of else []
        ask = step.page == 1 and bool(step.of) and not told
        asked = [first(ListStep(kind="group", of=step.of), self.options)] if ask else []
        if self.options.shared == "deep":
            asked += [begin(ListStep(kind="shared", of=str(each)), self.options, self.memory) for each in _ids(found)]
        return told[:1] if step.page == 1 else [], asked

    def _compared(
        self, ids: Sequence[int], kept: Sequence[int], *, ended: bool
    ) -> tuple[dict[str, str], list[Request]]:
        """Store the page's ids, and request those that an earlier walk found in this page's range of ids."""
        step, scope = self.step, listing_scope(self.options)
        if step.kind in _SEEN_ELSEWHERE:
            return {}, []
        cursors = page_cursors(self.memory, step, scope, kept, ended=ended)
        if not step.ordered:
            return dict(cursors), []
        lost = missing(known_ids(self.memory, step, scope), step, ids, ended=ended)
        return dict(cursors), check_requests(lost, "group" if step.kind in GROUP_LISTS else "project", self.options)


def _landed(step: ListStep, found: Sequence[Row], memory: Memory, response: Response) -> tuple[list[Record], str]:
    """Make the rows of a page. An object without an id is skipped; a page of nothing else is refused."""
    if step.kind in _GROUPS:
        groups = [[each] if (each := shapes.group(one)) else [] for one in found]
    else:
        groups = [shapes.project(one) for one in found]
    empty = groups.count([])
    if empty and empty == len(groups):
        raise BadBody(f"{response.url}: not one of {empty} objects has an id")
    records = shapes.distinct(record for group in groups for record in group)
    note = f"{empty} of {len(groups)} objects have no id and were left out" if empty else ""
    return [*records, *_revoked(records, memory)], note


def _revoked(records: Sequence[Record], memory: Memory) -> list[Record]:
    """Mark the shares that a project's stored row has and its new row lacks."""
    projects = {record.data["id"]: record.data["shares"] for record in records if record.table == "project"}
    before = memory.rows("project", [(project_id,) for project_id in projects])
    return [
        record
        for (project_id,), stored in before.items()
        for record in shapes.revoked(project_id, text(stored, "shares") or "", projects[project_id])
    ]


def _gone(step: ListStep, memory: Memory) -> Page:
    key = int(step.of)
    if step.kind == "group":
        return Page(records=[Record(table="grp", data={"id": key, "gone": 1})], note=f"group {key} is gone")
    records = [Record(table="project", data={"id": key, "gone": 1})]
    if memory.rows("clone", [(key,)]):
        data = {"project_id": key, "state": "gone", "updated_at": stamp(memory.started)}
        records.append(Record(table="clone", data=data))
    return Page(records=records, note=f"project {key} is gone; a clone of it stays where it is")


def _ids(found: Sequence[Row]) -> list[int]:
    return [each for each in (shapes.number(one.value, "id") for one in found) if each is not None]


def listing_scope(options: GitLabOptions) -> str:
    """Return the options that decide what is listed. Git options are left out, as they change no list."""
    return msgspec.json.encode([getattr(options, name) for name in _LISTING]).decode()


def _trees(step: ListStep, subgroups: int) -> list[Avoided]:
    """Count the requests saved over a walk from group to group, which lists the subgroups and the projects of each.

    A list of the whole tree has more pages than that client's lists of single groups, so its further pages are
    subtracted. Where one group alone has hundreds of projects this subtracts too much, never too little.
    """
    if step.kind not in {"groups", "projects"}:
        return []
    saved = (2 * subgroups if step.kind == "groups" else 0) - (step.page > 1)
    return [Avoided(saved, "one list of groups and one of projects for a whole tree")] if saved else []


def _sum(plans: Sequence[Plan]) -> list[Avoided]:
    total = Counter[str]()
    for saved in (saved for each in plans for saved in each.avoided):
        total[saved.why] += saved.requests
    return [Avoided(requests, why) for why, requests in total.items()]


def _joined(notes: Sequence[str]) -> str:
    said = [note for note in notes if note]
    more = f"; and {len(said) - _NOTES} more" if len(said) > _NOTES else ""
    return "; ".join(said[:_NOTES]) + more
