"""A source and a transport without a network: one of each, simple enough not to need tests."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from engine.common.errors import TransportError
from engine.harvest.job import Job
from engine.model.credentials import CredentialProvider
from engine.model.source import Auth, Column, Memory, Page, RateBudget, Record, Request, Response, Source, Table
from engine.model.tuning import NAMES, Tuning
from engine.transport.base import Transport

Script = Callable[[Request, int], Response | TransportError]
"""Answers a request, given how often its key was sent before."""


def answer(data: Any = None, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Make an answer with a JSON body."""
    body = b"" if data is None else msgspec.json.encode(data)
    return Response(status=status, headers=dict(headers or {}), body=body, url="http://fake", elapsed=0.1)


@dataclass
class FakeSource:
    """Lists pages of items; with `details`, each item is a request of its own."""

    pages: int = 1
    per_page: int = 10
    details: bool = False
    name: str = "fake"
    base_url: str = "http://fake"
    summary: str = "numbers"
    terms: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    auth: Auth | None = None
    budgets: Sequence[RateBudget] = (RateBudget(resource="core"),)
    tables: Sequence[Table] = (
        Table("item", (Column("id", "integer"), Column("title")), ("id",)),
        Table("detail", (Column("item_id", "integer"), Column("text")), ("item_id",)),
    )
    memories: list[Memory] = field(default_factory=list)

    def scope(self) -> str:
        return "all"

    def seed(self, memory: Memory) -> Iterable[Request]:
        self.memories.append(memory)
        yield self.page(0)

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        if request.route == "detail":
            number = request.context["item"]
            return Page(
                records=[Record(table="detail", data={"item_id": number, "text": f"d{number}"}, raw=response.body)]
            )
        ids = response.json(list[int])
        more = [self.detail(number) for number in ids] if self.details else []
        page = request.context["page"]
        if page + 1 < self.pages:
            more.append(self.page(page + 1))
        records = [Record(table="item", data={"id": n, "title": f"t{n}"}, raw=b'{"id":%d}' % n) for n in ids]
        return Page(records=records, more=more, cursors={"page": str(page)})

    def accepts(self, request: Request, response: Response) -> bool:
        return False

    def page(self, number: int) -> Request:
        return Request(
            key=f"page {number}",
            url="/items",
            params={"page": number},
            route="list",
            context={"page": number},
            page=number,
        )

    def detail(self, number: int) -> Request:
        return Request(key=f"item {number}", url=f"/item/{number}", route="detail", context={"item": number})

    def truth(self, request: Request) -> Response:
        """Answer as a server with this source's pages would."""
        if request.route == "detail":
            return answer({"id": request.context["item"]})
        first = request.context["page"] * self.per_page
        return answer(list(range(first, first + self.per_page)))


class FakeTransport:
    """Answers from a script after a latency, and knows how many were under way at once."""

    def __init__(self, script: Script, latency: float = 0.1, loading: float = 0.0) -> None:
        self.script = script
        self.loading = loading
        self.latency = latency
        self.sent: list[tuple[float, str]] = []
        self.headers: list[Mapping[str, str]] = []
        self.in_flight = self.most_in_flight = 0
        self.closed = False
        self.identity = "nobody"
        self.credentials: CredentialProvider | None = None

    def identity_of(self, resource: str) -> str:
        _ = resource
        return self.identity

    async def prepare(self, resource: str) -> None:
        await asyncio.sleep(self.loading)

    async def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        tries = sum(key == request.key for _, key in self.sent)
        self.sent.append((asyncio.get_running_loop().time(), request.key))
        self.headers.append(headers)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.latency)
        finally:
            self.in_flight -= 1
        result = self.script(request, tries)
        if isinstance(result, Exception):
            raise result
        return result

    async def renew(self, request: Request) -> bool:
        return False

    def provider(self, request: Request) -> CredentialProvider | None:
        return self.credentials

    async def close(self) -> None:
        self.closed = True


def serves(source: FakeSource) -> FakeTransport:
    """Make a transport that answers all of a source's requests well."""
    return FakeTransport(lambda request, _: source.truth(request))


def job(source: Source, transport: Transport, **wanted: Any) -> Job:
    """Make a job; its settings are given by their names."""
    tuning = Tuning(**{name: wanted.pop(name) for name in NAMES if name in wanted})
    return Job(source=source, transport=transport, tuning=tuning, **wanted)
