"""What a run over GitHub would cost, from the cursors of earlier runs and the number of repositories."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from engine.model.capabilities import Estimate
from engine.model.source import Memory, Request, Response
from sources.common.json_values import integer
from sources.github.graphql import RESOURCE
from sources.github.hygiene import TOGETHER
from sources.github.lists import PER_PAGE, WalkStep, step_of
from sources.github.options import GitHubOptions
from sources.github.progress import collectors, cursor_names, recall
from sources.github.repositories import listed_before, seeds

# Requests an hour, with and without a token:
# https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
QUOTA: Final = 5000
ANONYMOUS_QUOTA: Final = 60
_BY_QUERY: Final = frozenset({"reviews", "hygiene"})


@dataclass(frozen=True, slots=True)
class _Past:
    """What earlier runs stored of one collector: its repositories, and the requests a plain client made for them."""

    repositories: int
    naive: int


def probes(memory: Memory, options: GitHubOptions) -> list[Request]:
    """Request each account whose list was never read to the end, to learn its number of repositories."""
    steps = [step_of(each) for each in seeds(memory, options)]
    return [
        Request(
            key=f"plan {step.kind} {step.name}",
            url=f"/{step.kind}s/{step.name}",
            route=f"/{step.kind}s/{{{step.kind}}}",
            context={"name": _count_of(step)},
        )
        for step in steps
        if step.kind != "repo" and not listed_before(step, memory, options)
    ]


def learn(request: Request, response: Response) -> dict[str, int]:
    """Read an account's number of repositories. Private ones are included only if the token may see them."""
    account = response.json()
    public = integer(account, "public_repos")
    if public is None:
        return {}
    return {str(request.context["name"]): public + (integer(account, "total_private_repos") or 0)}


def estimate(
    memory: Memory, known: Mapping[str, int], options: GitHubOptions, *, anonymous: bool = False
) -> list[Estimate]:
    """Estimate the lists, then each collector: repositories known from earlier runs, and new ones."""
    steps = [step_of(each) for each in seeds(memory, options)]
    total, pages, surely = 0, 0, True
    for step in steps:
        counted = (
            1 if step.kind == "repo" else len(listed_before(step, memory, options)) or known.get(_count_of(step), 0)
        )
        surely = surely and counted > 0
        total += counted
        pages += max(1, math.ceil(counted / PER_PAGE))
    lists = _line("core", pages, pages if surely else None, pages, f"repository lists: {_many(total, surely)}")
    found = [lists, *(_collector(kind, total, surely, memory, options) for kind in collectors(options))]
    return [replace(each, quota=ANONYMOUS_QUOTA) for each in found] if anonymous else found


def _collector(kind: str, total: int, surely: bool, memory: Memory, options: GitHubOptions) -> Estimate:
    past = _past(kind, memory, options)
    fresh = 0 if past.repositories else total
    batched = kind in _BY_QUERY and options.graphql
    resource = RESOURCE if batched else "core"
    low, high = (0 if options.skip_unchanged else past.repositories) + fresh, past.naive
    if kind == "hygiene" and batched:
        low, high = math.ceil(fresh / TOGETHER), math.ceil(total / TOGETHER) + 1
    elif kind == "reviews":
        high = past.repositories + math.ceil(past.naive / 100)
    bounded = surely and (fresh == 0 or kind == "hygiene")
    what = (
        f"{_many(fresh, surely)}, at least a request for each" if low >= fresh else f"{fresh:,}, {TOGETHER} in a query"
    )
    if past.repositories:
        asked = "none of them asked unless it moved" if options.skip_unchanged else "each asked what is new"
        what = f"{_many(past.repositories, surely=True)} known, {asked}"
    words = f"{kind.replace('_', ' ')}: {what}"
    return _line(resource, low, high if bounded else None, past.naive + fresh, words)


def _past(kind: str, memory: Memory, options: GitHubOptions) -> _Past:
    found = [recall(name, memory) for name in cursor_names(kind, memory, options)]
    whole = [progress for progress in found if progress is not None]
    return _Past(len(whole), sum(progress.naive for progress in whole))


def _many(count: int, surely: bool) -> str:
    words = "1 repository" if count == 1 else f"{count:,} repositories"
    return words if surely else f"at least {words}"


def _count_of(step: WalkStep) -> str:
    return f"repositories of {step.kind} {step.name}"


def _line(resource: str, low: int, high: int | None, naive: int, why: str) -> Estimate:
    return Estimate(
        resource=resource,
        requests_low=low,
        requests_high=high,
        naive_requests=naive,
        naive_open=high is None,
        why=why,
        quota=QUOTA,
    )
