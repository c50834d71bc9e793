"""Plays a source against answers without an engine: requests pass through JSON as they would through a disk."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from engine.source import Memory, Page, Request, Response, Source

FIXTURES = Path(__file__).parents[1] / "fixtures"
RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings"
STARTED = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)

Answer = Callable[[Request], Response]


def respond(body: object, status: int = 200, link: str = "", url: str = "https://api.github.com/x") -> Response:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Response(status=status, headers={"link": link} if link else {}, body=content, url=url, elapsed=0.1)


def fixture(path: str) -> bytes:
    return (FIXTURES / path).read_bytes()


def stored(request: Request) -> Request:
    return msgspec.json.decode(msgspec.json.encode(request), type=Request)


class Driver:
    """One database's worth of rows and cursors; `begin` starts a run, `land` takes one request after another."""

    def __init__(self, source: Source, answer: Answer) -> None:
        self.source = source
        self.answer = answer
        self.cursors: dict[str, str] = {}
        self.rows: dict[tuple[str, tuple[object, ...]], Mapping[str, object]] = {}
        self.pages: list[Page] = []
        self.sent: list[Request] = []
        self.pending: list[Request] = []
        self.known: set[str] = set()
        self.memory = Memory(started=STARTED)

    def begin(self, started: datetime = STARTED, *, full: bool = False) -> None:
        """Start a new run: an unfinished one is forgotten."""
        self.memory = Memory(cursors=dict(self.cursors), started=started, full=full)
        self.pending, self.known, self.sent, self.pages = [], set(), [], []
        self.resume()

    def resume(self) -> None:
        """Seed again, as the engine does when it goes on with a run: its own cursors are in memory by then."""
        self.memory = Memory(cursors=dict(self.cursors), started=self.memory.started, full=self.memory.full)
        self._enqueue(self.source.seed(self.memory))

    def land(self, limit: int = 100_000) -> int:
        """Fetch and land up to `limit` requests; return how many there were."""
        for done in range(limit):
            if not self.pending:
                return done
            request = min(self.pending, key=lambda each: each.priority)
            response = self.answer(request)
            if response.status >= 300 and not self.source.accepts(request, response):
                raise AssertionError(f"{request.key}: {response.status} is not accepted")
            self._land(request, self.source.parse(request, response, self.memory))
        return limit

    def run(self, started: datetime = STARTED, *, full: bool = False) -> None:
        self.begin(started, full=full)
        self.land()

    def _land(self, request: Request, page: Page) -> None:
        self.pending.remove(request)
        self.sent.append(request)
        self.pages.append(page)
        tables = {table.name: table for table in self.source.tables}
        for record in page.records:
            key = tuple(record.data[name] for name in tables[record.table].key)
            self.rows[record.table, key] = record.data
        self.cursors |= page.cursors
        self._enqueue(page.more)

    def _enqueue(self, requests: object) -> None:
        for request in msgspec.convert(requests, list[Request], from_attributes=True):
            if request.key not in self.known:
                self.known.add(request.key)
                self.pending.append(stored(request))

    def count(self, table: str) -> int:
        return sum(name == table for name, _ in self.rows)

    @property
    def notes(self) -> list[str]:
        return [page.note for page in self.pages if page.note]

    @property
    def avoided(self) -> dict[str, int]:
        total: Counter[str] = Counter()
        for saved in (saved for page in self.pages for saved in page.avoided):
            total[saved.why] += saved.requests
        return dict(total)
