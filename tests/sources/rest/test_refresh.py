"""Details that are asked for again only when the row of their list moved, or when they are old."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from engine.model.coverage import CoverageReader, PartState
from engine.model.source import Request, Response
from engine.model.walk import WalkReport
from sources.rest.config.options import RestOptions
from sources.rest.slices.refresh import AVOIDED
from sources.rest.source import Rest
from tests.sources.driver import STARTED, Driver, respond
from tests.sources.planning import planned

DAY = timedelta(days=1)


class Shop:
    """A list of things with the time of their last change, and an address for the details of each."""

    def __init__(self) -> None:
        self.at: dict[int, Any] = {1: "a", 2: "b", 3: "c"}
        self.missing: set[int] = set()

    def __call__(self, request: Request) -> Response:
        if request.url == "/things":
            return respond([{"id": number, "at": at} for number, at in self.at.items()])
        number = int(request.url.rpartition("/")[2])
        return respond(b"", 404) if number in self.missing else respond({"id": number, "is": self.at[number]})


def make(refresh: dict[str, Any], **detail: Any) -> Rest:
    endpoints = {
        "thing": {"path": "/things", "key": ["id"]},
        "detail": {
            "path": "/things/{parent.id}",
            "parent": "thing",
            "key": ["id"],
            "columns": {"state": "is"},
            "refresh": refresh,
            "paging": {"style": "none"},
            "skip": [404],
            **detail,
        },
    }
    return Rest(msgspec.convert({"base_url": "https://api.example.com", "endpoints": endpoints}, RestOptions))


@pytest.fixture
def shop() -> Shop:
    return Shop()


def details(driver: Driver) -> list[str]:
    return [request.url for request in driver.sent if request.url != "/things"]


def test_details_are_asked_for_again_only_where_the_row_moved(shop: Shop) -> None:
    driver = Driver(make({"when": "at"}), shop)
    driver.run()
    assert len(details(driver)) == 3
    shop.at |= {2: "B", 4: "d"}

    driver.run(STARTED + DAY)

    assert details(driver) == ["/things/2", "/things/4"]
    assert driver.avoided == {AVOIDED: 2}
    assert driver.rows["detail", ("2",)]["state"] == "B"
    driver.run(STARTED + 2 * DAY)
    assert details(driver) == []
    driver.run(STARTED + 3 * DAY, full=True)
    assert len(details(driver)) == 4


@pytest.mark.parametrize("value", [7, 7.5, True, {"b": 1, "a": [2]}, "x" * 500, "\ud800".encode(errors="replace")])
def test_whatever_the_field_holds_tells_whether_it_moved(shop: Shop, value: Any) -> None:
    shop.at = {1: value if not isinstance(value, bytes) else value.decode()}
    driver = Driver(make({"when": "at"}), shop)
    driver.run()

    driver.run(STARTED + DAY)

    assert details(driver) == []
    assert all(len(stored) < 80 for stored in driver.cursors.values())


def test_a_row_without_the_field_tells_nothing_so_its_details_are_asked_for(shop: Shop) -> None:
    shop.at = {1: None}
    driver = Driver(make({"when": "at"}), shop)
    driver.run()

    driver.run(STARTED + DAY)

    assert details(driver) == ["/things/1"]


@pytest.mark.parametrize(("hours", "asked"), [(1, 0), (47, 0), (48, 3), (500, 3)])
def test_details_are_asked_for_again_when_they_are_old(shop: Shop, hours: int, asked: int) -> None:
    driver = Driver(make({"when": "at", "max_age": 2 * 86_400}), shop)
    driver.run()

    driver.run(STARTED + timedelta(hours=hours))

    assert len(details(driver)) == asked


def test_an_age_alone_lets_rows_move_without_asking(shop: Shop) -> None:
    driver = Driver(make({"max_age": 86_400}), shop)
    driver.run()
    shop.at |= {2: "B", 4: "d"}

    driver.run(STARTED + DAY / 2)

    assert details(driver) == ["/things/4"]


def test_details_that_were_not_read_to_their_end_are_asked_for_though_nothing_moved(shop: Shop) -> None:
    paging = {"style": "cursor_body", "next": "is", "param": "c"}
    driver = Driver(make({"when": "at"}, paging=paging), shop)
    driver.begin()
    driver.land(2)

    driver.begin(STARTED + DAY)
    driver.land()

    assert {"/things/1", "/things/2", "/things/3"} <= set(details(driver))


def test_nothing_there_is_an_answer_that_holds_until_the_row_moves(shop: Shop) -> None:
    shop.missing = {2}
    driver = Driver(make({"when": "at"}), shop)
    driver.run()

    driver.run(STARTED + DAY)
    assert details(driver) == []
    shop.at[2], shop.missing = "B", set()
    driver.run(STARTED + 2 * DAY)

    assert details(driver) == ["/things/2"]


def _reader(driver: Driver) -> CoverageReader:
    ends = {"thing": WalkReport(whole=1)}
    return CoverageReader(memory=driver.remember(STARTED, full=False), total=driver.count, ends=ends)


def test_a_whole_list_may_rest_until_it_is_old(shop: Shop) -> None:
    endpoints = {"thing": {"path": "/things", "key": ["id"], "refresh": {"max_age": 3600}}}
    source = Rest(msgspec.convert({"base_url": "https://api.example.com", "endpoints": endpoints}, RestOptions))
    driver = Driver(source, shop)
    driver.run()

    driver.run(STARTED + timedelta(minutes=59))
    asked = len(driver.sent)
    (estimate,) = planned(driver, STARTED + timedelta(minutes=59))
    (part,) = source.parts(_reader(driver))
    driver.run(STARTED + timedelta(minutes=61))

    assert (asked, len(driver.sent)) == (0, 1)
    assert (estimate.requests_low, estimate.requests_high) == (0, 0)
    assert part.state is PartState.COMPLETE


def test_the_plan_counts_details_that_may_be_spared(shop: Shop) -> None:
    driver = Driver(make({"when": "at"}), shop)
    first = planned(driver)[1]
    driver.run()
    shop.at |= {4: "d"}

    again = planned(driver)[1]

    assert first.requests_low == 3
    assert (again.requests_low, again.naive_requests) == (1, 4)
    assert again.why.endswith("; 3 of them only if they moved or are old (refresh)")


def test_an_unreadable_mark_counts_as_none(shop: Shop) -> None:
    driver = Driver(make({"when": "at"}), shop)
    driver.run()
    driver.cursors = dict.fromkeys(driver.cursors, "[1")

    driver.run(STARTED + DAY)

    assert len(details(driver)) == 3


@pytest.mark.parametrize(
    ("refresh", "more", "says"),
    [
        ({}, {}, r'endpoints\.detail\.refresh: is empty; name a field with when = "updated_at", or an age'),
        ({"when": "at"}, {"parent": None, "path": "/x"}, r'refresh\.when: "at" is a field of the parent'),
        (
            {"when": "at"},
            {"windows": {"from": "2024-01-01", "start_param": "after"}},
            r"endpoints\.detail\.refresh: has no use with windows",
        ),
    ],
)
def test_a_refresh_that_means_nothing_is_one_line(refresh: dict[str, Any], more: dict[str, Any], says: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=says):
        make(refresh, **more)
