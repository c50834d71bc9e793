"""What a run over GitLab would cost: the lists by their last walk or by one row of each, then git."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.model.capabilities import Estimate
from engine.model.source import Memory, Request, Response
from sources.gitlab.answers import GROUP_LISTS, listing_scope
from sources.gitlab.clone import GIT
from sources.gitlab.deletions import known_ids, page_range
from sources.gitlab.lists import API, PER_PAGE, ListStep, first
from sources.gitlab.options import GitLabOptions

MOST_TOLD: Final = 10_000
"""GitLab reports a list's length up to this many rows.

https://docs.gitlab.com/api/rest/#pagination-response-headers
"""
_TOLD: Final = "rows of "
_BEYOND: Final = "many rows of "
_TREES: Final = frozenset({"groups", "projects"})
_WORDS: Final = {
    "groups": "groups below the named ones",
    "projects": "projects in the trees of the named groups",
    "owned": "projects of the named users",
    "all_groups": "groups of the instance",
    "all_projects": "projects of the instance",
    "shared": "projects shared with a group",
}


@dataclass(frozen=True, slots=True)
class _Length:
    """Rows and pages of a list; the upper bounds are None where they are unknown."""

    rows: int
    pages: int
    most_rows: int | None
    most_pages: int | None


def probes(roots: Iterable[ListStep], memory: Memory, options: GitLabOptions) -> list[Request]:
    """Request one row of each list that was never walked: a header has the list's length."""
    unknown = [
        step for step in roots if step.kind != "shared" and not page_range(memory, step, listing_scope(options))[1]
    ]
    return [_probe(first(step, options)) for step in unknown]


def learn(request: Request, response: Response) -> dict[str, int]:
    """Read a list's length. Without it, a next page means that the list is longer than GitLab counts."""
    of, said = str(request.context["list"]), response.headers.get("x-total", "")
    if said.isascii() and said.isdigit() and len(said) < 10:
        return {_TOLD + of: int(said)}
    return {_BEYOND + of: 1} if response.headers.get("x-next-page", "").strip() else {}


def estimate(
    roots: Sequence[ListStep], memory: Memory, probed: Mapping[str, int], options: GitLabOptions
) -> list[Estimate]:
    """Estimate each kind of list, further requests for groups, and git."""
    lengths = [(step, _length(step, memory, probed, options)) for step in roots]
    kinds = dict.fromkeys(step.kind for step in roots)
    found = [_lists(kind, [length for step, length in lengths if step.kind == kind]) for kind in kinds]
    groups = [length for step, length in lengths if step.kind in GROUP_LISTS]
    found += _names([length for step, length in lengths if step.kind == "groups"])
    found += _below(groups) if options.shared == "deep" and groups else []
    found += _git([length for step, length in lengths if step.kind not in GROUP_LISTS], memory, options)
    return found


def _probe(request: Request) -> Request:
    params = {name: value for name, value in request.params.items() if name != "pagination"}
    return Request(
        key=f"plan {request.key}",
        url=request.url,
        params={**params, "per_page": 1},
        resource=API,
        route=request.route,
        context={"list": request.key},
    )


def _length(step: ListStep, memory: Memory, probed: Mapping[str, int], options: GitLabOptions) -> _Length:
    """Return a list's length, from its last walk where there was one. It may have grown by a page since."""
    scope, name = listing_scope(options), f"{step.kind} {step.of}".rstrip()
    least, most = page_range(memory, step, scope)
    if most:
        rows = len(known_ids(memory, step, scope))
        return _Length(rows, least, rows + PER_PAGE, most + 1)
    total = probed.get(_TOLD + name)
    if total is not None:
        pages = max(1, math.ceil(total / PER_PAGE))
        return _Length(total, pages, total, pages)
    beyond = MOST_TOLD + 1 if probed.get(_BEYOND + name) else 0
    return _Length(beyond, max(1, math.ceil(beyond / PER_PAGE)), None, None)


def _lists(kind: str, lengths: Sequence[_Length]) -> Estimate:
    """Sum up the lists of one kind.

    A plain client walks from group to group: it needs two more lists for each group below a root, each shorter than a
    list of the whole tree.
    """
    rows, pages = sum(each.rows for each in lengths), sum(each.pages for each in lengths)
    most = _sum(each.most_pages for each in lengths)
    many = f"{rows:,}" if most == pages else f"{rows:,} or more" if rows else "an unknown number of"
    beyond = "; GitLab counts up to 10,000" if any(each.rows > MOST_TOLD for each in lengths) else ""
    return Estimate(
        resource=API,
        requests_low=pages,
        requests_high=most,
        naive_requests=len(lengths) + (2 * rows if kind == "groups" else 0) if kind in _TREES else pages,
        naive_open=most is None,
        why=f"lists: {many} {_WORDS[kind]}, {PER_PAGE} on a page{beyond}",
    )


def _names(lengths: Sequence[_Length]) -> list[Estimate]:
    """Count the named groups that are requested by themselves, because no subgroup shows their row."""
    if not lengths:
        return []
    alone, most = sum(each.most_rows == 0 for each in lengths), len(lengths)
    why = f"named groups: {alone} without subgroups, asked for by themselves; of the others a subgroup mostly tells"
    return [Estimate(resource=API, requests_low=alone, requests_high=most, naive_requests=alone, why=why)]


def _below(lengths: Sequence[_Length]) -> list[Estimate]:
    """Count a list of shared projects for every subgroup. Their lengths are unknown beforehand."""
    rows = sum(each.rows for each in lengths)
    why = 'shared = "deep": a list of shared projects for each subgroup, of unknown length'
    high = 0 if all(each.most_rows == 0 for each in lengths) else None
    return [
        Estimate(
            resource=API, requests_low=rows, requests_high=high, naive_requests=rows, naive_open=high is None, why=why
        )
    ]


def _git(lengths: Sequence[_Length], memory: Memory, options: GitLabOptions) -> list[Estimate]:
    """Count a repository for each project. Those without activity since their last fetch are skipped."""
    if not options.clone:
        return []
    projects, most = sum(each.rows for each in lengths), _sum(each.most_rows for each in lengths)
    done = 0 if memory.full else memory.count("clone")
    chosen = bool(options.include or options.exclude)
    words = f"git: {projects:,}{'' if most == projects else ' or more'} projects"
    words += ", of which include and exclude choose" if chosen else ""
    words += f"; {done:,} were fetched before and are left alone unless they moved" if done else ""
    return [
        Estimate(
            resource=GIT,
            requests_low=0 if chosen else max(0, projects - done),
            requests_high=most,
            naive_requests=projects,
            naive_open=most is None,
            timed=False,
            why=f"{words}; how long each takes is its size's business",
        )
    ]


def _sum(values: Iterable[int | None]) -> int | None:
    """Add up; None if any value is unknown."""
    total = 0
    for value in values:
        if value is None:
            return None
        total += value
    return total
