"""Whole runs of the pr0gramm source against the simulator: the same rows whichever way, and how many requests."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sources.pr0gramm.options import Pr0grammOptions
from sources.pr0gramm.source import Pr0gramm
from tests.sources.driver import STARTED, Driver
from tests.sources.look_alike import Simulated

ITEMS = 600
STREAMS: list[dict[str, Any]] = [{}, {"promoted": True, "flags": 31}, {"tags": "katze -hund", "flags": 31}]
every_stream = pytest.mark.parametrize("options", STREAMS, ids=["new", "promoted", "search"])


def _driver(simulated: Simulated | None = None, **options: Any) -> Driver:
    simulated = simulated or Simulated("pr0gramm", sizes={"items": ITEMS})
    return Driver(Pr0gramm(Pr0grammOptions(base_url=simulated.base_url, **options)), simulated)


def _whole(options: dict[str, Any]) -> Driver:
    driver = _driver(**options)
    driver.run()
    return driver


@every_stream
def test_each_item_costs_one_request_and_each_page_of_120_another(options: dict[str, Any]) -> None:
    driver = _whole(options)

    lists = sum(each.key.startswith("list") for each in driver.sent)
    items = driver.count("item")
    assert items > 10
    assert lists == -(-items // 120)
    assert len(driver.sent) == lists + items


@every_stream
def test_resumed_again_and_in_full_it_ends_with_the_same_rows(options: dict[str, Any]) -> None:
    whole = _whole(options)
    driver = _driver(**options)
    driver.begin()
    while driver.land(11):
        driver.resume()
    assert driver.rows == whole.rows
    assert driver.covered == whole.covered

    driver.run(STARTED + timedelta(days=1))
    assert len(driver.sent) == 1
    assert driver.rows == whole.rows

    driver.run(STARTED + timedelta(days=2), full=True)
    assert len(driver.sent) == len(whole.sent)
    assert driver.rows == whole.rows


@every_stream
def test_list_pages_may_run_far_ahead_of_the_details(options: dict[str, Any]) -> None:
    driver = _driver(**options, request_delay=0.5)
    driver.begin()

    while driver.pending:
        lists = [each for each in driver.pending if each.resource == "list"]
        driver.pending = [*lists, *(each for each in driver.pending if each.resource != "list")]
        driver.pending = [replace(each, priority=0) for each in driver.pending]
        driver.land(1)

    resources = [each.resource for each in driver.sent]
    assert resources == sorted(resources, reverse=True)
    assert driver.rows == _whole(options).rows


def test_a_part_first_and_the_rest_later_make_the_whole() -> None:
    simulated = Simulated("pr0gramm", sizes={"items": ITEMS})
    driver = _driver(simulated, start_from=500, down_to=300)
    driver.run()
    part = len(driver.sent)
    driver.source = Pr0gramm(Pr0grammOptions(base_url=simulated.base_url))

    driver.run(STARTED + timedelta(days=1))

    whole = _whole({})
    assert driver.rows == whole.rows
    assert driver.covered == whole.covered
    assert part > 0
    assert len(driver.sent) < len(whole.sent)


def test_items_of_two_streams_have_their_details_asked_for_once() -> None:
    simulated = Simulated("pr0gramm", sizes={"items": ITEMS})
    driver = _driver(simulated, promoted=True)
    driver.run()
    promoted = driver.count("item")
    driver.source = Pr0gramm(Pr0grammOptions(base_url=simulated.base_url))

    driver.run(STARTED + timedelta(days=1))

    assert driver.avoided == {"details are known and votes have not moved": promoted}
    assert simulated.asked["/api/items/info"] == driver.count("item")
