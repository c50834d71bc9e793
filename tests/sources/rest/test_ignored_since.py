"""A `since` with which the API does nothing is noted: a run that asks for what is new got everything."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from engine.model.source import Request, Response
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests.sources.driver import STARTED, Driver, respond

ITEMS = [{"id": day, "at": f"2025-02-{day:02}T08:00:00Z", "number": day} for day in range(1, 11)]
SINCE: dict[str, Any] = {"param": "since", "item": "at", "look_back": 0}


def runs(answer: Any, since: dict[str, Any] = SINCE, **more: Any) -> Driver:
    """Run twice; the second run asks for what is new."""
    table = {"path": "/items", "key": ["id"], "since": since, "paging": {"style": "none"}, **more}
    options = msgspec.convert({"base_url": "https://api.example.com", "endpoints": {"item": table}}, RestOptions)
    driver = Driver(Rest(options), answer)
    driver.run()
    assert driver.notes == []
    driver.run(STARTED + timedelta(days=1))
    return driver


def everything(_: Request) -> Response:
    return respond(ITEMS)


@pytest.mark.parametrize(
    ("since", "asked", "oldest"),
    [
        (SINCE, "since = 2025-02-10T08:00:00Z", 'at = "2025-02-01T08:00:00Z"'),
        ({**SINCE, "format": "date"}, "since = 2025-02-10", 'at = "2025-02-01T08:00:00Z"'),
        ({"param": "min", "item": "number", "format": "number", "look_back": 0}, "min = 10", "number = 1"),
    ],
    ids=["iso", "date", "number"],
)
def test_items_older_than_what_was_asked_for_are_noted(since: dict[str, Any], asked: str, oldest: str) -> None:
    driver = runs(everything, since)

    (note,) = driver.notes
    assert note.startswith(f"item /items: asked for {asked}, and 9 of 10 items are older ({oldest})")


def test_an_api_that_looks_at_the_day_only_is_no_reason_for_a_note() -> None:
    def of_the_day(request: Request) -> Response:
        day = str(request.params.get("since", ""))[:10]
        return respond([{"id": 0, "at": "2025-02-10T01:00:00Z"}, *(one for one in ITEMS if str(one["at"])[:10] >= day)])

    assert runs(of_the_day).notes == []


def test_it_is_noted_once_for_a_list_of_pages() -> None:
    def newest_first(request: Request) -> Response:
        begin = 2 * (int(str(request.params.get("page", 1))) - 1)
        return respond(sorted(ITEMS, key=lambda one: -int(str(one["id"])))[begin : begin + 2])

    driver = runs(newest_first, paging={"style": "page_number"})

    (note,) = driver.notes
    assert "1 of 2 items are older" in note


def test_walks_of_values_share_one_text() -> None:
    driver = runs(everything, path="/{slice}/items", values=["a", "b", "c"])

    assert len(driver.notes) == 3
    assert set(driver.notes) == {
        "item: older items came than since asked for: the API does nothing with it; check since"
    }
