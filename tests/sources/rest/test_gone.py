"""What a REST source says of the rows that a list names, so that the store can mark those it names no more."""

from typing import Any

import msgspec
import pytest

from engine.model.source import Column, Listing, Memory
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests.sources.driver import STARTED, Driver, respond


def make(**endpoint: Any) -> Rest:
    items = {"path": "/items", "key": ["id"], "mark_gone": True, **endpoint}
    base = {"base_url": "https://api.example.com", "endpoints": {"items": items}}
    return Rest(msgspec.convert(base, RestOptions))


def lists(source: Rest, cursors: dict[str, str] | None = None, *, full: bool = False) -> list[Listing | None]:
    memory = Memory(started=STARTED, cursors=cursors or {}, full=full)
    answer = respond([{"id": 1, "at": "2025-01-01T00:00:00Z"}])
    return [source.parse(request, answer, memory).listing for request in source.seed(memory)]


def test_each_row_that_arrives_is_there_and_belongs_to_its_list() -> None:
    source = make()

    driver = Driver(source, lambda _: respond([{"id": 1}]))
    driver.run()

    assert source.tables[0].columns == (Column("id"), Column("gone", "integer"))
    assert driver.rows == {("items", ("1",)): {"id": "1", "gone": 0}}
    assert lists(source) == [Listing(table="items", walk="items /items", began="2025-03-01T12:00:00Z")]


def test_without_the_option_nothing_is_said_of_any_row() -> None:
    source = make(mark_gone=False)

    assert lists(source) == [None]
    assert source.tables[0].columns == (Column("id"),)


def test_an_increment_leaves_out_what_did_not_change_so_it_is_no_list() -> None:
    source = make(since={"param": "since", "item": "at"})
    known = {"items /items since": "1735689600.0"}

    assert lists(source, known) == [None]
    assert lists(source) == lists(source, known, full=True) != [None]


def test_each_window_and_each_value_is_a_list_of_its_own() -> None:
    spans = {"from": "2025-01-01", "start_param": "after", "end_param": "before"}
    source = make(params={"lang": "{slice}"}, values=["en", "de"], windows=spans)

    walks = [one.walk for one in lists(source) if one]

    assert walks[0] == "items /items?lang=en 2025-01"
    assert len(set(walks)) == 6


def test_a_column_of_that_name_is_taken() -> None:
    with pytest.raises(msgspec.ValidationError, match=r'columns\.gone: every table has a column "gone" of its own'):
        make(columns={"gone": "gone"})
    make(columns={"gone": "gone"}, mark_gone=False)
