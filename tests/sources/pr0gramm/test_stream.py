"""The walks of pr0gramm, broken off after every single request: whatever happens, no item is lost."""

from datetime import timedelta
from typing import Any

import pytest

from engine.model.source import Request, Response
from sources.pr0gramm.options import Pr0grammOptions
from sources.pr0gramm.source import Pr0gramm
from tests.sources.driver import STARTED, Driver, respond

LATER = STARTED + timedelta(days=1)
OLD, NEW = [2, 3, 5, 8, 9, 11, 14, 15], [17, 18, 21, 22, 25, 26, 29]


class FakeStream:
    """Items by id, newest first, three a page; with `promoted` by their place in that order instead."""

    def __init__(self, ids: list[int]) -> None:
        self.ids = set(ids)
        self.promoted: dict[int, int] = {}
        self.votes: dict[int, int] = {}
        self.created: dict[int, int] = {}

    def __call__(self, request: Request) -> Response:
        if request.url == "/items/info":
            return respond({"tags": [{"id": request.params["itemId"], "confidence": 1.0, "tag": "x"}], "comments": []})
        places = self.promoted if "promoted" in request.params else {each: each for each in self.ids}
        older = int(str(request.params.get("older", 10**10)))
        below = sorted((each for each in places if places[each] < older), key=lambda each: -places[each])
        items = [self._item(each) for each in below[:3]]
        return respond({"atEnd": len(below) <= 3, "error": None, "items": items})

    def _item(self, item_id: int) -> dict[str, int]:
        item = {"id": item_id, "promoted": self.promoted.get(item_id, 0), "up": self.votes.get(item_id, 0)}
        return item | ({"created": self.created[item_id]} if item_id in self.created else {})


def _driver(stream: FakeStream, **options: Any) -> Driver:
    return Driver(Pr0gramm(Pr0grammOptions(**options)), stream)


def _items(driver: Driver) -> set[object]:
    return {key[0] for table, key in driver.rows if table == "item"}


def _detailed(driver: Driver) -> set[object]:
    return {key[0] for table, key in driver.rows if table == "item_tag"}


def _covered(driver: Driver, **options: Any) -> list[tuple[int, int]]:
    return driver.covered.get(Pr0grammOptions(**options).stream(), [])


def _keys(driver: Driver) -> list[str]:
    return [each.key for each in driver.sent]


def test_a_first_run_walks_from_the_newest_to_the_bottom() -> None:
    driver = _driver(FakeStream(OLD))

    driver.run()

    assert _items(driver) == _detailed(driver) == set(OLD)
    assert _covered(driver) == [(1, 15)]


def test_a_run_says_first_what_lies_ahead_of_it() -> None:
    driver = _driver(FakeStream([*OLD, 6_000_000]), down_to=5)

    driver.run()

    line = "from 6,000,000 down to 5: at most 5,999,996 items, for ids have holes; 10 workers, 120 a page"
    assert driver.notes == [line]


def test_a_second_run_asks_only_down_to_what_is_known() -> None:
    stream = FakeStream(OLD)
    driver = _driver(stream)
    driver.run()
    stream.ids |= {17, 18}

    driver.run(LATER)

    assert _keys(driver) == ["list newest", "info 18", "info 17"]
    assert _detailed(driver) == stream.ids
    assert _covered(driver) == [(1, 18)]


def test_a_second_run_with_nothing_new_is_one_request_and_says_that_all_is_complete() -> None:
    driver = _driver(FakeStream(OLD))
    driver.run()

    driver.run(LATER)

    assert _keys(driver) == ["list newest"]
    assert driver.notes == ["complete: nothing is newer than 15, and everything down to 1 is known"]
    assert driver.avoided == {"details are known and votes have not moved": 3}


def test_what_is_covered_stays_when_its_newest_item_is_deleted() -> None:
    stream = FakeStream(OLD)
    driver = _driver(stream)
    driver.run()
    stream.ids.remove(15)

    driver.run(LATER)

    assert _covered(driver) == [(1, 15)]


@pytest.mark.parametrize("stop", range(12))
def test_a_run_broken_off_anywhere_and_resumed_lands_the_same_and_asks_nothing_twice(stop: int) -> None:
    driver = _driver(FakeStream(OLD))
    driver.begin()
    driver.land(stop)

    driver.resume()
    driver.land()

    assert _items(driver) == _detailed(driver) == set(OLD)
    assert len(driver.sent) == 3 + len(OLD)
    assert _covered(driver) == [(1, 15)]


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
    assert _covered(driver, details=False) == [(1, 29)]


@pytest.mark.parametrize("stop", range(8))
def test_no_id_is_ever_covered_that_was_not_listed(stop: int) -> None:
    stream = FakeStream(OLD)
    driver = _driver(stream, details=False)
    driver.begin()
    driver.land(2)
    stream.ids |= set(NEW)
    driver.begin(LATER)

    driver.land(stop)

    for low, high in _covered(driver, details=False):
        assert {each for each in stream.ids if low <= each <= high} <= _items(driver)


def test_inner_gaps_are_filled_from_their_upper_end() -> None:
    driver = _driver(FakeStream(OLD + NEW), details=False)
    driver.covered[Pr0grammOptions(details=False).stream()] = [(4, 10), (16, 29)]

    driver.run()

    assert sorted(_keys(driver)) == ["list 16", "list 4", "list newest"]
    assert _covered(driver, details=False) == [(1, 29)]


