"""What the journal knows of a lane's sends when a run is resumed."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.model.snapshot import Second
from engine.storage import journal
from engine.storage.opening import connect

WALL = 1_700_000_000.0
SECOND = Second(requests=0, rows=0, bytes=0, p50=None, p95=None, in_flight=0, limit=1)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(tmp_path / "rows.db")) as made:
        made.execute("insert into run(id, source, scope, full, state, started_at) values(1, 's', 'all', 0, 'x', 0)")
        sample = journal.Sample(source="s", lane="core", at=int(WALL) - 3, sent=10, second=SECOND)
        journal.write(made, [sample], [])
        yield made


def answered(db: sqlite3.Connection, key: str, at: float, lane: str = "core") -> None:
    db.execute(
        "insert into request(run_id, key, lane, state, priority, spec, ended_at) values(1, ?, ?, 'done', 0, '', ?)",
        (key, lane, at),
    )


def sent(db: sqlite3.Connection, recovered: int) -> tuple[tuple[float, int], ...]:
    return journal.load_earlier(db, domain="d", source="s", lane="core", span=60.0, wall=WALL, recovered=recovered).sent


def test_after_a_clean_end_the_journal_is_taken_at_its_word(db: sqlite3.Connection) -> None:
    answered(db, "a", WALL - 1)

    assert sent(db, 0) == ((3.0, 10),)


def test_after_a_kill_what_it_does_not_know_of_counts_as_sent_now(db: sqlite3.Connection) -> None:
    answered(db, "a", WALL - 20)
    answered(db, "b", WALL - 1)
    answered(db, "c", WALL - 1, lane="other")

    assert sent(db, 4) == ((3.0, 10), (0.0, 1 + 4))
