"""The pages of one list of a configured API in the engine: at the same time, in virtual time, and after failures."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from engine.model.source import Request, Response
from engine.model.walk import Completeness
from engine.storage.database import Database
from tests.engine.harness import Harvest, ids, run
from tests.fakes import FakeTransport, answer
from tests.sources.rest import paged_apis as apis
from tests.sources.rest.paged_apis import PagedApi, source_of

ITEMS = [{"id": number} for number in range(1, 200 * 20 + 1)]
PAGING = {"style": "page_number", "last": "total_pages"}


async def harvest(
    database: Database, failing: dict[int, int] | None = None, *, parallel: bool = True, **job: Any
) -> tuple[Harvest, FakeTransport]:
    """Harvest 200 pages of 20 items, each in a tenth of a second; some numbers of pages fail with a status."""
    api, broken = PagedApi(apis.page_numbers, ITEMS), failing or {}

    def script(request: Request, _tries: int) -> Response:
        number = int(str(request.params.get("page", 1)))
        return answer(status=broken[number]) if number in broken else api(request)

    transport = FakeTransport(script, latency=0.1)
    endpoint = {"paging": {**PAGING, "parallel": parallel}, "columns": {"id": "id:integer"}}
    source = source_of(endpoint, concurrency=8)
    return await run(database, source, transport, **job), transport  # type: ignore[arg-type]  # any source will do


async def stored(database: Database) -> list[int]:
    return await database.do(lambda db: ids(db, "rest_items"))


def seconds(transport: FakeTransport) -> float:
    return transport.sent[-1][0] - transport.sent[0][0] + transport.latency


async def test_200_pages_take_at_most_a_third_of_the_time_that_they_take_one_after_another(database: Database) -> None:
    parallel, sent = await harvest(database)
    _, one_by_one = await harvest(database, parallel=False, full=True)

    assert len(sent.sent) == len(one_by_one.sent) == 200
    assert sent.most_in_flight > 1
    assert one_by_one.most_in_flight == 1
    assert seconds(sent) <= seconds(one_by_one) / 3
    assert await stored(database) == [item["id"] for item in ITEMS]
    assert parallel.group("rest").walks.worst is Completeness.WHOLE


async def test_the_last_page_of_a_window_is_sent_when_all_others_are_there(database: Database) -> None:
    _, transport = await harvest(database)

    keys = [key for _, key in transport.sent]
    assert keys.index("items /items page=101") == 100
    assert set(keys[:100]) == {"items /items", *(f"items /items page={number}" for number in range(2, 101))}


async def test_a_failed_page_cuts_the_list_and_the_next_run_reads_what_is_missing(database: Database) -> None:
    first, before = await harvest(database, {31: 403})
    assert first.group("rest").walks.worst is Completeness.CUT
    assert len(before.sent) == 100
    assert len(await stored(database)) == 99 * 20

    second, after = await harvest(database)

    assert [key for _, key in after.sent[:2]] == ["items /items page=31", "items /items page=101"]
    assert len(after.sent) == 101
    assert await stored(database) == [item["id"] for item in ITEMS]
    assert second.group("rest").walks.worst is Completeness.WHOLE


@pytest.mark.parametrize("duration", [0.15, 0.35, 1.0, 2.0])
async def test_a_stopped_run_goes_on_with_the_pages_that_are_missing(database: Database, duration: float) -> None:
    _, before = await harvest(database, duration=duration)
    _, after = await harvest(database)

    keys = [key for _, key in (*before.sent, *after.sent)]
    assert len(keys) == len(set(keys)) == 200
    assert await stored(database) == [item["id"] for item in ITEMS]


@pytest.mark.parametrize(("total", "note"), [(4_000, []), (4_100, ["4,000 of its total of 4,100 arrived"])])
async def test_the_items_of_all_pages_are_compared_with_the_total(
    database: Database, total: int, note: list[str]
) -> None:
    def told(asked: apis.Asked, items: Sequence[apis.Item]) -> apis.Reply:
        body, headers, *_ = apis.page_numbers(asked, items)
        return {**body, "total": total}, headers

    api = PagedApi(told, ITEMS)
    source = source_of({"paging": {**PAGING, "total": "total"}}, concurrency=8)

    await run(database, source, FakeTransport(lambda request, _: api(request)))  # type: ignore[arg-type]  # as above

    notes = await database.do(lambda db: [row[0] for row in db.execute("select text from _fetchdeck_note")])
    assert [each.partition("but ")[2] for each in notes] == note
    ends = await database.do(lambda db: db.execute("select completeness, arrived from _fetchdeck_walk").fetchall())
    assert ends == [("whole", 4_000)]


async def test_a_parameter_that_the_api_does_not_know_is_named_where_pages_are_read_together(
    database: Database,
) -> None:
    source = source_of({"paging": {**PAGING, "param": "pg"}})
    api = PagedApi(apis.page_numbers, ITEMS[:200])

    ended = await run(database, source, FakeTransport(lambda request, _: api(request)))  # type: ignore[arg-type]  # as above

    walks = ended.group("rest").walks
    assert walks.worst is Completeness.CUT
    assert 'does not seem to know the parameter "pg"' in walks.named[0].reason


@pytest.mark.parametrize("number", [5, 10], ids=["inside", "the tail"])
async def test_a_page_with_errors_beside_its_items_cuts_the_walk_of_its_window(database: Database, number: int) -> None:
    api = PagedApi(apis.page_numbers, ITEMS[:200])
    mended: list[bool] = []

    def script(request: Request, _tries: int) -> Response:
        response = api(request)
        if request.params.get("page") != number or mended:
            return response
        body = msgspec.json.decode(response.body)
        return answer({**body, "data": body["data"][:3], "errors": [{"message": "shard 4 timed out"}]})

    source = source_of({"paging": PAGING, "columns": {"id": "id:integer"}})
    first = await run(database, source, FakeTransport(script))  # type: ignore[arg-type]  # as above
    cut, missing = first.group("rest").walks, len(ITEMS[:200]) - len(await stored(database))
    mended.append(True)
    second = await run(database, source, FakeTransport(script))  # type: ignore[arg-type]  # as above

    assert cut.worst is Completeness.CUT
    assert "shard 4 timed out" in cut.named[0].reason
    assert missing == (2 * 20 if number == 5 else 17)  # inside, the tail is not sent either
    assert second.group("rest").walks.worst is Completeness.WHOLE
    assert await stored(database) == [item["id"] for item in ITEMS[:200]]
