"""Reviews by GraphQL: one request for a hundred pull requests with their reviews, instead of one for each.

A harvest has all reviews of the pull requests in its window.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import msgspec

from engine.common.errors import BadBody
from engine.model.source import Avoided, Page, Record, Request, Response
from engine.model.walk import Completeness, WalkEnd
from sources.common.json_values import Row, at, integer, members, text
from sources.common.links import PAGE_CAP
from sources.common.paging import NO_NEXT, digest_of
from sources.github import graphql
from sources.github.lists import BEYOND, Missing, WalkStep, sweep, walk_of
from sources.github.options import GitHubOptions
from sources.github.progress import cursor, saved_requests, window_of
from sources.github.queries import REVIEWS, cost, more_reviews
from sources.github.rows import details, distinct, reviews

LARGEST: Final = 100
SMALLEST: Final = 25
"""Pull requests per page. A page that took too long is halved; later pages double again."""
TOGETHER: Final = 20
"""Pull requests whose missing reviews are requested together."""
BATCHED: Final = "reviews came with their pull requests"


def first(step: WalkStep, options: GitHubOptions) -> Request:
    """Return the request for a page: a walk's first, or the one whose cursor is in its step."""
    size = step.size or LARGEST
    variables = {
        "id": step.node,
        "first": size,
        "after": step.after or None,
        "order": "UPDATED_AT" if step.since else "CREATED_AT",
        "reviews": options.reviews,
        "details": options.pull_details,
    }
    lists = 1 + size * (options.reviews + options.pull_details)
    suffix = f" {step.after}" if step.after else ""
    less = f" by {size}" if step.size and step.size < LARGEST else ""
    key = f"reviews {step.repo_id}{suffix}{less}"
    return graphql.ask(
        options.base_url,
        key=key,
        query=REVIEWS,
        variables=variables,
        step=step,
        cost=cost(lists),
        page=step.page,
    )


def is_divisible(step: WalkStep) -> bool:
    """Say whether a page can be made smaller."""
    return (step.size or LARGEST) > SMALLEST


def parse(response: Response, step: WalkStep, options: GitHubOptions) -> Page:
    """Turn a page into reviews, requests for the missing ones, and the next page.

    Raises:
        BadBody: the response cannot be interpreted.
    """
    if graphql.too_heavy(response):
        return _smaller(step, options, f"{response.status}")
    answer = graphql.read(response)
    pulls = graphql.dig(answer.data, "node", "pulls")
    if not isinstance(at(pulls.value, "nodes"), list):
        if answer.heavy and is_divisible(step):
            return _smaller(step, options, answer.note())
        if answer.absent or (not answer.errors and at(answer.data.value, "node") is None):
            why = answer.note() or "the repository is gone"
            return Page(note=f"reviews of {step.name}: {why}", ends=[_end(step, Completeness.UNCONFIRMED, why)])
        raise BadBody(f"{response.url}: {answer.note() or 'no pull requests in the answer'}")
    rows = [row for row in members(pulls.value, "nodes", pulls.raw) if isinstance(row.value, dict)]
    swept = sweep(step, rows, window_of(step, options))
    found = _read(step, swept.kept, options)
    after = _onward(pulls, rows, step)
    walked = msgspec.structs.replace(
        step,
        newest=swept.newest,
        naive=step.naive + found.naive,
        flawed=step.flawed or found.flawed or bool(answer.errors),
        digest=digest_of(rows),
    )
    ended = swept.ended or not after.cursor
    complete = ended and (swept.ended or not after.problem) and not walked.flawed
    due, kept = _due([*step.missing, *found.missing], at_once=ended)
    more = _missing_requests(step, due, options)
    walked = msgspec.structs.replace(walked, missing=tuple(kept), extra=step.extra + len(more))
    upcoming = [] if ended else [_following(walked, after.cursor, options)]
    saved = max(0, walked.naive - walked.page - walked.extra) - max(0, step.naive - (step.page - 1) - step.extra)
    return Page(
        records=distinct(found.records),
        more=[*more, *upcoming],
        cursors=cursor(walked, options) if complete else {},
        avoided=[*([Avoided(saved, BATCHED)] if saved else []), *(saved_requests(walked) if complete else [])],
        note="; ".join(filter(None, (answer.note(), _stopped(step, after.problem) if not swept.ended else ""))),
        ends=[_ended(walked, swept.ended, after.problem)] if ended else [],
    )


def parse_more(response: Response, step: WalkStep, options: GitHubOptions) -> Page:
    """Turn a response with missing reviews into rows, and request those still missing.

    Raises:
        BadBody: the response cannot be interpreted.
    """
    answer = graphql.read(response)
    records: list[Record] = []
    missing: list[Missing] = []
    ends: list[WalkEnd] = []
    found = 0
    for nth, (node, before) in enumerate(step.missing):
        pull = graphql.dig(answer.data, f"p{nth}")
        number = integer(pull.value, "number")
        if number is None:
            known = Completeness.UNCONFIRMED if answer.absent else Completeness.CUT
            ends.append(_pull_ended(step, node, known, answer.note() or "the pull request is not in the answer"))
            continue
        listed = graphql.dig(pull, "reviews")
        records += reviews(step.repo_id, number, members(listed.value, "nodes", listed.raw))
        found += 1
        further = _more_of(pull)
        missing += [each for each in further if each[1] != before]
        if not further:
            ends.append(_pull_ended(step, node, Completeness.WHOLE, NO_NEXT))
        elif further[0][1] == before:
            ends.append(_pull_ended(step, node, Completeness.CUT, "no progress: the cursor stays where it was"))
    if not found and not answer.absent:
        raise BadBody(f"{response.url}: {answer.note() or 'no reviews in the answer'}")
    return Page(
        records=distinct(records),
        more=_missing_requests(msgspec.structs.replace(step, page=step.page + 1), missing, options),
        note=answer.note(),
        ends=ends,
    )


