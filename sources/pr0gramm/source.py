"""pr0gramm: the stream of items from the newest downwards, each with its tags and comments.

The API is unstable and not versioned: https://github.com/pr0gramm-com/api-docs
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from engine.common.errors import BadBody, SourceError
from engine.model.capabilities import Estimate
from engine.model.coverage import CoverageReader, Part
from engine.model.source import Auth, Avoided, Memory, Page, RateBudget, Request, Response, Table
from engine.model.walk import Completeness
from sources.common.json_values import Row, at, integer, members, row
from sources.pr0gramm import coverage
from sources.pr0gramm import estimate as estimates
from sources.pr0gramm.options import QUESTIONS, Pr0grammOptions
from sources.pr0gramm.refresh import choose, detailed
from sources.pr0gramm.rows import TABLES, details, item
from sources.pr0gramm.stream import StreamStep, continue_walk, end, first_steps, list_request, position, start_line

_HEADERS: Final = {"accept": "application/json"}
_COOKIE: Final = "FETCHDECK_PR0GRAMM_ME"
_WAY_OUT: Final = f"choose other flags (1 needs no login), or put the value of your `me` cookie into {_COOKIE}"


class Pr0gramm:
    """Fetches items with `items/get`, 120 a page, and details with one `items/info` per item."""

    Options = Pr0grammOptions
    questions = QUESTIONS

    name: str = "pr0gramm"
    summary: str = "items from the newest downwards, with their tags and comments"
    terms: str = (
        "No limit is published; about 120 requests a minute were named once. "
        "The default is 60 a minute, at most 10 at the same time."
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
        self.budgets: Sequence[RateBudget] = options.budgets()

    def scope(self) -> str:
        """Name the wanted part of the stream, and whether details are fetched; the pace is left out."""
        return self._options.scope()

    def seed(self, memory: Memory) -> Iterable[Request]:
        """Return the request at the top of each gap; none when everything wanted is known."""
        return [list_request(step, self._options) for step in first_steps(memory, self._options)]

    def probes(self, memory: Memory) -> Sequence[Request]:
        """Request the newest page, where a run would look for new items."""
        return estimates.probes(memory, self._options)

    def learn(self, request: Request, response: Response) -> Mapping[str, int]:  # noqa: ARG002 - there is one probe
        """Read the newest id.

        Raises:
            BadBody: it is not JSON.
        """
        return estimates.learn(response, self._options)

    def estimate(self, memory: Memory, known: Mapping[str, int]) -> Sequence[Estimate]:
        """Estimate a run's requests."""
        return estimates.estimate(memory, known, self._options)

    def parts(self, reader: CoverageReader) -> Iterable[Part]:
        """Return the coverage by ranges of ids."""
        return coverage.parts(reader, self._options)

    def refill(self, key: str, reader: CoverageReader) -> Iterable[Request]:
        """Request the page at the top of a gap."""
        return coverage.refill(key, reader, self._options)

    def accepts(self, request: Request, response: Response) -> bool:
        """Accept a 404 of one item as "gone", and a 403 that would refuse every request."""
        is_details = request.context.get("kind") == "info"
        # A 403 with Retry-After is a rate limit, which the engine handles.
        if response.status == 403 and "retry-after" not in response.headers:
            return not is_details or _blocked(response) != ""
        return is_details and response.status == 404

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        """Turn a list page into items, their details requests and the next page; or details into tags and comments.

        Raises:
            BadBody: it is no JSON object of the expected shape, or has an unknown error.
            SourceError: blocked, or not allowed to see what the flags ask for.
        """
        try:
            step = msgspec.convert(request.context, StreamStep)
        except msgspec.ValidationError as error:
            raise BadBody(f"{request.key}: its context is not one of the pr0gramm source: {error}") from error
        if response.status == 403:
            raise SourceError(_blocked(response) or f"pr0gramm: 403, not authorised for {request.url}: {_WAY_OUT}")
        if response.status == 404:
            return Page(note=f"item {step.item} is gone")
        answer = row(response.json(msgspec.Raw), response.url)
        if self._is_missing(answer, response):
            if step.item:
                return Page(note=f"item {step.item} is not found")
            nothing = end(step, Completeness.UNCONFIRMED, "no items are found", self._options)
            return Page(note=nothing.reason, ends=[nothing])
        if step.kind == "info":
            return self._detailed(step, answer, response)
        return self._listed(step, answer, response, memory)

    def _is_missing(self, answer: Row, response: Response) -> bool:
        """Read the error that a 200 may carry: https://github.com/pr0gramm-com/pr0gramm-app, FeedManager.kt."""
        if not isinstance(answer.value, dict):
            raise BadBody(f"{response.url}: not a JSON object")
        error = at(answer.value, "error")
        if not error or error == "notFound":
            return bool(error)
        if isinstance(error, str) and error.endswith("Required"):
            raise SourceError(f"pr0gramm: {error[:40]} for flags = {self._options.flags}: {_WAY_OUT}")
        raise BadBody(f"{response.url}: the answer says error {str(error)[:80]!r}")

    def _listed(self, step: StreamStep, answer: Row, response: Response, memory: Memory) -> Page:
        if at(answer.value, "items") is not None and not isinstance(answer.value["items"], list):
            raise BadBody(f"{response.url}: `items` is not an array")
        options = self._options
        listed = list(members(answer.value, "items", answer.raw))
        wanted = [each for each in listed if not 0 < position(each, options) < options.floor]
        records = [record for record in map(item, wanted) if record]
        if wanted and not records:
            raise BadBody(f"{response.url}: not one of {len(wanted)} items has an id")
        choice = choose(records, memory, options)
        onward = continue_walk(step, listed, at_end=integer(answer.value, "atEnd") == 1, options=options)
        missing = f"{len(wanted) - len(records)} items have no id and were left out"
        notes = [start_line(step, listed, memory, options), onward.note, missing if len(records) < len(wanted) else ""]
        return Page(
            records=records,
            more=[*choice.requests, *([list_request(onward.step, options)] if onward.step else [])],
            covered=onward.covered,
            avoided=[Avoided(choice.spared, "details are known and votes have not moved")] if choice.spared else [],
            note="; ".join(filter(None, notes)),
            ends=[onward.end] if onward.end else [],
        )

    def _detailed(self, step: StreamStep, answer: Row, response: Response) -> Page:
        if not any(isinstance(at(answer.value, name), list) for name in ("tags", "comments")):
            raise BadBody(f"{response.url}: neither tags nor comments")
        return Page(records=[*details(step.item, answer), detailed(step)])


def _blocked(response: Response) -> str:
    """Describe a 403 that every further request would meet too; "" for any other."""
    body = response.body[:100_000].lower()
    if b"cloudflare" in body:
        return "pr0gramm: Cloudflare refuses this address (403): wait, then try fewer requests_per_minute"
    if b"<html" in body:
        return "pr0gramm: the host blocks this address (403): open the site in a browser to see why"
    return ""
