"""What REST shows only on single pull requests: reviews, where GraphQL is off, and the size of the change."""

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from engine.model.source import Page, Record, Request, Response
from sources.common.json_values import Row, integer, row, rows
from sources.github.lists import PER_PAGE, WalkStep, advance, context_of, walk_of
from sources.github.options import GitHubOptions
from sources.github.rows import details, distinct, reviews


def per_pull(options: GitHubOptions) -> int:
    """Return the requests that each pull request costs."""
    return 0 if options.graphql else options.reviews + options.pull_details


def requests(step: WalkStep, pulls: Iterable[Row], options: GitHubOptions) -> list[Request]:
    """Request what belongs to the pull requests on a page of their list."""
    if not per_pull(options):
        return []
    numbers = dict.fromkeys(number for pull in pulls if (number := integer(pull.value, "number")) is not None)
    return [request for number in numbers for request in _of(step, number, options)]


def parse_reviews(request: Request, response: Response, step: WalkStep, base_url: str) -> Page:
    """Turn a page of a pull request's reviews into rows.

    Raises:
        BadBody: it is no JSON array.
    """
    found = rows(response)
    onward = advance(request, response, step, found, base_url)
    walk, part = walk_of(step)
    return Page(
        records=distinct(reviews(step.repo_id, step.number, found)),
        more=onward.more,
        note=onward.note,
        ends=onward.ends(walk=walk, part=part, page=step.page),
    )


def parse_details(response: Response, step: WalkStep) -> Page:
    """Turn a pull request into the columns that its list lacks.

    Raises:
        BadBody: it is not JSON.
    """
    records: list[Record] = [details(step.repo_id, step.number, row(response.json(msgspec.Raw), response.url).value)]
    return Page(records=records)


def _of(walk: WalkStep, number: int, options: GitHubOptions) -> list[Request]:
    step = WalkStep(kind="", name=walk.name, started=walk.started, repo_id=walk.repo_id, number=number)
    found = []
    if options.reviews:
        reviews_of = _request(step, "pull_reviews", "/reviews", {"per_page": PER_PAGE})
        found.append(replace(reviews_of, page=step.page))
    if options.pull_details:
        found.append(_request(step, "pull_details", "", {}))
    return found


def _request(step: WalkStep, kind: str, path: str, params: dict[str, str | int]) -> Request:
    step = msgspec.structs.replace(step, kind=kind)
    walk, part = walk_of(step)
    return Request(
        key=f"{kind} {step.repo_id} {step.number}",
        url=f"/repos/{step.name}/pulls/{step.number}{path}",
        params=params,
        route=f"/repos/{{owner}}/{{repo}}/pulls/{{number}}{path}",
        context=context_of(step),
        priority=1,
        conditional=True,
        walk=walk,
        part=part,
    )
