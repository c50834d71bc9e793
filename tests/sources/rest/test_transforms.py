"""Small transforms without code: choose, rename, flatten, cast, filter, and lists in items as tables of their own."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests.sources.driver import Driver, respond

ITEM = {
    "id": 1,
    "Title": "one",
    "user": {"login": "ada", "id": 7},
    "price": "12.50",
    "open": True,
    "when": "Tue, 01 Dec 2026 10:00:00 GMT",
    "day": "24.12.2026",
    "at": 1_764_583_200,
    "labels": [{"name": "bug", "color": "red"}, {"name": "later", "color": "blue"}],
}


def play(served: list[dict[str, Any]], **endpoint: Any) -> Driver:
    table = {"path": "/items", "key": ["id"], "columns": {"id": "id:integer"}, "paging": {"style": "none"}, **endpoint}
    source = Rest(msgspec.convert({"base_url": "https://api.test", "endpoints": {"item": table}}, RestOptions))
    driver = Driver(source, lambda _: respond(served))
    driver.begin()
    driver.land(5)
    return driver


def rows(driver: Driver, table: str) -> list[Mapping[str, Any]]:
    return [row for (name, _), row in driver.rows.items() if name == table]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Title", "one"),
        ("user.login", "ada"),
        ("price:real", 12.5),
        ("open:boolean", 1),
        ("when:time", "2026-12-01T10:00:00Z"),
        ("at:unix", "2025-12-01T10:00:00Z"),
        ({"path": "day", "type": "time", "format": "%d.%m.%Y"}, "2026-12-24T00:00:00Z"),
        ({"value": "shop"}, "shop"),
        ("user", json.dumps(ITEM["user"], separators=(",", ":"))),
        ("labels[-1].name", "later"),
    ],
)
def test_a_column_takes_casts_and_renames_a_value(column: Any, value: object) -> None:
    (row,) = rows(play([ITEM], columns={"id": "id:integer", "it": column}), "item")

    assert row["it"] == value


def test_an_object_is_flattened_by_one_level() -> None:
    columns = {"id": "id:integer", "user": {"path": "user", "flatten": ["login", "id:integer"]}}

    (row,) = rows(play([ITEM], columns=columns), "item")

    assert (row["user_login"], row["user_id"]) == ("ada", 7)


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ({"path": "n", "equals": 2}, [2]),
        ({"path": "n", "equals": [1, 3]}, [1, 3]),
        ({"path": "n", "differs": 2}, [1, 3]),
        ({"path": "n", "at_least": 2}, [2, 3]),
        ({"path": "n", "below": 2}, [1]),
        ({"path": "more", "exists": True}, [3]),
    ],
)
def test_only_items_that_meet_a_condition_become_rows(condition: dict[str, Any], kept: list[int]) -> None:
    items = [{"id": 1, "n": 1}, {"id": 2, "n": 2}, {"id": 3, "n": 3, "more": 0}]

    driver = play(items, where=[condition])

    assert [row["id"] for row in rows(driver, "item")] == kept


def test_a_list_in_an_item_is_a_table_with_the_key_of_the_item() -> None:
    arrays = {"label": {"path": "labels", "key": ["name"], "columns": {"name": "name", "color": "color"}}}

    driver = play([ITEM], arrays=arrays)

    found = [(row["item_id"], row["name"], row["color"]) for row in rows(driver, "label")]
    assert found == [(1, "bug", "red"), (1, "later", "blue")]


def test_elements_without_a_key_are_told_apart_by_their_position() -> None:
    driver = play([ITEM], arrays={"label": {"path": "labels", "columns": {"name": "name"}}})

    assert [(row["item_id"], row["position"]) for row in rows(driver, "label")] == [(1, 0), (1, 1)]


LABELS: dict[str, Any] = {"label": {"path": "labels", "key": ["name"], "columns": {"name": "name"}}}


def labelled(id: int, *names: str) -> dict[str, Any]:
    return {"id": id, "labels": [{"name": name} for name in names]}


def labels_after(*lists: list[dict[str, Any]], **endpoint: Any) -> list[tuple[Any, Any]]:
    """Return the labels stored after a run for each of some lists."""
    served = list(lists[0])
    driver = play(served, arrays=LABELS, **endpoint)
    for each in lists[1:]:
        served[:] = each
        driver.run()
    return [(row["item_id"], row["name"]) for row in rows(driver, "label")]


def test_an_element_that_has_left_its_item_has_no_row_after_the_next_run() -> None:
    first, second = [labelled(1, "bug", "later"), labelled(2, "bug")], [labelled(1, "later"), labelled(2, "bug")]

    assert labels_after(first, second) == [(1, "later"), (2, "bug")]


@pytest.mark.parametrize("left", [{"id": 1, "labels": []}, {"id": 1, "labels": None}, {"id": 1}])
def test_an_item_without_elements_has_no_rows_of_them(left: dict[str, Any]) -> None:
    assert labels_after([labelled(1, "bug", "later"), labelled(2, "bug")], [left]) == [(2, "bug")]


def test_elements_of_an_item_that_did_not_arrive_or_was_left_out_stay_with_its_row() -> None:
    first, second = [labelled(1, "bug"), labelled(2, "bug")], [{**labelled(2, "new"), "draft": True}]

    found = labels_after(first, second, where=[{"path": "draft", "exists": False}])

    assert found == [(1, "bug"), (2, "bug")]


def test_of_an_item_that_is_twice_on_a_page_the_last_list_counts() -> None:
    assert labels_after([labelled(1, "bug", "later"), labelled(1, "later")]) == [(1, "later")]


@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        ({"columns": {"a": {"path": "a", "value": 1}}}, "wants either path or value"),
        ({"columns": {"a": {"path": "a", "format": "%d"}}}, 'set type = "time"'),
        ({"where": [{"path": "a"}]}, "says nothing of a"),
        ({"arrays": {"item": {"path": "labels"}}}, "there is a table item already"),
        ({"arrays": {"label": {"path": "labels", "columns": {"raw": "a"}}}}, 'has a column "raw" of its own'),
        ({"format": "csv", "items": "data"}, "has no use with format"),
        ({"csv": {"delimiter": ";"}}, "has no use with format"),
    ],
)
def test_a_transform_that_contradicts_itself_is_refused_with_the_way_out(endpoint: dict[str, Any], says: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=says):
        play([], **endpoint)
