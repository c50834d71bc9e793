"""Any REST API by configuration alone: lists of JSON objects, and lists requested for each item of another list."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import msgspec

from engine.common.errors import BadBody, SourceError
from engine.common.text import counted
from engine.model.capabilities import Estimate
from engine.model.coverage import CoverageReader, Part
from engine.model.source import Auth, Avoided, Memory, Page, RateBudget, Record, Request, Response, Table
from engine.model.walk import Completeness
from sources.rest import coverage
from sources.rest import estimate as estimates
from sources.rest.auth import auth
from sources.rest.config.endpoint import Endpoint, skipped
from sources.rest.config.options import QUESTIONS, RestOptions
from sources.rest.endpoint_step import EndpointStep
from sources.rest.items.checks import NO_CONTENT, has_no_body
from sources.rest.items.find import where_lists_are
from sources.rest.items.formats import decode, items_of
from sources.rest.items.gone import listing, present
from sources.rest.items.rows import Rows, distinct
from sources.rest.items.transforms import passes
from sources.rest.json_paths import find
from sources.rest.limits import budgets
from sources.rest.page_gaps import page_gaps
from sources.rest.page_requests import PageRequests
from sources.rest.paging.doubt import doubted
from sources.rest.paging.first_page import FirstPage
from sources.rest.paging.styles import unconfirmed, whole
from sources.rest.paging.walk import Walked, moves_cursors, refused, walk, walk_end, walk_refused
from sources.rest.scope import scope
from sources.rest.slices.depth import within
from sources.rest.slices.ignored_since import told_if_ignored
from sources.rest.slices.names import may_be
from sources.rest.slices.refresh import AVOIDED, remembered
from sources.rest.slices.slices import (
    earned,
    entries,
    finished,
    named,
    since_name,
)

KEY: Final = 'give key = ["…"] where they are not the same'


class Rest:
    """A source made of its options. Several can run side by side, each under its own name."""

    Options = RestOptions
    questions = QUESTIONS
    many = True
    """Several may be configured, each in a table of its own name."""

    name: str = "rest"

    def __init__(self, options: RestOptions, *, name: str = "rest") -> None:
        self._options = options
        self._requests = PageRequests(options)
        host = options.base_url.partition("//")[2]
        self.name = name
        self.summary: str = f"{', '.join(options.endpoints)} of {host}"
        self.base_url: str = options.base_url
        self.headers: Mapping[str, str] = {"accept": "application/json"} | {
            header.lower(): value for header, value in options.headers.items()
        }
        self.header_names: Mapping[str, str] = {
            f"x-ratelimit-{what}": header for what, header in options.limit_headers.items()
        }
        self.terms: str = options.terms or "The limits are those of its configuration, and those the answers tell."
        self.auth: Auth | None = auth(options.auth, name, options.base_url) if options.auth else None
        self.budgets: Sequence[RateBudget] = tuple(budgets(options, name))
        self._rows = {each: Rows(each, one) for each, one in options.endpoints.items()}
        self.tables: Sequence[Table] = tuple(table for rows in self._rows.values() for table in rows.tables)

    @property
    def endpoints(self) -> Mapping[str, str]:
        """The parent of each endpoint, by its name; "" for none."""
        return {name: endpoint.parent or "" for name, endpoint in self._options.endpoints.items()}

    def endpoint_of(self, request: Request) -> str:
        """Return the name of the endpoint that a request is for."""
        return str(request.context.get("endpoint", ""))

    def gaps(self, request: Request, response: Response) -> Mapping[str, Sequence[str]]:
        """Say which columns, and which placeholders of the lists below, find nothing in a page.

        Raises:
            BadBody: it cannot be read, or has no items.
        """
        step, endpoint = self._step(request)
        found = items_of(decode(endpoint, response), endpoint, response)
        return page_gaps(step.endpoint, self._options.endpoints, found, step.known)

    def asks(self, part: str, walk: str) -> bool:
        """Say whether a walk of this name may be one of the configured lists."""
        return may_be(walk, part, self._options.endpoints)

    def scope(self) -> str:
        """Return what is harvested: all options except the pace."""
        return scope(self._options)

    def seed(self, memory: Memory) -> Iterable[Request]:
        """Request the first page of every list without a parent."""
        return [request for requests in self._tops(memory).values() for request in requests]

    def probes(self, memory: Memory) -> Sequence[Request]:
        """Request the first page of each list whose length is unknown."""
        tops = {
            name: first[0]
            for name, first in self._tops(memory).items()
            if first and not self._options.endpoints[name].sliced
        }
        unknown = [name for name in tops if estimates.is_open(name, memory, self._options)]
        return [tops[name] for name in unknown if not self._only_new(tops[name], memory)]

    def learn(self, request: Request, response: Response) -> Mapping[str, int]:
        """Read a list's length from its first page.

        Raises:
            BadBody: it is not JSON, or has no items.
        """
        step, endpoint = self._step(request)
        decoded = decode(endpoint, response)
        body, found = decoded.body, items_of(decoded, endpoint, response)
        walked = walk(request, response, step, endpoint, body, found, self._options)
        paging, ended = walked.step.paging or endpoint.paging, walked.end is not None
        page = FirstPage(request=request, response=response, body=body, items=found)
        return estimates.learn(step.endpoint, paging, page, ended=ended)

    def estimate(self, memory: Memory, known: Mapping[str, int]) -> Sequence[Estimate]:
        """Estimate each list's requests."""
        tops = self._tops(memory)
        since = {name for name, first in tops.items() if first and self._only_new(first[0], memory)}
        walks = {name: len(all_) for name, all_ in tops.items() if not all_ or self._options.endpoints[name].sliced}
        return estimates.estimate(memory, known, self._options, since, walks)

    def _tops(self, memory: Memory) -> Mapping[str, Sequence[Request]]:
        tops = [name for name, endpoint in self._options.endpoints.items() if endpoint.parent is None]
        return {name: [*self._top(name, memory)] for name in tops}

    def _top(self, name: str, memory: Memory) -> Iterator[Request]:
        for entry in entries(self._options.endpoints[name], None):
            yield from self._requests.walks(name, {}, entry, memory)

    def _only_new(self, first: Request, memory: Memory) -> bool:
        return not memory.full and since_name(self._step(first)[0].memory_name) in memory.cursors

    def parts(self, reader: CoverageReader) -> Iterable[Part]:
        """Return the coverage of each endpoint."""
        return coverage.parts(reader, self._options.endpoints, self._tops(reader.memory))

    def refill(self, key: str, reader: CoverageReader) -> Iterable[Request]:
        """Walk one endpoint, or the topmost list above it."""
        return coverage.refill(key, self._options.endpoints, self._tops(reader.memory))

    def accepts(self, request: Request, response: Response) -> bool:
        """Accept the statuses that the configuration gives a meaning, and those that end a list of numbered pages."""
        try:
            step, endpoint = self._step(request)
        except BadBody:
            return False
        known = {*skipped(endpoint, step.page), *endpoint.stop, *endpoint.retry}
        return response.status in known or refused(step, endpoint, response.status)

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        """Turn a page into rows, the lists of its items and the next page.

        Raises:
            BadBody: it is not JSON, has no items, or its status is to be retried.
            SourceError: its status is one of `stop`.
        """
        step, endpoint = self._step(request)
        if response.status >= 300 and not response.unchanged:
            return self._status(endpoint, step, request, response)
        if has_no_body(response) and (nothing := self._empty(endpoint, step, request, response)):
            return nothing
        decoded = decode(endpoint, response)
        if endpoint.error and (said := find(decoded.body, endpoint.error)):
            raise BadBody(f"{response.url}: the answer says {str(said)[:200]!r}")
        if decoded.body is None and endpoint.parent and step.page == 1:
            return self._nothing(step, endpoint, request, "null")
        # Behind the last page some APIs answer an empty list or object in the place of one that holds the list.
        is_empty = step.page > 1 and decoded.body in ([], {})
        body, found, known = decoded.body, [] if is_empty else items_of(decoded, endpoint, response), step.known
        make = self._rows[step.endpoint]
        rows = [make.record(item, known) for item in found]
        keyed = [(item, row) for item, row in zip(found, rows, strict=True) if row]
        # The walk counts what arrived; conditions decide afterwards what is kept.
        kept = [each for each in keyed if passes(endpoint.where, each[0].value)] if endpoint.where else keyed
        if rows and not keyed:
            lacks = f"has the key {', '.join(endpoint.key)}" if endpoint.key else "is anything but null"
            lists = where_lists_are(body) if endpoint.items == "auto" else ""
            raise BadBody(f"{response.url}: not one of {len(rows)} items {lacks}{f'; {lists}' if lists else ''}")
        wanted = [item for item in found if passes(endpoint.where, item.value)] if endpoint.where else found
        try:
            children, skipped_items, fresh = self._requests.children(step, wanted, memory, decoded.weight)
        except BadBody as error:
            raise BadBody(f"{response.url}: {error}") from error
        children, too_deep = within(children, step, endpoint)
        step, too_old = told_if_ignored(step, endpoint, found)
        walked = walk(request, response, step, endpoint, body, found, self._options, [row for _, row in keyed])
        walked = doubted(walked, decoded.at_most, decoded.doubt)
        if decoded.at_most is Completeness.CUT and step.window and not step.tail:
            # Pages that are read at the same time do not know of each other: only a failure cuts their walk.
            raise BadBody(f"{response.url}: {decoded.doubt}")
        notes = [
            too_old,
            f"{len(rows) - len(keyed)} items have no key and were left out" if len(keyed) < len(rows) else "",
        ]
        notes.append(f"{skipped_items} items name nothing to ask further" if skipped_items else "")
        if decoded.doubt and not (walked.end and walked.end.completeness is Completeness.CUT):
            notes.append(f"{step.endpoint} {step.path}: {decoded.doubt}")
        records = present(distinct((row for _, row in kept), make.table.key), endpoint)
        if not endpoint.key and (equal := len(kept) - len(records)):
            notes.append(
                f"{counted(equal, 'item')} of {step.endpoint} equal others of the page and are stored once; {KEY}"
            )
        inner, replaced = make.below(kept, known)
        page = self._walked(walked, request, endpoint, [*records, *inner], children, notes)
        return replace(
            page,
            ends=[*page.ends, *too_deep],
            replaced=replaced,
            listing=listing(step, endpoint, request.walk or step.walk_name),
            avoided=[Avoided(fresh, AVOIDED)] if fresh else (),
        )

    def _walked(
        self,
        walked: Walked,
        request: Request,
        endpoint: Endpoint,
        records: Sequence[Record] = (),
        children: Sequence[Request] = (),
        notes: Sequence[str] = (),
    ) -> Page:
        """Return rows and children with what their page means for its walk."""
        step = walked.step
        request = request if request.walk else replace(request, walk=step.walk_name)
        ends = [walk_end(walked, request, step.endpoint, _place(endpoint, step))] if walked.end else []
        stopped = [
            f"{step.endpoint} {step.path}: {end.reason}; stopped at {end.place}"
            for end in ends
            if end.completeness in {Completeness.CUT, Completeness.BOUNDED}
        ]
        ended = bool(ends) and all(map(moves_cursors, ends))
        return Page(
            records=records,
            more=[*children, *(self._requests.next(state, endpoint, going, request) for state, going in walked.pages)],
            cursors=earned(step, endpoint, self._requests.digests[step.endpoint]) if ended else {},
            covered=finished(step, endpoint) if ended else (),
            note="; ".join(filter(None, [*stopped, *notes])),
            ends=ends,
            counted=walked.counted,
        )

    def _step(self, request: Request) -> tuple[EndpointStep, Endpoint]:
        try:
            step = msgspec.convert(request.context, EndpointStep)
            endpoint = self._options.endpoints[step.endpoint]
            return named(step, endpoint), endpoint
        except (msgspec.ValidationError, KeyError) as error:
            raise BadBody(f"{request.key}: its context is not one of source {self.name}: {error}") from error

    def _status(self, endpoint: Endpoint, step: EndpointStep, request: Request, response: Response) -> Page:
        if response.status in endpoint.stop:
            raise SourceError(f"{self.name}: {response.status} at {step.path}: its configuration says to stop there")
        is_refused = refused(step, endpoint, response.status)
        if response.status in skipped(endpoint, step.page) and not (is_refused and step.trial):
            return self._nothing(step, endpoint, request, str(response.status))
        if is_refused:
            return self._walked(walk_refused(step, request, response, self._options), request, endpoint)
        raise BadBody(f"{response.url}: status {response.status}")

    def _empty(self, endpoint: Endpoint, step: EndpointStep, request: Request, response: Response) -> Page | None:
        """Return what an answer without a body means; None if its format may be empty.

        Raises:
            BadBody: it means nothing.
        """
        has_no_content = response.status == NO_CONTENT
        said = f"the answer is empty ({response.status})"
        if not has_no_content and endpoint.format in {"csv", "jsonl"}:
            return None
        if endpoint.parent and step.page == 1 and (has_no_content or endpoint.format == "json"):
            return self._nothing(step, endpoint, request, str(NO_CONTENT) if has_no_content else "an empty answer")
        if step.trial:
            return self._walked(walk_refused(step, request, response, self._options), request, endpoint)
        if not has_no_content or step.sure or (step.page > 1 and not (step.paging or endpoint.paging).numbered):
            raise BadBody(f"{response.url}: {said}")
        page = self._walked(
            doubted(Walked(step=step, end=unconfirmed(said)), Completeness.WHOLE, ""), request, endpoint
        )
        return page if page.note else replace(page, note=f"{step.endpoint} {step.path}: {said}")

    def _nothing(self, step: EndpointStep, endpoint: Endpoint, request: Request, said: str) -> Page:
        """Return the page of an answer that says that there is nothing: it is remembered, and no row is gone by it."""
        reason = f"{said}, nothing there"
        nothing = Walked(step=step, end=whole(reason) if step.page == 1 else unconfirmed(reason))
        page = self._walked(nothing, request, endpoint)
        note = f"{step.endpoint} {step.path}: {reason}"
        return replace(page, note=note, cursors=remembered(step, endpoint), covered=())


def _place(endpoint: Endpoint, step: EndpointStep) -> str:
    """Say where a walk is, as the API counts."""
    paging = step.paging or endpoint.paging
    if paging.style == "offset":
        return f"offset {step.offset:,}"
    first = paging.start if paging.style == "page_number" and paging.start is not None else 1
    return f"page {first + step.page - 1:,}"
