"""pr0gramm: the stream of items from the newest downwards, each with its tags and comments.

The API is unstable and not versioned: https://github.com/pr0gramm-com/api-docs
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from engine.errors import BadBody, SourceError
from engine.source import Auth, Avoided, Memory, Page, RateBudget, Request, Response, Table
from sources.links import BaseUrl
from sources.pick import Row, at, integer, members, row
from sources.pr0gramm_rows import TABLES, details, item
from sources.pr0gramm_walk import Step, ahead, beginnings, is_known

_HEADERS: Final = {"accept": "application/json"}
_COOKIE: Final = "FETCHDECK_PR0GRAMM_ME"
_WAY_OUT: Final = f"choose other flags (1 needs no login), or put the value of your `me` cookie into {_COOKIE}"

Flags = Annotated[int, Meta(ge=1, le=31, description="a sum of 1 SFW, 2 NSFW, 4 NSFL, 8 NSFP, 16 POL")]
PerMinute = Annotated[int, Meta(ge=1, le=1_000_000, description="requests a minute; the host allows about 120")]
Places = Annotated[int, Meta(ge=1, le=1000, description="requests in flight at the same time")]


class Pr0grammOptions(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The keys of `[sources.pr0gramm]`."""

    base_url: BaseUrl = "https://pr0gramm.com/api"
    flags: Flags = 1
    details: bool = True
    requests_per_minute: PerMinute = 60
    concurrency: Places = 1


class Pr0gramm:
    """Items by `items/get`, 120 a page, and one `items/info` for each."""

    Options = Pr0grammOptions

    name: str = "pr0gramm"
    summary: str = "items from the newest downwards, with their tags and comments"
    terms: str = (
        "No limit is published; about 120 requests a minute were named once. "
        "The default is one at a time and 60 a minute."
    )
    headers: Mapping[str, str] = _HEADERS
    auth: Auth | None = Auth(
        env=(_COOKIE,),
        header="Cookie",
        prefix="me=",
        hint="Only flags beyond 1 and 16 need it: the value of the `me` cookie of a browser logged in at pr0gramm.com",
    )
    tables: Sequence[Table] = TABLES

    def __init__(self, options: Pr0grammOptions) -> None:
        self._options = options
        self.base_url: str = options.base_url
        self.budgets: Sequence[RateBudget] = (
            RateBudget(requests=options.requests_per_minute, per=60.0, concurrency=options.concurrency),
        )

    def scope(self) -> str:
        """Name which stream is walked, and whether with details; the pace does not matter."""
        options = self._options
        return f"{options.base_url.partition('//')[2]} flags={options.flags} details={int(options.details)}"

    def seed(self, memory: Memory) -> Iterable[Request]:
        """Name the newest page, and the page below the oldest id an earlier run has reached."""
        return [self._list(step) for step in beginnings(memory, self.scope())]

    def accepts(self, request: Request, response: Response) -> bool:
        """Take a 404 of one item for "gone", and a 403 that stops everything for what it is."""
        is_details = request.context.get("kind") == "info"
        if response.status == 403 and "retry-after" not in response.headers:
            return not is_details or _blocked(response) != ""
        return is_details and response.status == 404

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:  # noqa: ARG002  (steps know all)
        """Turn a list page into items, their details and the next page; or details into tags and comments.

        Raises:
            BadBody: no JSON object of the expected shape, or an error string nobody knows.
            SourceError: blocked, or not allowed to see what the flags ask for.
        """
        try:
            step = msgspec.convert(request.context, Step)
        except msgspec.ValidationError as error:
            raise BadBody(f"{request.key}: its context is not one of the pr0gramm source: {error}") from error
        if response.status == 403:
            raise SourceError(_blocked(response) or f"pr0gramm: 403, not authorised for {request.url}: {_WAY_OUT}")
        if response.status == 404:
            return Page(note=f"item {step.item} is gone")
        answer = row(response.json(msgspec.Raw), response.url)
        if self._is_missing(answer, response):
            return Page(note=f"item {step.item} is not found" if step.item else "no items are found")
        return self._detailed(step, answer, response) if step.kind == "info" else self._listed(step, answer, response)

    def _is_missing(self, answer: Row, response: Response) -> bool:
        """Read the error a 200 may carry: https://github.com/pr0gramm-com/pr0gramm-app, FeedManager.kt."""
        if not isinstance(answer.value, dict):
            raise BadBody(f"{response.url}: not a JSON object")
        error = at(answer.value, "error")
        if not error or error == "notFound":
            return bool(error)
        if isinstance(error, str) and error.endswith("Required"):
            raise SourceError(f"pr0gramm: {error[:40]} for flags = {self._options.flags}: {_WAY_OUT}")
        raise BadBody(f"{response.url}: the answer says error {str(error)[:80]!r}")

    def _listed(self, step: Step, answer: Row, response: Response) -> Page:
        if at(answer.value, "items") is not None and not isinstance(answer.value["items"], list):
            raise BadBody(f"{response.url}: `items` is not an array")
        items = list(members(answer.value, "items", answer.raw))
        records = [record for record in map(item, items) if record]
        if items and not records:
            raise BadBody(f"{response.url}: not one of {len(items)} items has an id")
        ids = list(dict.fromkeys(record.data["id"] for record in records)) if self._options.details else []
        wanted = [each for each in ids if not is_known(step, each)]
        known = len(ids) - len(wanted)
        next_page = ahead(step, items, integer(answer.value, "atEnd") == 1, self.scope())
        missing = f"{len(items) - len(records)} items have no id and were left out" if len(records) < len(items) else ""
        return Page(
            records=records,
            more=[*map(_details, wanted), *([self._list(next_page.step)] if next_page.step else [])],
            cursors=next_page.cursors,
            avoided=[Avoided(known, "details known from an earlier walk")] if known else [],
            note="; ".join(filter(None, (next_page.note, missing))),
        )

    def _detailed(self, step: Step, answer: Row, response: Response) -> Page:
        if not any(isinstance(at(answer.value, name), list) for name in ("tags", "comments")):
            raise BadBody(f"{response.url}: neither tags nor comments")
        return Page(records=list(details(step.item, answer)))

    def _list(self, step: Step) -> Request:
        """List pages go after the details of the page before: so the queue stays short however long the stream is."""
        older = {"older": step.older} if step.older else {}
        return Request(
            key=f"list {step.older or 'newest'}",
            url="/items/get",
            params={"flags": self._options.flags, **older},
            route="/items/get",
            context=msgspec.to_builtins(step),
            priority=1,
        )


def _details(item_id: int) -> Request:
    return Request(
        key=f"info {item_id}",
        url="/items/info",
        params={"itemId": item_id},
        route="/items/info",
        context=msgspec.to_builtins(Step(kind="info", item=item_id)),
    )


def _blocked(response: Response) -> str:
    """Say what a 403 that no request survives means; "" for any other."""
    body = response.body[:100_000].lower()
    if b"cloudflare" in body:
        return "pr0gramm: Cloudflare refuses this address (403): wait, then try fewer requests_per_minute"
    if b"<html" in body:
        return "pr0gramm: the host blocks this address (403): open the site in a browser to see why"
    return ""
