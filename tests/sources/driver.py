"""Plays a source against answers without an engine: requests pass through JSON as they would through a disk."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from engine.harvest.walk_ends import judged
from engine.model.source import Covered, Key, Memory, Page, Replacement, Request, Response, Source
from engine.model.walk import Counted

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
        self.covered: dict[str, list[tuple[int, int]]] = {}
        self.rows: dict[tuple[str, tuple[object, ...]], Mapping[str, object]] = {}
        self.pages: list[Page] = []
        self.sent: list[Request] = []
        self.pending: list[Request] = []
        self.known: set[str] = set()
        self.counted: dict[str, list[Counted]] = {}
        self.memory = Memory(started=STARTED)

    def begin(self, started: datetime = STARTED, *, full: bool = False) -> None:
        """Start a new run: an unfinished one is forgotten."""
        self.memory = self.remember(started, full=full)
        self.pending, self.known, self.sent, self.pages = [], set(), [], []
        self.counted = {}
        self.resume()

    def resume(self) -> None:
        """Seed again, as the engine does when it goes on with a run: its own cursors are in memory by then."""
        self.memory = self.remember(self.memory.started, full=self.memory.full)
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
        landed = self.counted.setdefault(request.walk, [])
        page = judged(page, request, landed)
        landed.extend([page.counted] if page.counted else [])
        self.pages.append(page)
        tables = {table.name: table for table in self.source.tables}
        for record in page.records:
            key = tuple(record.data[name] for name in tables[record.table].key)
            self.rows[record.table, key] = {**self.rows.get((record.table, key), {}), **record.data}
        for replaced in page.replaced:
            self._replace(replaced, page)
        self.cursors |= page.cursors
        for one in page.covered:
            self._cover(one)
        self._enqueue(page.more)

    def _replace(self, replaced: Replacement, page: Page) -> None:
        """Forget the rows of some parents that the page does not name, as the store does."""
        key = next(table.key for table in self.source.tables if table.name == replaced.table)
        named = {tuple(each.data[one] for one in key) for each in page.records if each.table == replaced.table}
        for parent in replaced.parents:
            mine = [at for name, at in self.rows if name == replaced.table and at[: len(parent)] == parent]
            for left in set(mine) - named:
                del self.rows[replaced.table, left]

    def remember(self, started: datetime, *, full: bool) -> Memory:
        covered = {scope: list(ranges) for scope, ranges in self.covered.items()}
        return Memory(
            cursors=dict(self.cursors),
            covered=covered,
            rows=self._lookup,
            count=self.count,
            started=started,
            full=full,
        )

    def _lookup(self, table: str, keys: Sequence[Key]) -> Mapping[Key, Mapping[str, Any]]:
        return {key: self.rows[table, key] for key in keys if (table, key) in self.rows}

    def _cover(self, one: Covered) -> None:
        """Merge a range with those it overlaps or touches, as the store does."""
        ranges = self.covered.setdefault(one.scope, [])
        touching = [each for each in ranges if each[0] <= one.high + 1 and each[1] >= one.low - 1]
        merged = (min([one.low, *(low for low, _ in touching)]), max([one.high, *(high for _, high in touching)]))
        self.covered[one.scope] = sorted([*(each for each in ranges if each not in touching), merged])

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
