"""Pages of one list that are read at the same time: the same rows as one after another, whatever the list does."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from engine.model.source import Request, Response
from engine.model.walk import Completeness
from sources.rest.source import Rest
from tests.sources.driver import Driver
from tests.sources.rest import paged_apis as apis
from tests.sources.rest.paged_apis import MANY, PagedApi, ids, source_of
from tests.sources.rest.test_paging import end_of

LONG: Final = tuple({"id": number} for number in range(1, 230 * 20 - 7))
"""230 pages: two windows and a part of a third."""
PAGES: Final[dict[str, Any]] = {"style": "page_number", "last": "total_pages", "total": "total"}
STYLES: Final[dict[str, tuple[apis.Handler, dict[str, Any]]]] = {
    "pages": (apis.page_numbers, PAGES),
    "offsets": (apis.filtered_offsets, {"style": "offset", "size": 20, "total": "total"}),
    "headers": (apis.wordpress_without_link, {"style": "page_number"}),
    "zero": (apis.spring, {"style": "page_number", "start": 0, "pages": "page.totalPages"}),
    "body": (apis.posted_pages, {"style": "page_number", "in_body": "page", "pages": "total_pages"}),
    "auto": (apis.page_numbers, {}),
}


class Shuffled(Driver):
    """Lands requests in any order that the queue allows: one that is behind others comes after them."""

    def __init__(self, source: Rest, answer: Callable[[Request], Response], seed: int = 0) -> None:
        super().__init__(source, answer)
        self.most_open = 0
        self._chance = random.Random(seed)

    def land(self, limit: int = 100_000) -> int:
        for done in range(limit):
            self.most_open = max(self.most_open, len(self.pending))
            free = [one for one in self.pending if not one.behind or self._is_last(one)]
            if not free:
                return done
            request = self._chance.choice(free)
            self._land(request, self.source.parse(request, self.answer(request), self.memory))
        return limit

    def _is_last(self, request: Request) -> bool:
        return sum(one.walk == request.walk for one in self.pending) == 1


def harvest(
    handler: apis.Handler,
    paging: dict[str, Any],
    listed: Sequence[apis.Item] = MANY,
    *,
    seed: int = 0,
    post: Any = None,
    **endpoint: Any,
) -> Shuffled:
    driver = Shuffled(source_of({"paging": paging, **endpoint}, post=post), PagedApi(handler, listed), seed)
    driver.run()
    return driver


@pytest.mark.parametrize("items", [MANY, LONG], ids=["short", "long"])
@pytest.mark.parametrize("style", STYLES)
def test_pages_read_at_the_same_time_bring_the_rows_of_the_serial_walk(style: str, items: Sequence[apis.Item]) -> None:
    handler, paging = STYLES[style]
    at: dict[str, Any] = {"items": "_embedded.items"} if handler is apis.spring else {}
    post: Any = {} if handler is apis.posted_pages else None

    serial = harvest(handler, {**paging, "parallel": False}, items, post=post, **at)
    parallel = harvest(handler, paging, items, seed=7, post=post, **at)

    assert parallel.rows == serial.rows
    assert serial.most_open == 1
    assert 1 < parallel.most_open <= 100
    assert end_of(parallel).completeness is end_of(serial).completeness is Completeness.WHOLE
    assert end_of(parallel).place == end_of(serial).place
    assert not [page for page in parallel.pages[:-1] if page.ends]


def test_no_page_is_asked_for_twice_if_the_list_does_not_change() -> None:
    driver = harvest(apis.page_numbers, PAGES, LONG)

    assert len(driver.sent) == 230
    assert len({request.key for request in driver.sent}) == 230


def test_one_page_more_needs_no_window() -> None:
    assert harvest(apis.page_numbers, PAGES, MANY[:40]).most_open == 1


@pytest.mark.parametrize(("pages", "completeness"), [(150, Completeness.BOUNDED), (None, Completeness.WHOLE)])
def test_a_window_does_not_go_beyond_a_written_bound(pages: int | None, completeness: Completeness) -> None:
    driver = harvest(apis.page_numbers, {**PAGES, **({"max_pages": pages} if pages else {})}, LONG)

    assert len(driver.sent) == (pages or 230)
    assert end_of(driver).completeness is completeness


def changing(items: Sequence[apis.Item], change: Callable[[list[apis.Item]], None], after: int) -> apis.Handler:
    """Serve numbered pages of a list that changes once, after so many requests."""
    left, asked_so_far = list(items), 0

    def handler(asked: apis.Asked, _items: Sequence[apis.Item]) -> apis.Reply:
        nonlocal asked_so_far
        asked_so_far += 1
        if asked_so_far == after:
            change(left)
        return apis.page_numbers(asked, left)

    return handler


@pytest.mark.parametrize("after", [3, 60, 150, 220])
@pytest.mark.parametrize("seed", range(2))
def test_items_removed_meanwhile_lose_no_other_that_one_after_another_would_bring(after: int, seed: int) -> None:
    def remove(left: list[apis.Item]) -> None:
        del left[:5]

    serial = harvest(changing(LONG, remove, after), {**PAGES, "parallel": False})
    parallel = harvest(changing(LONG, remove, after), PAGES, seed=seed)

    assert set(ids(serial)) <= set(ids(parallel))
    assert end_of(parallel).completeness is Completeness.WHOLE


@pytest.mark.parametrize("after", [3, 99, 220])
@pytest.mark.parametrize("front", [True, False])
def test_items_added_meanwhile_lose_none_that_one_after_another_would_bring(after: int, front: bool) -> None:
    def add(left: list[apis.Item]) -> None:
        new = [{"id": 10**6 + number} for number in range(45)]
        left[:] = [*new, *left] if front else [*left, *new]

    serial = harvest(changing(LONG, add, after), {**PAGES, "parallel": False})
    parallel = harvest(changing(LONG, add, after), PAGES, seed=5)

    assert set(ids(serial)) <= set(ids(parallel))
    assert end_of(parallel).completeness is Completeness.WHOLE


def test_a_server_that_sends_the_first_page_for_every_number_is_found_out() -> None:
    def stuck(_asked: apis.Asked, items: Sequence[apis.Item]) -> apis.Reply:
        return {"data": items[:20], "total_pages": 9}, {}

    driver = harvest(stuck, {"style": "page_number", "last": "total_pages"})

    assert end_of(driver).completeness is Completeness.CUT
    assert "repeats" in end_of(driver).reason


def test_the_cursor_of_a_list_that_is_read_at_the_same_time_moves_at_its_end_and_not_too_far() -> None:
    items = [{"id": number, "at": f"2024-{1 + number // 28:02}-{1 + number % 28:02}"} for number in range(300)]
    since = {"param": "since", "item": "at", "look_back": 0}

    driver = harvest(apis.page_numbers, PAGES, items, since=since)

    moved = [page.cursors for page in driver.pages if page.cursors]
    assert moved == [driver.pages[-1].cursors]
    assert driver.cursors["items /items since"] == repr(datetime(2024, 11, 20, tzinfo=UTC).timestamp())


@pytest.mark.parametrize("landed", [1, 2, 50, 101, 102, 229])
def test_a_walk_goes_on_where_it_was_stopped(landed: int) -> None:
    driver = Shuffled(source_of({"paging": PAGES}), PagedApi(apis.page_numbers, LONG))
    driver.begin()
    driver.land(landed)
    assert len(driver.rows) == len(LONG) or not any(page.ends for page in driver.pages)

    driver.resume()
    driver.land()

    assert len(driver.rows) == len(LONG)
    assert len(driver.sent) == 230


def test_a_304_is_enough_inside_of_a_window_even_where_a_header_names_the_next_page() -> None:
    def next_in_header(asked: apis.Asked, items: Sequence[apis.Item]) -> apis.Reply:
        found, page, pages = apis.cut(asked, items)
        return {"data": found, "pages": pages}, {"x-next-page": str(page + 1) if page < pages else ""}

    driver = harvest(next_in_header, {"style": "page_number", "pages": "pages", "header": "X-Next-Page"})

    asked = {request.params.get("page", 1): request.conditional for request in driver.sent}
    assert asked == {1: False, 2: True, 3: True, 4: True, 5: False}
