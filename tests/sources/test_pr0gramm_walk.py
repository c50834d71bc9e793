"""The walks of pr0gramm, broken off after every single request: whatever happens, no item is lost."""

from datetime import timedelta

import pytest

from engine.source import Request, Response
from sources.pr0gramm import Pr0gramm, Pr0grammOptions
from tests.sources.driver import STARTED, Driver, respond

LATER = STARTED + timedelta(days=1)


class FakeStream:
    """Items by id, newest first, three a page."""

    def __init__(self, ids: list[int]) -> None:
        self.ids = set(ids)

    def __call__(self, request: Request) -> Response:
        if request.url == "/items/info":
            return respond({"tags": [{"id": request.params["itemId"], "confidence": 1.0, "tag": "x"}], "comments": []})
        older = int(request.params.get("older", 10**9))
        below = sorted((each for each in self.ids if each < older), reverse=True)
        return respond({"atEnd": len(below) <= 3, "error": None, "items": [{"id": each} for each in below[:3]]})


def _driver(stream: FakeStream, *, details: bool = True) -> Driver:
    return Driver(Pr0gramm(Pr0grammOptions(details=details)), stream)


def _items(driver: Driver) -> set[object]:
    return {key[0] for table, key in driver.rows if table == "item"}


def _detailed(driver: Driver) -> set[object]:
    return {key[0] for table, key in driver.rows if table == "item_tag"}


def _cursor(driver: Driver, name: str) -> str:
    return driver.cursors.get(f"{driver.source.scope()} {name}", "")


OLD, NEW = [2, 3, 5, 8, 9, 11, 14, 15], [17, 18, 21, 22, 25, 26, 29]


def test_a_first_run_walks_from_the_newest_to_the_bottom() -> None:
    driver = _driver(FakeStream(OLD))

    driver.run()

    assert _items(driver) == _detailed(driver) == set(OLD)
    assert [_cursor(driver, name) for name in ("newest", "oldest", "bottom")] == ["15", "2", "1"]


def test_a_second_run_asks_only_down_to_what_is_known() -> None:
    stream = FakeStream(OLD)
    driver = _driver(stream)
    driver.run()
    stream.ids |= {17, 18}

    driver.run(LATER)

    assert [each.key for each in driver.sent] == ["list newest", "info 18", "info 17"]
    assert _detailed(driver) == stream.ids
    assert _cursor(driver, "newest") == "18"


def test_a_second_run_with_nothing_new_is_one_request() -> None:
    driver = _driver(FakeStream(OLD))
    driver.run()

    driver.run(LATER)

    assert [each.key for each in driver.sent] == ["list newest"]
    assert _cursor(driver, "newest") == "15"


def test_the_newest_id_stays_when_its_item_is_deleted() -> None:
    stream = FakeStream(OLD)
    driver = _driver(stream)
    driver.run()
    stream.ids.remove(15)

    driver.run(LATER)

    assert _cursor(driver, "newest") == "15"


@pytest.mark.parametrize("stop", range(12))
def test_a_run_broken_off_anywhere_and_resumed_lands_the_same_and_asks_nothing_twice(stop: int) -> None:
    driver = _driver(FakeStream(OLD))
    driver.begin()
    driver.land(stop)

    driver.resume()
    driver.land()

    assert _items(driver) == _detailed(driver) == set(OLD)
    assert len(driver.sent) == 3 + len(OLD)
    assert [_cursor(driver, name) for name in ("newest", "oldest", "bottom")] == ["15", "2", "1"]


@pytest.mark.parametrize("first_stop", range(5))
@pytest.mark.parametrize("second_stop", range(8))
def test_no_item_is_lost_when_runs_are_given_up_anywhere_and_new_ones_begin(first_stop: int, second_stop: int) -> None:
    stream = FakeStream(OLD)
    driver = _driver(stream, details=False)
    driver.begin()
    driver.land(first_stop)
    stream.ids |= set(NEW[:4])
    driver.begin(LATER)
    driver.land(second_stop)
    stream.ids |= set(NEW)

    driver.run(LATER + timedelta(days=1))

    assert _items(driver) == stream.ids
    assert [_cursor(driver, name) for name in ("newest", "oldest", "bottom")] == ["29", "2", "1"]


@pytest.mark.parametrize("stop", range(6))
def test_the_cursors_never_claim_an_id_that_was_not_listed(stop: int) -> None:
    stream = FakeStream(OLD)
    driver = _driver(stream, details=False)
    driver.begin()
    driver.land(2)
    stream.ids |= set(NEW)
    driver.begin(LATER)

    driver.land(stop)

    low, high = int(_cursor(driver, "oldest")), int(_cursor(driver, "newest"))
    assert {each for each in stream.ids if low <= each <= high} <= _items(driver)
    assert _cursor(driver, "bottom") == "" or min(stream.ids) in _items(driver)


@pytest.mark.parametrize("stop", range(7))
def test_a_full_run_given_up_is_continued_downwards_by_the_next(stop: int) -> None:
    stream = FakeStream(OLD + NEW)
    driver = _driver(stream, details=False)
    driver.run()
    driver.begin(LATER, full=True)
    driver.land(stop)
    seen = {int(each.params.get("older", 0)) for each in driver.sent}

    driver.run(LATER + timedelta(days=1))

    again = {int(each.params.get("older", 0)) for each in driver.sent}
    assert _items(driver) == stream.ids
    assert not stop or len(seen | again) == 5
    assert _cursor(driver, "bottom") == "1"


def test_a_full_run_ignores_what_is_known() -> None:
    driver = _driver(FakeStream(OLD))
    driver.run()

    driver.run(LATER, full=True)

    assert len(driver.sent) == 3 + len(OLD)


def test_other_flags_have_cursors_of_their_own() -> None:
    driver = _driver(FakeStream(OLD))
    driver.run()
    driver.source = Pr0gramm(Pr0grammOptions(flags=17))

    driver.run(LATER)

    assert len(driver.sent) == 3 + len(OLD)


@pytest.mark.parametrize("value", ["x", "-1", "9" * 40, ""])
def test_an_unreadable_cursor_is_none(value: str) -> None:
    driver = _driver(FakeStream(OLD))
    driver.run()
    driver.cursors = dict.fromkeys(driver.cursors, value)

    driver.run(LATER)

    assert len(driver.sent) == 3 + len(OLD)
