"""Every failing attempt is kept with its request: when it was, what came of it, why, and how long it waited."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from engine.common.errors import DeadlineExceeded, LaneError, SourceError
from engine.model.snapshot import Attempt, FailedRequest
from engine.model.source import Memory, Page, Request, Response
from engine.storage import failed_requests, frontier, runs, schema
from engine.storage.database import Database
from engine.storage.failures import KEPT_ATTEMPTS, REASON_LENGTH, FailureRecord, attempts_of, note_attempt
from engine.storage.frontier import Claimed
from engine.storage.store import RunStore
from tests.engine.harness import EPOCH, Harvest, run
from tests.fakes import FakeSource, FakeTransport, answer, serves

BUSY = answer(status=503)
REFUSED = answer(status=429, headers={"retry-after": "30"})
GONE = answer(status=404)
TRIED = Attempt(at=5.0, outcome="retry", status=503, reason="503 Service Unavailable", wait=2.0)
FAILED = FailureRecord(kind="404", message="404 Not Found", what="GET /a", status=404)


def item_3(source: FakeSource, *answers: Response | DeadlineExceeded) -> FakeTransport:
    """Give item 3 these answers, one after the other, and the truth when there are no more."""

    def script(request: Request, tries: int) -> Response | DeadlineExceeded:
        return answers[tries] if request.key == "item 3" and tries < len(answers) else source.truth(request)

    return FakeTransport(script)


def only(database: Database, harvest: Harvest) -> FailedRequest:
    (kind,) = harvest.deck.snapshot().failures
    (one,) = failed_requests.failed(database.path, "fake", kind.fingerprint)
    return one


def outcomes(history: Sequence[Attempt]) -> list[tuple[str, int | None]]:
    return [(one.outcome, one.status) for one in history]


async def test_each_failing_attempt_is_kept_with_its_wait_and_the_newest_is_last(database: Database) -> None:
    source = FakeSource(details=True)
    transport = item_3(source, BUSY, REFUSED, DeadlineExceeded("no answer within 60 s"), GONE)

    harvest = await run(database, source, transport)

    history = only(database, harvest).history
    assert outcomes(history) == [("retry", 503), ("throttled", 429), ("retry", None), ("failed", 404)]
    sent = [at for at, key in transport.sent if key == "item 3"]
    assert [one.at - EPOCH - transport.latency for one in history] == pytest.approx(sent, abs=0.01)
    waits = [one.wait for one in history]
    assert waits[3] is None
    assert waits[1] is not None
    assert waits[1] >= 30
    for before, after, wait in zip(sent, sent[1:], waits, strict=False):
        assert wait is not None
        assert after - before - transport.latency >= wait - 0.01
    assert history[0].reason == "503 Service Unavailable"
    assert "429" in history[1].reason
    assert "no answer within 60 s" in history[2].reason


async def test_what_lands_at_once_leaves_no_attempt(database: Database) -> None:
    source = FakeSource(pages=3, details=True)

    harvest = await run(database, source, serves(source))

    assert await harvest.rows("select count(*) from attempt") == [(0,)]


async def test_what_lands_in_the_end_keeps_how_it_came_there(database: Database) -> None:
    source = FakeSource(details=True)

    harvest = await run(database, source, item_3(source, BUSY, BUSY))

    found = await harvest.rows(
        "select number, outcome, attempt.status, state from attempt join request on request.id = request_id"
    )
    assert found == [(1, "retry", 503, "done"), (2, "retry", 503, "done")]


async def test_a_resumed_run_keeps_the_attempts_of_before(database: Database) -> None:
    source = FakeSource(pages=4, details=True)
    first = await run(database, source, item_3(source, BUSY, BUSY, BUSY, BUSY), duration=3.0)
    before = [row[0] for row in await first.rows("select at from attempt order by number")]
    assert before

    harvest = await run(database, source, item_3(source, GONE))

    history = only(database, harvest).history
    assert [one.at for one in history[:-1]] == before
    assert outcomes(history[-1:]) == [("failed", 404)]


async def test_what_is_tried_again_by_hand_keeps_its_attempts(database: Database) -> None:
    source = FakeSource(pages=9, details=True)
    await run(database, source, item_3(source, GONE), limit=30)

    harvest = await run(database, source, item_3(source, GONE), retry_failed=True)

    one = only(database, harvest)
    assert one.attempts == 1
    assert outcomes(one.history) == [("failed", 404), ("failed", 404)]


@pytest.mark.parametrize(("error", "outcome"), [(SourceError, "stopped"), (LaneError, "failed")])
async def test_an_answer_that_ends_its_source_or_its_lane_is_an_attempt_too(
    database: Database, error: type[Exception], outcome: str
) -> None:
    class Ends(FakeSource):
        def parse(self, request: Request, response: Response, memory: Memory) -> Page:
            if request.key == "item 3":
                raise error("enough")
            return super().parse(request, response, memory)

    source = Ends(details=True)

    harvest = await run(database, source, serves(source), workers=1)

    found = await harvest.rows(
        "select key, outcome, attempt.status, attempt.reason from attempt join request on request.id = request_id"
    )
    assert found == [("item 3", outcome, 200, "enough")], "what was never sent has no attempt"


def queued(db: sqlite3.Connection) -> int:
    """Make a run with one request in it."""
    found = runs.begin(db, "fake", "all", full=False, now=0.0)
    frontier.enqueue(db, found.id, [Request(key="a", url="/a")])
    return found.id


def test_the_last_twenty_are_kept_in_their_order() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        schema.migrate(db)
        queued(db)
        for second in range(KEPT_ATTEMPTS + 5):
            note_attempt(db, 1, replace(TRIED, at=float(second)))

        kept = attempts_of(db, [1])[1]

    assert [one.at for one in kept] == [float(second) for second in range(5, 25)]


def test_a_reason_is_kept_short_and_without_anything_a_terminal_would_act_on() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        schema.migrate(db)
        queued(db)
        note_attempt(db, 1, replace(TRIED, reason="\x1b[31m" + "m" * 20_000))

        (stored,) = db.execute("select reason from attempt").fetchone()

    assert len(stored) == REASON_LENGTH
    assert stored.startswith("␛[31mm")


async def test_attempts_go_with_their_request(database: Database) -> None:
    source = FakeSource(details=True)
    await run(database, source, item_3(source, BUSY))

    harvest = await run(database, source, serves(source))

    assert await harvest.rows("select count(*) from attempt") == [(0,)], "a finished run's requests are let go of"


@pytest_asyncio.fixture
async def store(database: Database) -> AsyncIterator[RunStore]:
    """Take a run with one claimed request."""
    opened = await RunStore.open(
        database=database, source=FakeSource(), full=False, identity="nobody", wall=lambda: 100.0
    )
    await opened.seed([Request(key="a", url="/a")])
    yield opened
    opened.close()


BROKEN = {
    "the attempt": "create trigger broken before insert on attempt begin select raise(abort, 'no'); end",
    "the request": "create trigger broken before update on request when new.state != 'claimed'"
    " begin select raise(abort, 'no'); end",
}


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("end", ["put back", "failed"])
async def test_an_attempt_and_what_becomes_of_its_request_land_together_or_not_at_all(
    database: Database, store: RunStore, broken: str, end: str
) -> None:
    (claimed,) = (await store.claim("core", 1)).claimed
    await database.do(lambda db: db.execute(BROKEN[broken]).fetchall())

    async def settle(one: Claimed) -> None:
        if end == "put back":
            await store.put_back(one, wait=2, attempt=TRIED)
        else:
            await store.fail(one, FAILED, TRIED)

    with pytest.raises(sqlite3.IntegrityError):
        await settle(claimed)
    torn = await database.do(_state)
    await database.do(lambda db: db.execute("drop trigger broken").fetchall())
    await settle(claimed)
    whole = await database.do(_state)

    assert torn == ("claimed", 0, 0)
    assert whole == (("queued", 1, 0) if end == "put back" else ("failed", 1, 1))


def _state(db: sqlite3.Connection) -> tuple[str, int, int]:
    (state,) = db.execute("select state from request").fetchone()
    (tried,) = db.execute("select count(*) from attempt").fetchone()
    (errors,) = db.execute("select count(*) from error").fetchone()
    return state, tried, errors


def test_a_file_of_an_earlier_version_is_listed_without_attempts(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        for migration in schema.MIGRATIONS[:4]:
            migration(db)
        db.execute("pragma user_version = 4")
        # Written as version 4 did, and not by the code of today, which migrates a file before it writes.
        db.execute("insert into run(id, source, scope, full, state, started_at) values(1, 'fake', 'all', 0, 'done', 0)")
        db.execute(
            "insert into request(run_id, key, lane, state, priority, attempt, spec, status, reason, ended_at, failure)"
            """ values(1, 'a', 'core', 'failed', 0, 1, '{"key":"a","url":"/a"}', 404, '404 Not Found', 9, 'kind')"""
        )

        (before,) = failed_requests.failed(file, "fake", "kind")
        schema.migrate(db)
        note_attempt(db, 1, TRIED)
        (after,) = failed_requests.failed(file, "fake", "kind")

    assert before.history == ()
    assert after.history == (TRIED,)