def _ended(walked: WalkStep, beyond: bool, problem: str) -> WalkEnd:
    """Return the end of a repository's reviews. Data that an earlier page lacked cuts the walk as well."""
    if walked.flawed:
        return _end(walked, Completeness.CUT, "GitHub left out some of its pull requests or their reviews")
    if problem and not beyond:
        return _end(walked, Completeness.CUT, problem)
    return _end(walked, Completeness.WHOLE, BEYOND if beyond else NO_NEXT)


def _end(step: WalkStep, completeness: Completeness, reason: str) -> WalkEnd:
    walk, part = walk_of(step)
    return WalkEnd(walk=walk, part=part, completeness=completeness, reason=reason, place=f"page {step.page}")


def _pull_ended(step: WalkStep, node: str, known: Completeness, reason: str) -> WalkEnd:
    """Return the end of the reviews of one pull request that has more than a page of them."""
    walk, part = walk_of(step)
    return WalkEnd(walk=f"{walk} of {node}", part=part, completeness=known, reason=reason)


@dataclass(frozen=True, slots=True)
class _Found:
    """What a page holds."""

    records: Sequence[Record]
    missing: Sequence[Missing]
    naive: int
    """Requests a plain client would have made for it."""
    flawed: bool


def _read(step: WalkStep, kept: Iterable[Row], options: GitHubOptions) -> _Found:
    records: list[Record] = []
    missing: list[Missing] = []
    naive, flawed = 0, False
    for pull in kept:
        number = integer(pull.value, "number")
        listed = graphql.dig(pull, "reviews")
        if number is None or (options.reviews and not isinstance(at(listed.value, "nodes"), list)):
            flawed = True
            continue
        if options.pull_details:
            records.append(details(step.repo_id, number, pull.value))
            naive += 1
        if options.reviews:
            records += reviews(step.repo_id, number, members(listed.value, "nodes", listed.raw))
            missing += _more_of(pull)
            naive += max(1, math.ceil((integer(listed.value, "total") or 0) / 100))
    return _Found(records, missing, naive, flawed)


def _more_of(pull: Row) -> list[Missing]:
    """Return the cursor of a pull request's further reviews, if there are any."""
    node, page = text(pull.value, "node"), at(pull.value, "reviews", "page")
    onward = text(page, "endCursor") if at(page, "hasNextPage") is True else None
    return [(node, onward)] if node and onward else []


@dataclass(frozen=True, slots=True)
class _After:
    """Where the walk continues.

    `cursor` is "" at the end; `problem` says why, where that is not the list's true end.
    """

    cursor: str = ""
    problem: str = ""


def _stopped(step: WalkStep, problem: str) -> str:
    return problem and f"reviews of {step.name}: page {step.page}: {problem}; stopped there"


def _onward(pulls: Row, rows: Sequence[Row], step: WalkStep) -> _After:
    page = at(pulls.value, "page")
    cursor_after = text(page, "endCursor") or ""
    if at(page, "hasNextPage") is not True:
        return _After()
    if not rows or not cursor_after or cursor_after == step.after or digest_of(rows) == step.digest:
        return _After(problem="the page makes no progress")
    if step.page >= PAGE_CAP:
        return _After(problem=f"still no end after {PAGE_CAP} pages")
    return _After(cursor_after)


def _following(walked: WalkStep, after: str, options: GitHubOptions) -> Request:
    size = min(LARGEST, walked.size * 2) if walked.size else 0
    step = msgspec.structs.replace(walked, page=walked.page + 1, after=after, size=0 if size == LARGEST else size)
    return first(step, options)


def _smaller(step: WalkStep, options: GitHubOptions, why: str) -> Page:
    """Request half as many: GitHub stops a query after ten seconds, and long bodies make it slow."""
    half = (step.size or LARGEST) // 2
    again = first(msgspec.structs.replace(step, size=half), options)
    return Page(more=[again], note=f"reviews of {step.name}: {why}: the page is asked for in smaller parts of {half}")


def _due(missing: Sequence[Missing], *, at_once: bool) -> tuple[Sequence[Missing], Sequence[Missing]]:
    """Split into what is requested now and what is kept. A walk collects until a request is full, or until it ends."""
    whole = len(missing) if at_once else len(missing) - len(missing) % TOGETHER
    return missing[:whole], missing[whole:]


def _missing_requests(step: WalkStep, missing: Sequence[Missing], options: GitHubOptions) -> list[Request]:
    chunks = [tuple(missing[start : start + TOGETHER]) for start in range(0, len(missing), TOGETHER)]
    return [_missing_request(step, chunk, options) for chunk in chunks]


def _missing_request(step: WalkStep, missing: tuple[Missing, ...], options: GitHubOptions) -> Request:
    asked = WalkStep(
        kind="more_reviews",
        name=step.name,
        started=step.started,
        repo_id=step.repo_id,
        page=step.page,
        missing=missing,
    )
    ids = {f"i{nth}": node for nth, (node, _) in enumerate(missing)}
    cursors = {f"a{nth}": after for nth, (_, after) in enumerate(missing)}
    digest = blake2b(msgspec.json.encode(missing), digest_size=8).hexdigest()
    return graphql.ask(
        options.base_url,
        key=f"more_reviews {step.repo_id} {digest}",
        query=more_reviews(len(missing)),
        variables=ids | cursors,
        step=asked,
        cost=cost(len(missing)),
        page=step.page,
    )
