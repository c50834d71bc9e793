"""A list whose page failed is resumed at that page by the next run, and begun anew where that is not possible."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from engine.model.coverage import CoverageReader, Part, RefillPlan
from engine.model.source import Memory, Page, Request, Response
from engine.model.walk import Completeness, WalkEnd
from engine.storage.coverage_map import coverage_map
from engine.storage.database import Database
from tests.engine.harness import EPOCH, Harvest, ids, run
from tests.fakes import FakeSource, FakeTransport, answer

HOUR = 3600.0


@dataclass
class Lists(FakeSource):
    """A list of pages, and with `nested` one such list below each item of a list of one page."""

    pages: int = 6
    per_page: int = 2
    nested: bool = False

    def seed(self, memory: Memory) -> list[Request]:
        self.memories.append(memory)
        return [self._outer() if self.nested else self.page(0)]

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        if request.route == "outer":
            return Page(more=[self.page(0)])
        page = super().parse(request, response, memory)
        return replace(page, cursors={"end": str(request.context["page"])} if not page.more else {})

    def page(self, number: int) -> Request:
        return replace(super().page(number), walk="items")

    def truth(self, request: Request) -> Response:
        return answer([]) if request.route == "outer" else super().truth(request)

    def _outer(self) -> Request:
        return Request(key="outer", url="/lists", route="outer", walk="lists")


async def harvest(database: Database, source: Lists, failing: dict[str, int], **job: Any) -> tuple[Harvest, list[str]]:
    """Run a source where some requests are answered with a status; return what was asked for as well."""
    transport = FakeTransport(
        lambda request, _: answer(status=failing[request.key]) if request.key in failing else source.truth(request)
    )
    harvested = await run(database, source, transport, **job)
    return harvested, [key for _, key in transport.sent]


async def everything(database: Database) -> list[int]:
    return await database.do(ids)


def landed(database: Database, key: str) -> float | None:
    with coverage_map(database.path, Mapped(), now=EPOCH) as found:
        return found.reader.landed(key)


class Mapped(Lists):
    """A source with a coverage map."""

    def parts(self, reader: CoverageReader) -> list[Part]:
        return []

    def refill(self, key: str, reader: CoverageReader) -> list[Request]:
        return []


@pytest.mark.parametrize("retry_failed", [False, True])
async def test_the_next_run_goes_on_at_the_page_that_failed(database: Database, retry_failed: bool) -> None:
    await harvest(database, Lists(), {"page 3": 403})

    _, asked = await harvest(database, Lists(), {}, retry_failed=retry_failed)

    assert asked == ["page 3", "page 4", "page 5"]
    assert await everything(database) == list(range(12))


async def test_the_cursor_moves_when_a_resumed_list_has_ended_and_not_before(database: Database) -> None:
    first, second, third = Lists(), Lists(), Lists()
    await harvest(database, first, {"page 3": 403})
    await harvest(database, second, {"page 5": 403})
    await harvest(database, third, {})
    last = Lists()
    await harvest(database, last, {})

    assert [source.memories[0].cursors for source in (second, third, last)] == [{}, {}, {"end": "5"}]


async def test_a_list_below_another_is_not_begun_again_by_its_parent(database: Database) -> None:
    await harvest(database, Lists(nested=True), {"page 3": 403})

    _, asked = await harvest(database, Lists(nested=True), {})

    assert sorted(asked) == ["outer", "page 3", "page 4", "page 5"]


async def test_a_part_keeps_the_time_of_its_first_page_when_its_list_is_resumed(database: Database) -> None:
    await harvest(database, Lists(), {"page 3": 403})
    before = landed(database, "page 0")

    await harvest(database, Lists(), {})

    assert before is not None
    assert landed(database, "page 0") == pytest.approx(before, abs=0.1)


async def test_a_list_that_ended_begins_anew_in_the_run_after(database: Database) -> None:
    await harvest(database, Lists(), {"page 3": 403})
    await harvest(database, Lists(), {})

    _, asked = await harvest(database, Lists(), {})

    assert asked == [f"page {number}" for number in range(6)]


async def test_a_first_page_that_failed_is_asked_for_once(database: Database) -> None:
    await harvest(database, Lists(), {"page 0": 403})

    _, asked = await harvest(database, Lists(), {})

    assert asked == [f"page {number}" for number in range(6)]


@pytest.mark.parametrize("nested", [False, True])
async def test_a_page_that_failed_too_long_ago_is_dropped_and_its_list_begun_anew(
    database: Database, nested: bool
) -> None:
    await harvest(database, Lists(nested=nested), {"page 3": 403})
    await database.do(lambda db: db.execute("update request set ended_at = ended_at - ?", (25 * HOUR,)))

    again, asked = await harvest(database, Lists(nested=nested), {})

    assert sorted(asked) == ["outer"] * nested + [f"page {number}" for number in range(6)]
    assert again.group().failed == 0


async def test_a_list_whose_parent_no_longer_names_it_is_begun_anew_all_the_same(database: Database) -> None:
    await harvest(database, Lists(nested=True), {"page 3": 403})
    await database.do(lambda db: db.execute("update request set ended_at = ended_at - ?", (25 * HOUR,)))
    source = Lists(nested=True)

    def script(request: Request, _: int) -> Response:
        return answer(status=403) if request.key == "outer" else source.truth(request)

    await run(database, source, FakeTransport(script))

    assert await everything(database) == list(range(12))


async def test_how_long_a_list_is_resumed_is_a_setting(database: Database) -> None:
    await harvest(database, Lists(), {"page 3": 403})
    await database.do(lambda db: db.execute("update request set ended_at = ended_at - ?", (25 * HOUR,)))

    _, asked = await harvest(database, Lists(), {}, resume_within=26 * HOUR)

    assert asked == ["page 3", "page 4", "page 5"]


async def test_a_full_run_resumes_nothing(database: Database) -> None:
    await harvest(database, Lists(), {"page 3": 403})

    _, asked = await harvest(database, Lists(), {}, full=True)

    assert asked == [f"page {number}" for number in range(6)]


@pytest.mark.parametrize("status", [400, 404, 410, 416, 422])
async def test_a_cursor_that_the_api_refuses_begins_anew(database: Database, status: int) -> None:
    await harvest(database, Lists(), {"page 3": 403})
    expired = Expired(status)

    again = await run(database, Lists(), expired.transport)

    assert expired.asked == ["page 3", *(f"page {number}" for number in range(6))]
    assert again.group().failed == 0
    assert await everything(database) == list(range(12))


async def test_a_cursor_that_is_refused_twice_has_failed(database: Database) -> None:
    await harvest(database, Lists(), {"page 3": 403})

    again, asked = await harvest(database, Lists(), {"page 3": 410})

    assert asked == ["page 3", "page 0", "page 1", "page 2", "page 3"]
    assert again.group().failed == 1


async def test_a_cursor_is_not_begun_anew_for_another_status(database: Database) -> None:
    await harvest(database, Lists(), {"page 3": 403})

    again, asked = await harvest(database, Lists(), {"page 3": 403})

    assert asked == ["page 3"]
    assert again.group().failed == 1


async def test_a_page_that_is_refused_in_the_run_that_named_it_has_failed(database: Database) -> None:
    first, asked = await harvest(database, Lists(), {"page 3": 410})

    assert asked == ["page 0", "page 1", "page 2", "page 3"]
    assert first.group().failed == 1


async def test_an_unfinished_run_begins_a_list_anew_whose_next_page_is_refused(database: Database) -> None:
    await harvest(database, Lists(), {}, limit=3)
    expired = Expired(410)

    again = await run(database, Lists(), expired.transport)

    assert expired.asked == ["page 3", *(f"page {number}" for number in range(6))]
    assert again.group().failed == 0
    assert await everything(database) == list(range(12))


async def test_a_list_that_was_begun_anew_goes_on_after_a_stop(database: Database) -> None:
    await harvest(database, Lists(), {"page 3": 403})
    await run(database, Lists(), Expired(410).transport, limit=5)

    again, asked = await harvest(database, Lists(), {})

    assert asked == ["page 5"]
    assert again.group().failed == 0
    assert await everything(database) == list(range(12))


async def test_two_pages_that_are_refused_together_begin_their_list_anew_once(database: Database) -> None:
    source = Parallel(pages=4)
    await harvest(database, source, {"page 2": 500, "page 3": 500}, retries=0)

    again, asked = await harvest(database, Parallel(pages=2), {"page 2": 404, "page 3": 404})

    assert sorted(asked) == ["page 0", "page 1", "page 2", "page 3"]
    assert again.group().failed == 0


async def test_a_page_that_a_refill_takes_over_may_be_refused_as_well(database: Database) -> None:
    await harvest(database, Lists(), {"page 3": 403})
    failed = "select id from request where state = 'failed'"
    unfinished = await database.do(lambda db: [row[0] for row in db.execute(failed)])
    expired = Expired(410)

    refill = RefillPlan(parts=("items",), unfinished=unfinished)
    again = await run(database, Lists(), expired.transport, refill=refill)

    assert expired.asked == ["page 3", *(f"page {number}" for number in range(6))]
    assert again.group().failed == 0


class Parallel(Lists):
    """The first page names all others."""

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        others = [self.page(number) for number in range(1, self.pages)] if request.key == "page 0" else []
        return replace(super().parse(request, response, memory), more=others)


class Expired:
    """A server that refuses page 3 the first time, as if its cursor had expired."""

    def __init__(self, status: int) -> None:
        source = Lists()

        def script(request: Request, tries: int) -> Response:
            return answer(status=status) if request.key == "page 3" and not tries else source.truth(request)

        self.transport = FakeTransport(script)

    @property
    def asked(self) -> list[str]:
        return [key for _, key in self.transport.sent]


@dataclass
class Increment(Lists):
    """A list that is asked for what is new only, and below its item a list that a guard cuts."""

    cuts: bool = True

    def seed(self, memory: Memory) -> list[Request]:
        return [] if memory.cursors.get("end") else [self._outer()]

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        if request.route == "outer":
            return Page(more=[self.page(0)], cursors={"end": "1"})
        page = FakeSource.parse(self, request, response, memory)
        if not self.cuts:
            whole = WalkEnd(walk="items", completeness=Completeness.WHOLE, reason="the last page")
            return replace(page, ends=() if page.more else (whole,))
        cut = WalkEnd(walk="items", completeness=Completeness.CUT, reason="a guard")
        return replace(page, more=(), ends=(cut,))


async def test_a_walk_that_was_cut_is_begun_anew_by_every_run_until_it_is_whole(database: Database) -> None:
    first, _ = await harvest(database, Increment(cuts=True), {})
    second, asked = await harvest(database, Increment(cuts=True), {})
    third, again = await harvest(database, Increment(cuts=False), {})
    fourth, nothing = await harvest(database, Increment(cuts=False), {})

    assert [one.group().walks.cut for one in (first, second, third, fourth)] == [1, 1, 0, 0]
    assert asked == ["page 0"]
    assert again == [f"page {number}" for number in range(6)]
    assert await everything(database) == list(range(12))
    assert nothing == []


async def test_a_walk_that_was_cut_is_not_begun_anew_by_a_run_of_something_else(database: Database) -> None:
    await harvest(database, Increment(cuts=True), {})
    other = Increment(cuts=True)
    other.scope = lambda: "something else"  # type: ignore[method-assign]

    _, asked = await harvest(database, other, {})

    assert asked == []
