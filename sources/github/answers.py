"""Turns GitHub's responses into pages, by kind of request: rows, next page, follow-up walks, cursors."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from engine.common.errors import BadBody
from engine.model.source import Avoided, Memory, Page, Record, Request, Response
from engine.model.walk import Completeness, WalkEnd
from sources.common.json_values import Row, integer, row, rows, text
from sources.github import graphql, hygiene, pull_details, repositories, reviews
from sources.github import rows as shapes
from sources.github.lists import BEYOND, PATHS, Target, WalkStep, advance, first, step_of, sweep, walk_of
from sources.github.options import GitHubOptions, is_repository
from sources.github.progress import cursor, plan, saved_requests, window_of


class Answers:
    """Reads the responses to one configuration's requests."""

    def __init__(self, options: GitHubOptions) -> None:
        self._options = options

    def page(self, request: Request, response: Response, memory: Memory) -> Page:  # noqa: PLR0911 - a table
        """Turn a response into rows, follow-up requests and, on a walk's last page, a cursor.

        Raises:
            BadBody: it is not JSON of the expected shape, or no object in it has a key.
        """
        options, step = self._options, step_of(request)
        if request.resource == graphql.RESOURCE:
            return replace(self._graphql(response, step), cost=graphql.points(response))
        # 409 on the tree of an empty repository ("Git Repository is empty.") is a result, not a failure.
        if response.status >= 400 and not (step.kind == "tree" and response.status == 409):
            return self._absent(step, response)
        match step.kind:
            case "org" | "user":
                return self._repositories(request, response, step, rows(response), memory)
            case "repo":
                return self._repositories(request, response, step, [_object(response)], memory)
            case "gone":
                return self._moved(response, step)
            case "tree":
                return hygiene.parse_tree(response, step, options)
            case "pull_reviews":
                return pull_details.parse_reviews(request, response, step, self._options.base_url)
            case "pull_details":
                return pull_details.parse_details(response, step)
            case _:
                return self._collected(request, response, step, rows(response))

    def _graphql(self, response: Response, step: WalkStep) -> Page:
        if response.status in {401, 404}:
            why = graphql.unavailable(response)
            return Page(note=f"{step.kind} of {step.name}: {why}", ends=_end(step, Completeness.CUT, why))
        match step.kind:
            case "hygiene":
                return hygiene.parse(response, step, self._options)
            case "more_reviews":
                return reviews.parse_more(response, step, self._options)
            case _:
                return reviews.parse(response, step, self._options)

    def _repositories(
        self, request: Request, response: Response, step: WalkStep, found: Sequence[Row], memory: Memory
    ) -> Page:
        options, listed = self._options, repositories.read(step, found, self._options)
        requests: list[Request] = []
        targets: list[Target] = []
        avoided: Counter[str] = Counter()
        for repo in listed.walked:
            if not is_repository(text(repo.value, "full_name") or "") or integer(repo.value, "id") is None:
                continue
            needed = plan(repo.value, step, memory, options)
            requests += [self._first(walk) for walk in needed.steps]
            targets += [needed.target] if needed.target else []
            for each in needed.avoided:
                avoided[each.why] += each.requests
        onward = advance(request, response, listed.step, found, self._options.base_url)
        left = repositories.vanished(listed.step, memory, options) if onward.ended else []
        lost = f"{options.from_repo} is not in this list" if listed.step.waiting and onward.ended else ""
        landed, missing = _land("repo", 0, listed.wanted, response)
        walk, part = walk_of(step)
        ends = onward.ends(walk=walk, part=part, page=step.page) if walk else ()
        return Page(
            records=landed,
            more=(*onward.more, *requests, *hygiene.requests(targets, step, options), *left),
            cursors=repositories.list_cursor(listed.step, options) if onward.ended else {},
            avoided=[Avoided(count, why) for why, count in avoided.items()],
            note=_joined(onward.note, missing, lost),
            ends=_end(step, Completeness.BOUNDED, lost) if lost else ends,
        )

    def _first(self, walk: WalkStep) -> Request:
        if walk.kind == "reviews":
            return reviews.first(walk, self._options)
        return first(walk, window_of(walk, self._options))

    def _collected(self, request: Request, response: Response, step: WalkStep, found: Sequence[Row]) -> Page:
        swept = sweep(step, found, window_of(step, self._options))
        requests = pull_details.requests(step, swept.kept, self._options) if step.kind == "pulls" else []
        naive = step.naive + 1 + len(requests)
        step = msgspec.structs.replace(step, newest=swept.newest, naive=naive)
        kept = swept.kept if step.kind != "pulls" or self._options.pulls else []
        landed, missing = _land(step.kind, step.repo_id, kept, response)
        onward = None if swept.ended else advance(request, response, step, found, self._options.base_url)
        complete = onward is None or onward.ended
        walk, part = walk_of(step)
        return Page(
            records=landed,
            more=(*requests, *(onward.more if onward else ())),
            cursors=cursor(step, self._options) if complete else {},
            avoided=saved_requests(step) if complete else [],
            note=_joined(onward.note if onward else "", missing),
            ends=(
                onward.ends(walk=walk, part=part, page=step.page) if onward else _end(step, Completeness.WHOLE, BEYOND)
            ),
        )

    def _moved(self, response: Response, step: WalkStep) -> Page:
        """Make the row of a repository that is elsewhere now: renamed, transferred, or no longer part of its list."""
        found = _object(response)
        landed, _ = _land("repo", 0, [found], response)
        return Page(
            records=landed,
            note=f"repository {step.repo_id} has left {step.name}: it is {text(found.value, 'full_name')} now",
        )

    def _absent(self, step: WalkStep, response: Response) -> Page:
        """Count a disabled (410) or empty (409) list as complete.

        A 404 is asked again, as it may be a missing permission.
        """
        if step.kind == "gone":
            record, note = repositories.gone(step, response)
            return Page(records=[record], note=note)
        complete = response.status in {409, 410} and step.kind in PATHS
        try:
            reason = text(response.json(), "message") or ""
        except BadBody:
            reason = ""
        step = msgspec.structs.replace(step, naive=1)
        said = f"{response.status} {reason}".rstrip(" .")
        # A 404 may hide what this token may not see. So nothing is there, but the API has not said so.
        known = Completeness.WHOLE if complete else Completeness.UNCONFIRMED
        return Page(
            cursors=cursor(step, self._options) if complete else {},
            note=f"{step.kind} of {step.name}: {response.status} {reason}".rstrip(),
            ends=_end(step, known, f"the API answers {said}"),
        )


def is_divisible(step: WalkStep) -> bool:
    """Say whether a query may be split into halves."""
    if step.kind == "hygiene":
        return hygiene.is_divisible(step)
    return step.kind == "reviews" and reviews.is_divisible(step)


def _end(step: WalkStep, completeness: Completeness, reason: str) -> tuple[WalkEnd, ...]:
    """Return the end of a step's walk; nothing for a request that belongs to none."""
    walk, part = walk_of(step)
    if not walk:
        return ()
    place = f"page {step.page}"
    return (WalkEnd(walk=walk, part=part, completeness=completeness, reason=reason, place=place),)


def _object(response: Response) -> Row:
    return row(response.json(msgspec.Raw), response.url)


def _land(kind: str, repo_id: int, found: Sequence[Row], response: Response) -> tuple[list[Record], str]:
    """Make the rows of a page. An object without a key is skipped; a page of nothing else is refused."""
    groups = [shapes.records(kind, repo_id, each) for each in found]
    missing = groups.count([])
    if missing and missing == len(groups):
        raise BadBody(f"{response.url}: not one of {missing} objects has the keys of {kind}")
    note = f"{missing} of {len(groups)} {kind} have no key and were left out" if missing else ""
    return shapes.distinct(record for group in groups for record in group), note


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
