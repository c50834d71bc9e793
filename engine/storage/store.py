"""The store of a run: the database operations the engine awaits. Every outcome of a request is one transaction."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from engine.model.completeness import run_reason
from engine.model.coverage import RefillPlan
from engine.model.snapshot import Attempt, State
from engine.model.source import Memory, Page, Request, Source
from engine.model.walk import Completeness, Counted, WalkEnd, WalkReport
from engine.storage import (
    change_feed,
    failures,
    frontier,
    http_cache,
    listings,
    notes,
    quarantine,
    replacements,
    runs,
    source_tables,
    walk_pages,
    walk_starts,
    walks,
)
from engine.storage.database import Database
from engine.storage.failures import note_attempt
from engine.storage.frontier import Claimed
from engine.storage.runs import add_coverage
from engine.storage.source_tables import Lookup

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """What one response added."""

    more: int
    """Follow-up requests that were new."""
    rows: int
    """Rows that were written, those among them that were stored already."""
    added: int
    """Rows that were not stored before."""
    ends: Sequence[tuple[WalkEnd, Completeness | None]] = ()
    """Walks that ended, each with what it was before in this run."""
    frees: bool = False
    """A request that waited for this one may be due now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Requests claimed together."""

    claimed: Sequence[Claimed]
    validators: Sequence[http_cache.Validators | None]
    """Per request, the validators of its last response, for a conditional request."""
    due_in: float | None
    """Seconds until the next request is due, where none was claimed; None when none is queued."""


class RunStore:
    """One source's run in the database. `wall` returns seconds since the epoch, UTC."""

    def __init__(
        self,
        *,
        database: Database,
        source: Source,
        run: runs.Run,
        identity: str,
        wall: Callable[[], float],
        steady: Callable[[], float] | None = None,
        aside_keys: Iterable[str] = (),
        walks: frozenset[str] = frozenset(),
        newest: int = 0,
    ) -> None:
        """Wrap a run that has begun.

        Requests whose keys are in `aside_keys` are in quarantine and are never queued. `walks` are those that the run
        resumes at a page that failed: what would begin them again is not queued. Requests up to the id `newest` are
        of an earlier process.
        """
        self.run = run
        self._database = database
        self._source = source
        self._identity = identity
        self._writer = source_tables.Writer(source.name, source.tables)
        self._wall = wall
        self._steady = steady or wall
        """The time that retries are due by: the wall clock without its jumps."""
        self._aside = frozenset(aside_keys)
        self._walks = walks
        self._newest = newest
        self._lookup = Lookup(database=database.path, source=source.name, tables=source.tables)

    @classmethod
    async def open(
        cls,
        *,
        database: Database,
        source: Source,
        full: bool,
        identity: str,
        wall: Callable[[], float],
        steady: Callable[[], float] | None = None,
        retry_failed: bool = False,
        refill: RefillPlan | None = None,
        resume_within: float = walk_starts.RESUME_WITHIN,
    ) -> "RunStore":
        """Resume the source's unfinished run of the same scope, or begin a new one; create the source's tables.

        `retry_failed` also queues the failed requests of a resumed run. `refill` begins a run with a scope of its own
        that fetches only those parts. `identity` tells credentials apart, so that one token's cached responses never
        serve another. `resume_within` is for how many seconds a walk is resumed at the page that failed.

        Raises:
            UsageError: the source declares a table with an unusable name.
        """

        def job(db: sqlite3.Connection) -> runs.Run:
            source_tables.create(db, source.name, source.tables)
            run = begun(db)
            change_feed.watch(db, source.name, source.tables, run.id, began=run.started_at)
            return run

        def begun(db: sqlite3.Connection) -> runs.Run:
            scope = runs.fill_scope(source.scope(), refill.parts) if refill else source.scope()
            run = runs.begin(db, source.name, scope, full=full, now=wall(), resume_within=resume_within)
            frontier.shorten_waits(db, run.id, (steady or wall)())
            if refill:
                _, failed = walk_starts.adopt(db, run.id, refill.unfinished)
                failures.uncount(db, failed)
                return replace(run, counts=frontier.counts(db, run.id))
            if retry_failed and _retry(db, run.id):
                return replace(run, counts=frontier.counts(db, run.id))
            return run

        run = await database.do(job)
        set_aside = await database.do(lambda db: quarantine.keys(db, source.name))
        walks = await database.do(lambda db: walk_starts.under_way(db, run.id))
        return cls(
            database=database,
            source=source,
            run=run,
            identity=identity,
            wall=wall,
            steady=steady,
            aside_keys=set_aside,
            walks=walks,
            newest=await database.do(frontier.newest),
        )

    def memory(self) -> Memory:
        """Return what the source may use from earlier runs."""
        return Memory(
            cursors=self.run.cursors,
            covered=self.run.covered,
            rows=self._lookup.rows,
            started=datetime.fromtimestamp(self.run.started_at, UTC),
            full=self.run.full,
        )

    def close(self) -> None:
        """Close the read-only connection."""
        self._lookup.close()

    async def seed(self, requests: Sequence[Request]) -> int:
        """Enqueue a run's first requests; return how many were new. Walks that expired begin anew behind them."""
        wanted = self._wanted(requests)

        def job(db: sqlite3.Connection) -> int:
            return frontier.enqueue(db, self.run.id, wanted) + walk_starts.begin_expired(db, self.run.id)

        return await self._database.do(job)

    def _wanted(self, requests: Iterable[Request], walk: str = "") -> list[Request]:
        """Leave out requests in quarantine, and those that begin a walk which is under way.

        `walk` is the walk of the page that names them.
        """
        return [
            request
            for request in requests
            if request.key not in self._aside and (request.walk == walk or request.walk not in self._walks)
        ]

    async def claim(self, lane: str, many: int) -> Batch:
        """Claim due requests."""

        def job(db: sqlite3.Connection) -> Batch:
            claimed = frontier.claim(db, self.run.id, lane, many, self._steady())
            validators = [self._validators(db, one.request) for one in claimed]
            due = None if claimed else frontier.next_due(db, self.run.id, lane)
            return Batch(claimed=claimed, validators=validators, due_in=None if due is None else due - self._steady())

        return await self._database.do(job)

    def _validators(self, db: sqlite3.Connection, request: Request) -> http_cache.Validators | None:
        """Return the stored validators; None for a full run, which asks as if for the first time."""
        if self.run.full or not request.conditional:
            return None
        return http_cache.validators(db, http_cache.key(self._identity, request))

    async def cached_response(self, request: Request) -> http_cache.Answer | None:
        """Return the stored response to a conditional request, to be used when the server answers 304."""
        key = http_cache.key(self._identity, request)
        return await self._database.do(lambda db: http_cache.answer(db, key))

    async def finish(self, claimed: Claimed, page: Page, status: int, answer: http_cache.Answer | None) -> Landed:
        """Commit rows, follow-up requests, cursors, ends of walks, the note, validators and the done mark.

        All of it lands in one transaction.

        Raises:
            BadBody: a value cannot be stored; the transaction was rolled back.
        """
        records, more = list(page.records), self._wanted(page.more, claimed.request.walk)

        def job(db: sqlite3.Connection) -> Landed:
            now = self._wall()
            before = change_feed.mark(db)
            rows = self._writer.write(db, records, now, claimed.request.page)
            replacements.apply(db, self._source.name, self._source.tables, self.run.id, page, now)
            listings.note(db, self._source.name, self._source.tables, self.run.id, page)
            added = change_feed.tally(db, before)
            new = frontier.enqueue(db, self.run.id, more, claimed.id)
            walk_starts.note(db, self.run.id, claimed.request, more, now)
            runs.save_cursors(db, self._source.name, page.cursors)
            add_coverage(db, self._source.name, page.covered)
            circle = None
            if new < len(more):
                circle = walks.circle(db, self._source.name, self.run.id, claimed, more, page.ends)
            ends = page.ends if circle is None else [*page.ends, circle]
            ended = walks.save(db, self._source.name, self.run.id, ends, now)
            walk_starts.note_cut(db, self.run.id, claimed.request, ends, now)
            walk_pages.note(db, self._source.name, claimed.request.walk, page.counted, ends)
            if page.note:
                notes.add(db, self._source.name, page.note, now)
            if answer is not None:
                http_cache.store(db, http_cache.key(self._identity, claimed.request), answer, now)
            frontier.mark_done(db, claimed.id, status, now)
            frees = frontier.holds_back(db, self.run.id, claimed.request.walk)
            return Landed(more=new, rows=rows, added=added, ends=ended, frees=frees)

        return await self._database.do(job)

    async def pages(self, walk: str) -> Sequence[Counted]:
        """Return what the pages of a walk brought that have landed so far, in this run or one that it resumes."""
        return await self._database.do(lambda db: walk_pages.read(db, self._source.name, walk))

    async def put_back(self, claimed: Claimed, *, wait: float, attempt: Attempt) -> None:
        """Queue a claimed request again, not before `wait` seconds from now, and record the attempt."""

        def job(db: sqlite3.Connection) -> None:
            due = self._steady() + wait if wait > 0 else 0.0
            frontier.put_back(db, claimed, due, attempt.reason, wait=wait)
            note_attempt(db, claimed.id, attempt)

        await self._database.do(job)

    async def fail(self, claimed: Claimed, failed: failures.FailureRecord, attempt: Attempt | None) -> None:
        """Mark a request as failed for good, count its kind, and store a body that could not be parsed.

        `attempt` is the final one; None where the request was never sent.
        """

        def job(db: sqlite3.Connection) -> None:
            now = self._wall()
            kind = failures.fingerprint(self._source.name, failed.kind, failed.message)
            frontier.mark_failed(db, claimed, failed.status, failed.message, now, kind)
            failures.count(db, self._source.name, failed, now)
            failures.keep_head(db, claimed.id, failed.head)
            if attempt is not None:
                note_attempt(db, claimed.id, attempt)
            if failed.body is not None:
                failures.keep_body(db, self._source.name, claimed.request.key, failed, now)

        await self._database.do(job)

    async def begin_anew(self, claimed: Claimed) -> int | None:
        """Begin the walk of a request again that the API refuses, if an earlier process left the request.

        Return how many requests were queued in its place; None if the request has failed.
        """
        walk = claimed.request.walk
        if not walk or claimed.id > self._newest:
            return None
        return await self._database.do(lambda db: walk_starts.begin_anew(db, self.run.id, claimed.id, walk))

    async def retry(self, failure: str | None, id: int | None) -> Mapping[str, int]:
        """Queue failed requests again and reduce the counts of their kinds; return how many, by kind."""
        return await self._database.do(lambda db: _retry(db, self.run.id, failure, id))

    async def quarantine(self, failure: str | None, id: int | None) -> Mapping[str, int]:
        """Put failed requests into quarantine; return how many, by kind."""

        def job(db: sqlite3.Connection) -> tuple[Mapping[str, int], set[str]]:
            return quarantine.quarantine(db, self._source.name, failure, id), quarantine.keys(db, self._source.name)

        found, keys = await self._database.do(job)
        self._aside = frozenset(keys)
        return found

    async def release(self, id: int | None, *, queue: bool) -> int:
        """Release one or all requests from quarantine; return how many.

        `queue` puts them into this run; otherwise the next run retries them.
        """

        def job(db: sqlite3.Connection) -> tuple[int, set[str]]:
            many = quarantine.release(db, self._source.name, id, self.run.id if queue else None)
            return many, quarantine.keys(db, self._source.name)

        many, keys = await self._database.do(job)
        self._aside = frozenset(keys)
        return many

    async def fill(self, refill: RefillPlan) -> tuple[int, Mapping[str, int]]:
        """Queue what refills some parts; return how many requests that is, and how many of them had failed, by kind."""

        def job(db: sqlite3.Connection) -> tuple[int, Mapping[str, int]]:
            moved, failed = walk_starts.adopt(db, self.run.id, refill.unfinished)
            failures.uncount(db, failed)
            return moved + frontier.enqueue(db, self.run.id, refill.requests), failed

        return await self._database.do(job)

    async def requeue_unsent(self, claimed: Sequence[Claimed]) -> None:
        """Queue claimed requests that were never sent."""
        await self._database.do(lambda db: frontier.requeue_unsent(db, [c.id for c in claimed]))

    async def walks(self) -> WalkReport:
        """Report on the walks of the run that have ended so far."""
        return await self._database.do(lambda db: walks.of_run(db, self._source.name, self.run.id))

    async def end(self, state: State, reason: str) -> tuple[str, WalkReport]:
        """Record how the run ended. A run in any state but "done" is resumed by the next start.

        Rows that are gone are marked. Return the reason, with what the walks add to that of a run that is done, and the
        report on them.
        """

        def job(db: sqlite3.Connection) -> tuple[str, WalkReport]:
            report = walks.of_run(db, self._source.name, self.run.id, ended=state)
            why = run_reason(reason, report) if state is State.DONE else reason
            now, before = self._wall(), change_feed.mark(db)
            listings.mark_gone(db, self._source.name, self._source.tables, self.run.id, now)
            change_feed.tally(db, before)
            runs.end(db, self.run.id, state, why, now)
            return why, report

        return await self._database.do(job)


def _retry(db: sqlite3.Connection, run: int, failure: str | None = None, id: int | None = None) -> Mapping[str, int]:
    queued = frontier.retry(db, run, failure, id)
    failures.uncount(db, queued)
    return queued
