import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from engine.storage import failures, schema
from engine.storage.failures import FailureRecord, Failures


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        schema.migrate(connection)
        yield connection


def failed(message: str = "404 Not Found", kind: str = "404", body: bytes | None = None) -> FailureRecord:
    return FailureRecord(kind=kind, message=message, what="GET /a", status=404, body=body)


def test_failures_that_differ_in_numbers_and_names_are_one_kind() -> None:
    one = failures.fingerprint("s", "404", 'no item 12 in "cats"')

    assert one == failures.fingerprint("s", "404", 'no item 345 in "dogs"')
    assert one != failures.fingerprint("s", "404", "no page 12")
    assert one != failures.fingerprint("t", "404", 'no item 12 in "cats"')


def test_a_kind_is_counted_with_its_first_and_last_time(db: sqlite3.Connection) -> None:
    failures.count(db, "s", failed("item 1"), 1.0)
    failures.count(db, "s", failed("item 2"), 5.0)

    (known,) = failures.load(db, "s", 10)
    assert (known.count, known.first, known.last, known.message) == (2, 1.0, 5.0, "item 2")


def test_only_the_newest_unreadable_bodies_are_kept_and_only_their_beginning(db: sqlite3.Connection) -> None:
    for number in range(failures.BODIES_KEPT + 5):
        failures.keep_body(db, "s", f"k{number}", failed(body=b"x" * (failures.BODY_KEPT + 1)), 1.0)

    many, shortest, longest = db.execute(
        "select count(*), min(length(body)), max(length(body)) from quarantine"
    ).fetchone()
    assert many == failures.BODIES_KEPT
    assert shortest == longest == failures.BODY_KEPT
    assert db.execute("select count(*) from quarantine where key = 'k0'").fetchone() == (0,)


def test_the_table_on_the_screen_goes_on_from_the_one_on_disk(db: sqlite3.Connection) -> None:
    failures.count(db, "s", failed("item 1"), 1.0)
    failures.count(db, "s", failed("gone", kind="410"), 2.0)
    table = Failures()
    table.load(failures.load(db, "s", 10))

    table.add("s", failed("item 9"), 7.0)

    assert [(f.kind, f.count, f.last) for f in table.newest(10)] == [("404", 2, 7.0), ("410", 1, 2.0)]
    assert len(table.newest(1)) == 1
