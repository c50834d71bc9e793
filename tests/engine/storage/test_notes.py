"""Notes stay in the database, however many there are."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from engine.storage import notes, schema


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        schema.migrate(connection)
        yield connection


def test_the_same_note_is_kept_once_with_its_count_and_times(db: sqlite3.Connection) -> None:
    for at in (1.0, 5.0, 3.0):
        notes.add(db, "fake", "page is empty", at)

    (note,) = notes.load(db, "fake", 10)

    assert (note.text, note.count, note.first, note.last) == ("page is empty", 3, 1.0, 5.0)


def test_of_too_many_texts_the_oldest_are_dropped_and_stay_counted(db: sqlite3.Connection) -> None:
    total = 3 * notes.KEPT
    for number in range(total):
        notes.add(db, "fake", f"note {number:06}", float(number))

    found = notes.load(db, "fake", total)

    assert notes.KEPT <= len(found) <= notes.KEPT + notes.TOGETHER
    assert (found[0].text, found[-1].text) == (f"note {total - 1:06}", notes.OTHERS)
    assert [note.text for note in found[:-1]] == sorted((note.text for note in found[:-1]), reverse=True)
    assert sum(note.count for note in found) == total


def test_the_notes_of_a_source_are_its_own(db: sqlite3.Connection) -> None:
    notes.add(db, "fake", "\x1b[31mred\n", 1.0)
    notes.add(db, "other", "mine", 1.0)

    assert [note.text for note in notes.load(db, "other", 10)] == ["mine"]
    assert "\x1b" not in notes.load(db, "fake", 10)[0].text


def test_a_file_of_an_earlier_version_has_none() -> None:
    with closing(sqlite3.connect(":memory:")) as old:
        assert notes.load(old, "fake", 10) == ()
