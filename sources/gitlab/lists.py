"""How GitLab's lists are walked: their first requests, the pages after them, and where a walk ends.

A list's first page tells how many there are; the others are then asked for together. Where it does not tell (keyset
lists, more than 10,000 rows) or where the walk must see every id in order, the next link leads on.
https://docs.gitlab.com/api/rest/#pagination
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote, urljoin, urlsplit

import msgspec

from engine.model.source import Request, Response
from sources.common import paging
from sources.common.json_values import Row
from sources.common.links import next_link
from sources.common.paging import Advance, Walked, onward
from sources.gitlab.options import GitLabOptions

PER_PAGE: Final = 100
MOST_TOLD: Final = 100
"""GitLab tells totals only up to 10,000 rows: what claims more pages is not asked for in one go."""
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
"""What is asked for, by the kind of a step. The last two are single objects."""
SINGLE: Final = frozenset({"group", "project"})
KEYSET: Final = frozenset({"all_projects"})


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of one walk: the context of its request."""

    kind: str
    of: str = ""
    """Whose: a group's number or full path, a user's name; "" for the whole instance."""
    page: int = 1
    last: int = 0
    """How many pages there are, where they were asked for together."""
    ordered: bool = False
    """The pages are read one after the other, because ids of an earlier walk are looked for."""
    after: int = 0
    """The highest id on the pages before, in an ordered walk."""
    digest: str = ""
    """Of the page before: a server that repeats itself is found out by it."""
    check: bool = False
    """A single object that an earlier run listed and this one did not: a 404 means that it is gone."""


def step_of(request: Request) -> Step:
    """Read back the step a request stands for.

    Raises:
        BadBody: it is none of this source's requests.
    """
    return paging.step_of(request, Step, "gitlab")


def first(step: Step, options: GitLabOptions) -> Request:
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
    )


def advance(
    request: Request, response: Response, step: Step, rows: Sequence[Row], options: GitLabOptions, highest: int
) -> Advance:
    """Say which requests follow a page, or why none does. `highest` is the highest id seen so far."""
    walked = Walked(
        request=request,
        response=_here(request, response, options),
        rows=rows,
        page=step.page,
        before=step.digest,
        full=PER_PAGE,
        name=_name(step),
    )
    pages = 0 if rows and walked.digest == step.digest else _told(step, response, rows)
    if pages:
        return Advance(more=tuple(_page(request, step, number, pages) for number in range(2, pages + 1)))
    if step.page < step.last:
        return Advance()
    beyond = ("id_after", highest) if step.kind in KEYSET else ("page", step.page + 1)
    found = onward(walked, options.base_url, beyond)
    if not found.url:
        return Advance(ended=found.ended, note=found.note)
    upcoming = msgspec.structs.replace(step, page=step.page + 1, last=0, after=highest, digest=walked.digest)
    return Advance(more=(_at(request, upcoming, f"{_name(step)} {found.url}", found.url, {}),))


def _told(step: Step, response: Response, rows: Sequence[Row]) -> int:
    """Return how many pages there are where they can be asked for together; 0 where one must lead to the next."""
    said = response.headers.get("x-total-pages", "")
    if step.page != 1 or step.ordered or step.kind in KEYSET or len(rows) != PER_PAGE:
        return 0
    pages = int(said) if said.isascii() and said.isdigit() and len(said) < 5 else 0
    return pages if 2 <= pages <= MOST_TOLD else 0


def _page(request: Request, step: Step, number: int, pages: int) -> Request:
    upcoming = msgspec.structs.replace(step, page=number, last=pages)
    return _at(request, upcoming, f"{_name(step)} page {number}", request.url, {**request.params, "page": number})


def _at(request: Request, step: Step, key: str, url: str, params: dict[str, str | int]) -> Request:
    return Request(
        key=key,
        url=url,
        params=params,
        resource=API,
        route=request.route,
        context=msgspec.to_builtins(step),
        conditional=True,
        page=step.page,
    )


def _here(request: Request, response: Response, options: GitLabOptions) -> Response:
    """With `rewrite_links`, put the query of a next link behind the address that was asked: nothing else of it counts.

    GitLab writes the host it is configured with into its links, which is another one behind a port forward.
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


def _name(step: Step) -> str:
    return f"{step.kind} {step.of}".rstrip()


def _params(step: Step, options: GitLabOptions) -> dict[str, Any]:
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
