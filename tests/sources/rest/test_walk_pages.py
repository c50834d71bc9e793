"""Walks that one page alone cannot judge: pages that repeat, that bring too few items, and lists that change."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest

from engine.model.walk import Completeness
from tests.sources.rest import paged_apis as apis
from tests.sources.rest.paged_apis import ids
from tests.sources.rest.test_paging import end_of
from tests.sources.rest.test_windows import harvest

ITEMS: Final = tuple({"id": number} for number in range(1, 301))
SIZE: Final = 20
BOTH: Final = pytest.mark.parametrize("parallel", [True, False])
WHOLE, UNCONFIRMED, _, CUT = Completeness
PAGE_TOTAL: Final[dict[str, Any]] = {"style": "page_number", "total": "total"}
PAGES: Final[dict[str, Any]] = {"style": "page_number", "pages": "pages"}
OFFSET: Final[dict[str, Any]] = {"style": "offset", "size": 100, "total": "total"}


def numbered(
    items: Sequence[apis.Item] = ITEMS,
    page_of: Callable[[int], int] = lambda page: page,
    cut: Callable[[int, Sequence[apis.Item]], Sequence[apis.Item]] = lambda _page, found: found,
    total: Callable[[int], int] | None = None,
) -> apis.Handler:
    """Serve 20 items a page; a page may answer with another one, bring fewer items, or tell another total."""

    def handler(asked: apis.Asked, _items: Sequence[apis.Item]) -> apis.Reply:
        page = asked.number("page", 1)
        at = (page_of(page) - 1) * SIZE
        told = total(page) if total else len(items)
        return {"data": cut(page, items[at : at + SIZE]), "total": told, "pages": -(-len(items) // SIZE)}, {}

    return handler


@BOTH
@pytest.mark.parametrize("paging", [PAGE_TOTAL, PAGES, {"style": "auto"}])
def test_a_server_that_answers_high_numbers_with_one_page_is_cut(paging: dict[str, Any], parallel: bool) -> None:
    driver = harvest(numbered(page_of=lambda page: min(page, 5)), {**paging, "parallel": parallel})

    assert len(driver.rows) == 100
    assert end_of(driver).completeness is CUT
    assert "repeats" in end_of(driver).reason


@BOTH
@pytest.mark.parametrize("paging", [PAGE_TOTAL, PAGES, {**PAGES, "total": "total"}])
def test_pages_that_come_twice_do_not_reach_a_total(paging: dict[str, Any], parallel: bool) -> None:
    twice = numbered(page_of=lambda page: {5: 2, 9: 2}.get(page, page))

    driver = harvest(twice, {**paging, "parallel": parallel})

    assert len(driver.rows) == 260
    assert end_of(driver).completeness is CUT
    assert end_of(driver).reason == "page 5 of the walk repeats page 2 (2 pages repeat an earlier one)"


def test_a_window_of_repeated_pages_is_not_followed_by_another_and_moves_no_cursor() -> None:
    many = [{"id": number, "at": "2024-01-01"} for number in range(5000)]
    since = {"param": "since", "item": "at"}

    driver = harvest(numbered(many, page_of=lambda page: min(page, 5)), PAGE_TOTAL, since=since)

    assert len(driver.sent) == 101
    assert (end_of(driver).completeness, end_of(driver).place) == (CUT, "page 101")
    assert driver.cursors == {}


@BOTH
def test_a_short_page_in_the_middle_of_numbered_pages_leaves_fewer_than_the_total(parallel: bool) -> None:
    short = numbered(ITEMS[:94], cut=lambda page, found: found[:5] if page == 3 else found)

    driver = harvest(short, {**PAGE_TOTAL, "parallel": parallel})

    assert end_of(driver).completeness is CUT
    assert end_of(driver).reason.startswith("79 of 94 arrived")


@BOTH
def test_pages_of_different_lengths_are_read_to_the_total_or_said_to_be_cut(parallel: bool) -> None:
    def some(asked: apis.Asked, _items: Sequence[apis.Item]) -> apis.Reply:
        lengths = [100, 70, 80, 50]
        page = asked.number("page", 1)
        at = sum(lengths[: page - 1])
        return {"data": ITEMS[at : at + lengths[page - 1]] if page <= len(lengths) else [], "total": 300}, {}

    driver = harvest(some, {**PAGE_TOTAL, "parallel": parallel})

    assert end_of(driver).completeness is (WHOLE if len(driver.rows) == 300 else CUT)
    assert parallel or len(driver.rows) == 300


@BOTH
def test_an_empty_page_in_the_middle_confirms_nothing(parallel: bool) -> None:
    def hole(asked: apis.Asked, _items: Sequence[apis.Item]) -> apis.Reply:
        page = asked.number("page", 1)
        return {"data": [] if page == 4 else ITEMS[(page - 1) * SIZE : page * SIZE], "pages": 15}, {}

    driver = harvest(hole, {**PAGES, "parallel": parallel})

    assert end_of(driver).completeness is UNCONFIRMED
    assert "1 page before it had no items" in end_of(driver).reason
    assert any("no items" in note for note in driver.notes)


def offsets(short: dict[int, int], listed: Sequence[apis.Item] = ITEMS) -> apis.Handler:
    """Serve items by offset; at some offsets no more than so many, as a server that caps its answers in bytes."""

    def handler(asked: apis.Asked, _items: Sequence[apis.Item]) -> apis.Reply:
        at, limit = asked.number("offset", 0), asked.number("limit", 100)
        return {"data": listed[at : at + min(limit, short.get(at, limit))], "total": len(listed)}, {}

    return handler


@BOTH
@pytest.mark.parametrize("short", [{100: 60}, {100: 60, 160: 10, 170: 1}, {200: 30}, {100: 99, 200: 99}, {0: 60}])
def test_the_rest_of_a_page_that_was_cut_is_asked_for(short: dict[int, int], parallel: bool) -> None:
    driver = harvest(offsets(short), {**OFFSET, "parallel": parallel})

    assert len(driver.rows) == 300
    assert end_of(driver).completeness is WHOLE
    assert end_of(driver).arrived == 300 or 0 in short
    assert len({request.key for request in driver.sent}) == len(driver.sent)


def test_the_rest_of_a_page_is_no_second_copy_of_it() -> None:
    def stuck(asked: apis.Asked, _items: Sequence[apis.Item]) -> apis.Reply:
        at = asked.number("offset", 0)
        return {"data": ITEMS[100:160] if 100 <= at < 200 else ITEMS[at : at + 100], "total": 300}, {}

    for parallel in (True, False):
        driver = harvest(stuck, {**OFFSET, "parallel": parallel})

        assert len(driver.rows) == 260
        assert end_of(driver).arrived == 260
        assert any("260 of its total of 300" in note for note in driver.notes)


@BOTH
@pytest.mark.parametrize("paging", [PAGE_TOTAL, {**OFFSET, "size": 20}])
@pytest.mark.parametrize("told", [50, 10, 100, 99])
def test_a_total_that_lies_low_ends_no_walk(paging: dict[str, Any], told: int, parallel: bool) -> None:
    def low(asked: apis.Asked, _items: Sequence[apis.Item]) -> apis.Reply:
        at = asked.number("offset", 0) if "offset" in asked.params else (asked.number("page", 1) - 1) * SIZE
        return {"data": ITEMS[:100][at : at + SIZE], "total": told}, {}

    driver = harvest(low, {**paging, "parallel": parallel})

    assert ids(driver) == [str(number) for number in range(1, 101)]
    assert end_of(driver).completeness is (WHOLE if told == 100 else UNCONFIRMED)


@pytest.mark.parametrize("parallel", [True, False])
@pytest.mark.parametrize("paging", [PAGE_TOTAL, {**PAGES, "total": "total"}])
def test_a_total_that_changes_and_changes_back_leaves_the_end_unconfirmed(
    paging: dict[str, Any], parallel: bool
) -> None:
    moved = numbered(total=lambda page: 299 if page == 7 else 300)

    driver = harvest(moved, {**paging, "parallel": parallel})

    assert end_of(driver).completeness is UNCONFIRMED
    (note,) = driver.notes
    assert "the API's total went from 300 to 299 while the list was read" in note


def test_a_list_that_gets_shorter_while_it_is_read_page_by_page_is_not_called_complete() -> None:
    left, asked_so_far = list(ITEMS), 0

    def shrinks(asked: apis.Asked, _items: Sequence[apis.Item]) -> apis.Reply:
        nonlocal asked_so_far
        asked_so_far += 1
        if asked_so_far == 7:
            del left[:3]
        return numbered(left)(asked, left)

    driver = harvest(shrinks, {**PAGE_TOTAL, "parallel": False})

    assert len(driver.rows) == 297
    assert end_of(driver).completeness is UNCONFIRMED
    assert ["from 300 to 297" in note for note in driver.notes] == [True]


def test_an_end_that_auto_sees_on_the_first_page_is_compared_with_the_total() -> None:
    def one_page(_asked: apis.Asked, _items: Sequence[apis.Item]) -> apis.Reply:
        return {"items": ITEMS[:20], "next": None, "total": 94}, {}

    driver = harvest(one_page, {})

    assert (end_of(driver).arrived, end_of(driver).total) == (20, 94)
    assert driver.notes == ["items /items: next names no next page, but 20 of its total of 94 arrived"]
