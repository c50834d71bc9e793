"""The end of a walk that all of its pages judge together, in the engine: also after a stop and a failed page."""

from collections.abc import Callable, Sequence
from typing import Any

from engine.model.source import Request, Response
from engine.model.walk import Completeness
from engine.storage.database import Database
from tests.engine.harness import Harvest, run
from tests.fakes import FakeTransport, answer
from tests.sources.rest import paged_apis as apis
from tests.sources.rest.paged_apis import PagedApi, source_of

ITEMS = [{"id": number, "at": "2024-05-01"} for number in range(1, 200 * 20 + 1)]
PAGING = {"style": "page_number", "total": "total"}


async def harvest(
    database: Database,
    served: Callable[[int], int],
    failing: Sequence[int] = (),
    items: Sequence[apis.Item] = ITEMS,
    **job: Any,
) -> Harvest:
    """Harvest pages that are answered with those that `served` names. Some numbers of pages are refused."""

    def handler(asked: apis.Asked, _items: Sequence[apis.Item]) -> apis.Reply:
        at = (served(asked.number("page", 1)) - 1) * 20
        return {"data": items[at : at + 20], "total": len(ITEMS)}, {}

    api = PagedApi(handler)

    def script(request: Request, _tries: int) -> Response:
        number = int(str(request.params.get("page", 1)))
        return answer(status=403) if number in failing else api(request)

    endpoint = {"paging": PAGING, "since": {"param": "since", "item": "at"}, "mark_gone": True}
    source = source_of(endpoint, concurrency=8)
    return await run(database, source, FakeTransport(script, latency=0.1), **job)  # type: ignore[arg-type]  # any source will do


def same(page: int) -> int:
    return page


def clamped(page: int) -> int:
    return min(page, 5)


async def counts(database: Database) -> tuple[int, int, int]:
    """Return how many rows are there, how many are called gone, and how many cursors are stored."""
    return await database.do(
        lambda db: (
            *db.execute("select count(*), coalesce(sum(gone), 0) from rest_items").fetchone(),
            db.execute("select count(*) from cursor").fetchone()[0],
        )
    )


async def test_pages_that_repeat_cut_the_walk_and_no_row_is_gone_and_no_cursor_moves(database: Database) -> None:
    await harvest(database, same)
    await database.do(lambda db: db.execute("delete from cursor").rowcount)

    ended = await harvest(database, clamped, full=True)

    assert ended.group("rest").walks.worst is Completeness.CUT
    assert "repeats page 5" in ended.group("rest").walks.named[0].reason
    assert await counts(database) == (4_000, 0, 0)


async def test_a_cursor_that_comes_back_after_others_cuts_the_walk(database: Database) -> None:
    """The position is kept by the server: each page brings new items, so that no page repeats another."""
    cursors = iter(["a", "b", "a", "b", "a", None])

    def handler(_asked: apis.Asked, _items: Sequence[apis.Item]) -> apis.Reply:
        handled.append(len(handled))
        return {"data": [{"id": len(handled)}], "next": next(cursors)}, {}

    handled: list[int] = []
    api = PagedApi(handler)
    source = source_of({"paging": {"style": "cursor", "next": "next", "param": "c"}})

    ended = await run(database, source, FakeTransport(lambda request, _: api(request)))  # type: ignore[arg-type]  # any source will do

    report = ended.group("rest").walks
    assert (report.cut, report.total, len(handled)) == (1, 1, 3)
    assert report.named[0].reason.startswith("the API names a page again that was read before")
    assert report.named[0].place == "page b"


async def test_pages_of_an_earlier_run_are_known_where_it_is_resumed(database: Database) -> None:
    await harvest(database, clamped, failing=[31])

    ended = await harvest(database, clamped)

    assert ended.group("rest").walks.worst is Completeness.CUT
    assert "repeats page 5" in ended.group("rest").walks.named[0].reason


async def test_nothing_is_kept_of_the_pages_of_a_walk_that_has_ended(database: Database) -> None:
    await harvest(database, same, duration=1.0)
    many = "select count(*) from _fetchdeck_walk_page"
    assert await database.do(lambda db: db.execute(many).fetchone()[0]) > 0

    ended = await harvest(database, same)

    assert ended.group("rest").walks.worst is Completeness.WHOLE
    assert await database.do(lambda db: db.execute(many).fetchone()[0]) == 0


async def test_fewer_items_than_the_total_are_no_reason_to_call_a_row_gone_or_to_move_a_cursor(
    database: Database,
) -> None:
    ended = await harvest(database, same, items=ITEMS[:3_990])

    assert ended.group("rest").walks.worst is Completeness.CUT
    assert await counts(database) == (3_990, 0, 0)