def test_only_what_is_new_is_asked_for_where_gaps_are_left_alone() -> None:
    driver = _driver(FakeStream(OLD + NEW), details=False, fill_gaps=False)
    driver.covered[Pr0grammOptions(details=False).stream()] = [(16, 24)]

    driver.run()

    assert _keys(driver) == ["list newest"]
    assert _covered(driver, details=False) == [(16, 29)]


def test_a_run_may_start_from_an_id_and_end_at_one() -> None:
    driver = _driver(FakeStream(OLD + NEW), start_from=21, down_to=8)

    driver.run()

    assert _items(driver) == _detailed(driver) == {21, 18, 17, 15, 14, 11, 9, 8}
    assert driver.sent[0].params["older"] == 22
    assert _covered(driver) == [(8, 21)]


def test_a_part_that_is_known_is_no_request_at_all() -> None:
    driver = _driver(FakeStream(OLD + NEW), start_from=21, down_to=8)
    driver.run()

    driver.run(LATER)

    assert driver.sent == []


@pytest.mark.parametrize("stop", range(7))
def test_a_full_run_asks_for_everything_again_and_a_broken_one_forgets_nothing(stop: int) -> None:
    stream = FakeStream(OLD + NEW)
    driver = _driver(stream)
    driver.run()
    first = len(driver.sent)

    driver.begin(LATER, full=True)
    driver.land(stop)
    driver.resume()
    driver.land()

    assert len(driver.sent) == first
    assert _covered(driver) == [(1, 29)]


def test_the_promoted_are_walked_by_their_promoted_number() -> None:
    stream = FakeStream(OLD)
    stream.promoted = {15: 3, 2: 7, 9: 6, 5: 1, 11: 1_000_000_001}
    driver = _driver(stream, promoted=True)

    driver.run()

    assert [each.params.get("older") for each in driver.sent if each.key.startswith("list")] == [None, 6]
    assert _items(driver) == _detailed(driver) == {15, 2, 9, 5, 11}
    assert _covered(driver, promoted=True) == [(1, 7)]
    assert _covered(driver) == []
    assert driver.notes[0].endswith("for promoted numbers have holes; 10 workers, 120 a page")


def test_a_search_and_a_user_are_asked_for() -> None:
    driver = _driver(FakeStream(OLD), tags="! -hafen", user="moewe")

    driver.run()

    assert driver.sent[0].params == {"flags": 1, "tags": "! -hafen", "user": "moewe"}


def test_details_known_from_another_stream_are_not_asked_for_again() -> None:
    stream = FakeStream(OLD)
    driver = _driver(stream)
    driver.run()
    driver.source = Pr0gramm(Pr0grammOptions(flags=17))

    driver.run(LATER)

    assert all(key.startswith("list") for key in _keys(driver))
    assert driver.avoided == {"details are known and votes have not moved": len(OLD)}


@pytest.mark.parametrize(("votes", "asked"), [(24, False), (25, True), (-25, True)])
def test_details_are_asked_for_again_when_votes_have_moved(votes: int, asked: bool) -> None:
    stream = FakeStream(OLD)
    stream.votes[15] = 100
    driver = _driver(stream)
    driver.run()
    stream.votes[15] += votes

    driver.run(LATER)

    assert ("info 15" in _keys(driver)) is asked


def test_small_moves_add_up_over_runs() -> None:
    stream = FakeStream(OLD)
    driver = _driver(stream)
    driver.run()
    stream.votes[15] = 20
    driver.run(LATER)

    stream.votes[15] = 40
    driver.run(LATER + timedelta(days=1))

    assert "info 15" in _keys(driver)
    assert driver.rows["item", (15,)]["detailed_votes"] == 40


def test_details_that_never_landed_are_asked_for_again() -> None:
    driver = _driver(FakeStream(OLD))
    driver.begin()
    driver.land(2)

    driver.begin(LATER)
    driver.land()

    assert _detailed(driver) >= {15, 14, 11}


@pytest.mark.parametrize(("minutes", "asked"), [(59, True), (61, False)])
def test_details_of_a_young_item_are_asked_for_again(minutes: int, asked: bool) -> None:
    stream = FakeStream(OLD)
    stream.created[15] = int(LATER.timestamp()) - 60 * minutes
    driver = _driver(stream)
    driver.run()

    driver.run(LATER)

    assert ("info 15" in _keys(driver)) is asked


def test_known_items_up_to_an_age_are_listed_again_where_that_is_wanted() -> None:
    stream = FakeStream(OLD)
    stream.created = {each: int(STARTED.timestamp()) - (20 - each) * 86_400 for each in OLD}
    driver = _driver(stream, refresh_days=10)
    driver.run()
    stream.votes[9] = 99

    driver.run(LATER)

    assert _keys(driver) == ["list newest", "list 11", "info 9"]
    assert driver.notes[0] == (
        "nothing is newer than 15; what was made since 2025-02-20T12:00:00Z is listed again"
    )  # fmt: skip


def test_other_flags_are_another_stream() -> None:
    driver = _driver(FakeStream(OLD), details=False)
    driver.run()
    driver.source = Pr0gramm(Pr0grammOptions(flags=17, details=False))

    driver.run(LATER)

    assert len(driver.sent) == 3
