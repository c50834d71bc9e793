"""GitLab's lists: their first requests, the pages after them, and where a walk ends.

The first page shows the number of pages, and the others are then requested together. Where it does not (keyset lists,
more than 10,000 rows), or where the walk must see every id in order, each page leads to the next.
https://docs.gitlab.com/api/rest/#pagination
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote, urljoin, urlsplit

import msgspec

from engine.model.source import Param, Request, Response
from engine.model.walk import WalkEnd
from sources.common import paging
from sources.common.json_values import Row
from sources.common.links import next_link
from sources.common.paging import Advance, WalkedPage, next_page
from sources.gitlab.options import GitLabOptions

PER_PAGE: Final = 100
MOST_TOLD: Final = 100
"""Pages requested together at most: GitLab counts up to 10,000 rows, so a larger number cannot be right."""
API: Final = "api"
ROUTES: Final = {
    "groups": "/groups/{id}/descendant_groups",
    "projects": "/groups/{id}/projects",
    "shared": "/groups/{id}/projects/shared",
    "owned": "/users/{id}/projects",
    "all_groups": "/groups",
    "all_projects": "/projects",
    "group": "/groups/{id}",
    "project": "/projects/{id}",
}
"""Routes by the kind of a step. The last two return single objects."""
SINGLE: Final = frozenset({"group", "project"})
KEYSET: Final = frozenset({"all_projects"})


class ListStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of a walk: the context of its request."""

    kind: str
    of: str = ""
    """What the list belongs to: a group's id or full path, a user's name; "" for the whole instance."""
    page: int = 1
    last: int = 0
    """Number of pages, where they were requested together."""
    ordered: bool = False
    """Pages are read one after the other, because ids of an earlier walk are compared."""
    after: int = 0
    """The highest id on the pages before, in an ordered walk."""
    digest: str = ""
    """Digest of the page before. It detects a server that repeats a page."""
    arrived: int = 0
    """Rows of the pages before, where they were read one after the other."""
    check: bool = False
    """A single object that an earlier run listed and this one did not: a 404 means that it is gone."""


def step_of(request: Request) -> ListStep:
    """Read the step of a request from its context.

    Raises:
        BadBody: the context is not one of this source.
    """
    return paging.step_of(request, ListStep, "gitlab")


def first(step: ListStep, options: GitLabOptions) -> Request:
    """Return the first request of a walk, or the only one for a single object."""
    return Request(
        key=f"{step.kind} {step.of}".rstrip(),
        url=ROUTES[step.kind].replace("{id}", quote(step.of, safe="")),
        params=_params(step, options),
        resource=API,
        route=ROUTES[step.kind],
        context=msgspec.to_builtins(step),
        conditional=True,
        page=None if step.kind in SINGLE else step.page,
        walk=walk_of(step),
        part=walk_of(step),
    )


def walk_of(step: ListStep) -> str:
    """Name the walk of a list, which is also its part of the coverage map; "" for a single object."""
    return "" if step.kind in SINGLE else _name(step)


def ends_of(step: ListStep, onward: Advance, response: Response, rows: int) -> tuple[WalkEnd, ...]:
    """Return the end of a list's walk, if it ends with this page.

    Pages that were requested together do not know what the others brought, so only a walk page by page is compared
    with the total, which GitLab counts up to 10,000 rows.
    """
    total = response.headers.get("x-total", "")
    return onward.ends(
        walk=walk_of(step),
        part=walk_of(step),
        page=step.page,
        arrived=None if step.last else step.arrived + rows,
        total=int(total) if total.isascii() and total.isdigit() and len(total) < 10 else None,
    )


def advance(
    request: Request, response: Response, step: ListStep, rows: Sequence[Row], options: GitLabOptions, highest: int
) -> Advance:
    """Return the requests that follow a page, or why none does. `highest` is the highest id seen so far."""
    walked = WalkedPage(
        request=request,
        response=_here(request, response, options),
        rows=rows,
        page=step.page,
        before=step.digest,
        full=PER_PAGE,
        name=_name(step),
    )
    pages = 0 if rows and walked.digest == step.digest else _page_count(step, response, rows)
    if pages:
        return Advance(more=tuple(_page(request, step, number, pages) for number in range(2, pages + 1)))
    if step.page < step.last:
        return Advance()
    beyond = ("id_after", highest) if step.kind in KEYSET else ("page", step.page + 1)
    found = next_page(walked, options.base_url, beyond)
    if not found.url:
        return Advance(ended=found.ended, note=found.note, problem=found.problem)
    upcoming = msgspec.structs.replace(
        step,
        page=step.page + 1,
        last=0,
        after=highest,
        digest=walked.digest,
        arrived=step.arrived + len(rows),
    )
    return Advance(more=(_at(request, upcoming, f"{_name(step)} {found.url}", found.url, {}),))


def _page_count(step: ListStep, response: Response, rows: Sequence[Row]) -> int:
    """Return the number of pages if they can be requested together; 0 where each page must lead to the next."""
    said = response.headers.get("x-total-pages", "")
    if step.page != 1 or step.ordered or step.kind in KEYSET or len(rows) != PER_PAGE:
        return 0
    pages = int(said) if said.isascii() and said.isdigit() and len(said) < 5 else 0
    return pages if 2 <= pages <= MOST_TOLD else 0


def _page(request: Request, step: ListStep, number: int, pages: int) -> Request:
    upcoming = msgspec.structs.replace(step, page=number, last=pages)
    return _at(request, upcoming, f"{_name(step)} page {number}", request.url, {**request.params, "page": number})


def _at(request: Request, step: ListStep, key: str, url: str, params: dict[str, Param]) -> Request:
    return Request(
        key=key,
        url=url,
        params=params,
        resource=API,
        route=request.route,
        context=msgspec.to_builtins(step),
        conditional=True,
        page=step.page,
        walk=walk_of(step),
        part=walk_of(step),
    )


def _here(request: Request, response: Response, options: GitLabOptions) -> Response:
    """With `rewrite_links`, replace the next link by the requested address with the link's query.

    GitLab writes its configured host into links, which behind a port forward is not the host it is reached by.
    """
    target = next_link(response.headers.get("link", "")) if options.rewrite_links else ""
    if not target:
        return response
    try:
        query = urlsplit(urljoin(options.base_url, target)).query
    except ValueError:
        return response
    asked = request.url.partition("?")[0]
    url = f"{'' if asked.startswith(options.base_url) else options.base_url}{asked}?{query}"
    return replace(response, headers={**response.headers, "link": f'<{url}>; rel="next"'})


def _name(step: ListStep) -> str:
    return f"{step.kind} {step.of}".rstrip()


def _params(step: ListStep, options: GitLabOptions) -> dict[str, Any]:
    by_id = {"order_by": "id", "sort": "asc", "per_page": PER_PAGE}
    match step.kind:
        case "group":
            return {"with_projects": "false"}
        case "project":
            return {}
        case "groups" | "all_groups":
            return {**options.group_filters(), **by_id}
        case "projects":
            shared = "false" if options.shared == "none" else "true"
            return {**options.project_filters(), "include_subgroups": "true", "with_shared": shared, **by_id}
        case "all_projects":
            member = {"membership": "true"} if options.membership else {}
            return {**options.project_filters(), **member, "pagination": "keyset", **by_id}
        case _:
            return {**options.project_filters(), **by_id}
