"""A real harvest in a test: the engine in its thread, real sockets, a real file."""

import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from engine.common.secret import Secret
from engine.harvest.engine_thread import EngineThread
from engine.model.credentials import Credentials
from engine.model.snapshot import DeckState
from engine.model.source import Source
from engine.transport.http.transport import HttpTransport
from tests import fakes
from tests.fixed_credentials import FixedCredentials

PATIENCE = 280
"""Seconds a harvest, or one request of it, may take on a machine with a load of 20.

A request that is given up is sent again, and tests count requests. A test fails after 300 seconds.
"""


def harvest(source: Source, database: Path, *, token: str | None = "t", **job: Any) -> DeckState:
    """Run one source to its end, and return the last snapshot."""
    transport = HttpTransport(
        base_url=source.base_url,
        headers=source.headers,
        credentials=FixedCredentials(Credentials(headers={"Authorization": Secret(f"Bearer {token}")}))
        if token
        else None,
        connections=max(budget.concurrency for budget in source.budgets) + 2,
        user_agent="fetchdeck-test",
        total_timeout=PATIENCE,
    )
    engine = EngineThread(jobs=[fakes.job(source, transport, **job)], database=database)
    engine.start()
    assert engine.wait(PATIENCE), f"still running: {engine.snapshot().groups[0].reason}"
    return engine.snapshot()


def rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as db:
        return db.execute(query).fetchall()


def contents(database: Path, *, apart: Collection[str] = ()) -> Mapping[str, list[tuple[Any, ...]]]:
    """Return all rows of all the sources' tables, without the times they were written at and the columns in `apart`.

    Those are named by table and column: "gitlab_clone.note".
    """
    tables = [row[0] for row in rows(database, "select name from sqlite_master where type = 'table' order by 1")]
    found = {}
    for table in tables:
        columns = [row[1] for row in rows(database, f"pragma table_info({table})")]
        if "changed_at" in columns:
            left_out = {f"{table}.{name}" for name in ("added_at", "changed_at", "raw_page")}
            kept = ", ".join(column for column in columns if f"{table}.{column}" not in left_out | set(apart))
            found[table] = sorted(rows(database, f"select {kept} from {table}"), key=repr)
    return found
