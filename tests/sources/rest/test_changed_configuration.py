"""What earlier runs remember holds for the configuration that they had: another one reads its lists anew, once."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from engine.model.source import Request, Response
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests.sources.driver import STARTED, Driver, respond

LATER = STARTED + timedelta(days=1)
ITEMS = [
    {"id": number, "state": "open" if number % 2 else "closed", "at": f"2025-02-{1 + number:02}T00:00:00Z"}
    for number in range(10)
]
SINCE = {"param": "since", "item": "at", "look_back": 0}
COLUMNS = {"id": "id:integer", "at": "at"}
WINDOWS = {
    "from": "2025-01-01", "every": "month", "start_param": "from", "end_param": "to", "format": "date", "look_back": 0,
}  # fmt: skip


def make(child: Mapping[str, Any] | None = None, **items: Any) -> Rest:
    table = {"path": "/items", "key": ["id"], "columns": COLUMNS, "paging": {"style": "none"}, **items}
    endpoints = {"item": table} | (
        {"child": {"path": "/items/{parent.id}/parts", "parent": "item", **child}} if child else {}
    )
    return Rest(msgspec.convert({"base_url": "https://api.example.com", "endpoints": endpoints}, RestOptions))


def answer(request: Request) -> Response:
    if request.url != "/items":
        return respond([{"id": f"{request.url} {request.params.get('kind', '')}"}])
    state, since = request.params.get("state"), request.params.get("since", request.params.get("from", ""))
    found = [one for one in ITEMS if state in {None, one["state"]} and str(one["at"]) >= str(since)]
    return respond([one for one in found if str(one["at"]) < str(request.params.get("to", "9"))])


def ids(driver: Driver, table: str = "item") -> int:
    return sum(name == table for name, _ in driver.rows)


def two_runs(first: Rest, second: Rest) -> Driver:
    """Run one configuration and, a day later, another one on the same database."""
    driver = Driver(first, answer)
    driver.run()
    driver.source = second
    driver.run(LATER)
    return driver


def test_the_same_configuration_asks_for_what_is_new_only() -> None:
    driver = two_runs(make(since=SINCE), make(since=SINCE))

    assert [request.params for request in driver.sent] == [{"since": "2025-02-10T00:00:00Z"}]


@pytest.mark.parametrize(
    ("before", "now", "rows"),
    [
        ({"params": {"state": "open"}}, {"params": {"state": "closed"}}, 10),
        ({"params": {"state": "open"}}, {}, 10),
        ({"where": [{"path": "state", "equals": "open"}]}, {}, 10),
        ({"headers": {"x-view": "a"}}, {"headers": {"x-view": "b"}}, 10),
    ],
    ids=["a parameter", "no parameter", "no condition", "a header"],
)
def test_another_question_is_asked_from_the_beginning(before: Any, now: Any, rows: int) -> None:
    driver = two_runs(make(since=SINCE, **before), make(since=SINCE, **now))

    assert ids(driver) == rows
    assert [request.params.get("since") for request in driver.sent] == [None]


def test_a_column_that_was_added_is_filled_in_every_row() -> None:
    driver = two_runs(make(since=SINCE), make(since=SINCE, columns={**COLUMNS, "state": "state"}))

    assert [row.get("state") for (name, _), row in driver.rows.items() if name == "item"] == [
        one["state"] for one in ITEMS
    ]


@pytest.mark.parametrize("before", [None, {"params": {"kind": "a"}}], ids=["none", "another one"])
def test_a_list_below_that_was_added_or_changed_is_asked_for_below_every_item(before: Any) -> None:
    child = {"key": ["id"], "params": {"kind": "b"}}
    driver = two_runs(make(before and {"key": ["id"], **before}, since=SINCE), make(child, since=SINCE))

    assert len([key for name, (key,) in driver.rows if name == "child" and str(key).endswith("b")]) == 10


def test_windows_that_are_whole_are_walked_again_for_another_question() -> None:
    driver = two_runs(make(windows=WINDOWS, params={"state": "open"}), make(windows=WINDOWS))

    assert ids(driver) == 10
    assert [request.params["from"] for request in driver.sent] == ["2025-01-01", "2025-02-01", "2025-03-01"]


def test_the_configuration_that_was_there_first_goes_on_where_it_was() -> None:
    driver = two_runs(make(since=SINCE), make(since=SINCE, params={"state": "open"}))
    driver.run(LATER + timedelta(days=1))
    changed = [request.params.get("since") for request in driver.sent]
    driver.source = make(since=SINCE)
    driver.run(LATER + timedelta(days=2))

    assert changed == ["2025-02-10T00:00:00Z"]
    assert [request.params.get("since") for request in driver.sent] == ["2025-02-10T00:00:00Z"]


def test_cursors_of_an_earlier_version_are_trusted() -> None:
    driver = Driver(make(since=SINCE), answer)
    driver.cursors = {"item /items since": repr(datetime(2025, 2, 5, tzinfo=UTC).timestamp())}

    driver.run()

    assert [request.params["since"] for request in driver.sent] == ["2025-02-05T00:00:00Z"]


@pytest.mark.parametrize(
    "pace",
    [{"cost": 2.0}, {"stop": [418]}, {"paging": {"style": "page_number"}}, {"since": {**SINCE, "look_back": 60}}],
    ids=["cost", "stop", "paging", "look_back"],
)
def test_how_a_list_is_asked_for_changes_nothing(pace: Any) -> None:
    driver = two_runs(make(since=SINCE), make(**{"since": SINCE, **pace}))

    assert all(str(request.params["since"]) > "2025-02-09" for request in driver.sent)


# Lists that only look alike


def below(child: Mapping[str, Any], parents: list[dict[str, Any]]) -> Driver:
    """Walk a list below each parent; the answer tells what was asked."""
    endpoints = {
        "parent": {"path": "/parents", "key": ["id"], "columns": {"id": "id"}, "paging": {"style": "none"}},
        "child": {"parent": "parent", "key": ["id"], "paging": {"style": "none"}, **child},
    }
    source = Rest(msgspec.convert({"base_url": "https://api.example.com", "endpoints": endpoints}, RestOptions))

    def told(request: Request) -> Response:
        if request.url == "/parents":
            return respond(parents)
        return respond([{"id": f"{sorted(request.params.items())} {request.headers.get('x-of', '')}"}])

    driver = Driver(source, told)
    driver.run()
    return driver


def test_children_that_differ_by_a_header_are_all_asked_for() -> None:
    driver = below({"path": "/parts", "headers": {"X-Of": "{parent.id}"}}, [{"id": "a"}, {"id": "b"}])

    assert ids(driver, "child") == 2


def test_children_whose_values_hold_an_ampersand_are_told_apart() -> None:
    parents = [{"id": "1", "a": "x&b=y", "b": "z"}, {"id": "2", "a": "x", "b": "y&b=z"}]
    driver = below({"path": "/parts", "params": {"a": "{parent.a}", "b": "{parent.b}"}}, parents)

    assert ids(driver, "child") == 2


def test_parents_that_share_an_address_below_them_each_have_their_rows() -> None:
    parents = [{"id": "1", "team": "red"}, {"id": "2", "team": "red"}]
    child = {"path": "/teams/{parent.team}", "key": ["parent", "id"], "columns": {"parent": "parent.id", "id": "id"}}
    driver = below(child, parents)

    assert ids(driver, "child") == 2
