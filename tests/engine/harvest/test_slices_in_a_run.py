"""Windows, lanes and resumption of a configured API in the real engine: virtual time, a real database."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import msgspec

from engine.model.coverage import PartState
from engine.model.snapshot import State
from engine.model.source import Request, Response
from engine.storage.coverage_map import coverage_map
from engine.storage.database import Database
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests.engine.harness import EPOCH, Harvest, prepare
from tests.fakes import FakeTransport, answer, job

DAYS = 40
START = datetime.fromtimestamp(EPOCH - DAYS * 86_400, UTC)


def make(endpoints: dict[str, Any], **options: Any) -> Rest:
    base = {"base_url": "http://fake", "endpoints": endpoints, "concurrency": 8, **options}
    return Rest(msgspec.convert(base, RestOptions), name="log")


def daily() -> dict[str, Any]:
    return {
        "path": "/events",
        "key": ["id"],
        "columns": {"id": "id:integer"},
        "paging": {"style": "page_number", "last": "pages"},
        "windows": {
            "from": f"{START:%Y-%m-%d}",
            "every": "day",
            "start_param": "after",
            "end_param": "before",
            "format": "unix",
        },
    }


def events(request: Request, _tries: int) -> Response:
    """Answer with an event for each hour of the window, ten on a page."""
    after, before = int(str(request.params["after"])), int(str(request.params["before"]))
    found = [{"id": hour} for hour in range(after // 3600, before // 3600)]
    page = int(str(request.params.get("page", 1)))
    return answer({"data": found[10 * page - 10 : 10 * page], "pages": 3})


async def run(database: Database, source: Rest, transport: FakeTransport, duration: float | None = None) -> Harvest:
    harvest = prepare(database, job(source, transport), duration=duration)
    await harvest.deck.run()
    return harvest


async def test_windows_are_walked_side_by_side(database: Database) -> None:
    transport = FakeTransport(events)

    harvest = await run(database, make({"event": daily()}), transport)

    assert transport.most_in_flight == 8
    assert await harvest.rows("select count(*), max(id) - min(id) + 1 from log_event") == [((DAYS + 1) * 24,) * 2]


async def test_a_harvest_that_is_stopped_again_and_again_asks_for_no_window_twice_that_is_whole(
    database: Database,
) -> None:
    source, asked = make({"event": daily()}), []
    for _ in range(100):
        transport = FakeTransport(events)
        harvest = await run(database, source, transport, duration=0.35)
        asked += [key for _, key in transport.sent]
        if harvest.group("log").state is State.DONE:
            break

    assert harvest.group("log").state is State.DONE
    assert len(asked) == len(set(asked)) == (DAYS + 1) * 3
    assert await harvest.rows("select count(*) from log_event") == [((DAYS + 1) * 24,)]

    transport = FakeTransport(events)
    await run(database, source, transport)
    assert len(transport.sent) == 3, "the newest window is asked for again, and no other"


async def test_a_window_that_fails_is_the_only_one_that_a_later_run_asks_for_beside_the_newest(
    database: Database,
) -> None:
    source = make({"event": daily()})
    bad = int(START.timestamp()) // 86_400 * 86_400 + 5 * 86_400

    def broken(request: Request, tries: int) -> Response:
        return answer(status=404) if request.params["after"] == bad else events(request, tries)

    harvest = await run(database, make({"event": {**daily(), "skip": []}}), FakeTransport(broken))
    assert await harvest.rows("select count(*) from request where state = 'failed'") == [(1,)]
    source = make({"event": {**daily(), "skip": []}})
    transport = FakeTransport(events)

    await run(database, source, transport)

    assert {key.partition("after=")[2].partition("&")[0] for _, key in transport.sent} == {
        str(bad),
        str(int(EPOCH) // 86_400 * 86_400),
    }
    assert await harvest.rows("select count(*) from log_event") == [((DAYS + 1) * 24,)]


def desk(**resources: str) -> dict[str, Any]:
    """A list of tickets, and for each an export and its details; `resources` are those of the endpoints."""
    one_page = {"paging": {"style": "none"}}
    endpoints = {
        "ticket": {"path": "/tickets", "key": ["id"], **one_page},
        "export": {"path": "/exports/{parent.id}", "parent": "ticket", **one_page},
        "detail": {"path": "/tickets/{parent.id}", "parent": "ticket", **one_page},
    }
    return {name: {**one, "resource": resources.get(name, "core")} for name, one in endpoints.items()}


async def test_reads_do_not_wait_for_the_exports_beside_them(database: Database) -> None:
    """Ten exports a minute and 2,500 reads in five minutes: 100 reads are done while the exports take their time."""
    endpoints = desk(ticket="reads", export="exports", detail="reads")
    resources = {
        "exports": {"requests": 10, "per": 60, "concurrency": 2},
        "reads": {"requests": 2500, "per": 300},
    }

    def script(request: Request, _tries: int) -> Response:
        return answer([{"id": n} for n in range(100)] if request.url == "/tickets" else {"id": request.url})

    transport = FakeTransport(script)
    await run(database, make(endpoints, resources=resources), transport)

    exports = [at for at, key in transport.sent if key.startswith("export ")]
    details = [at for at, key in transport.sent if key.startswith("detail ")]
    begin = transport.sent[0][0]
    assert (len(exports), len(details)) == (100, 100)
    assert max(details) - begin < 60
    assert all(later - sooner >= 60 for sooner, later in zip(exports, exports[10:], strict=False))
    assert 540 <= max(exports) - begin < 640


async def test_a_refused_export_lets_the_reads_go_on(database: Database) -> None:
    endpoints = desk(export="exports")

    def script(request: Request, tries: int) -> Response:
        if request.url == "/tickets":
            return answer([{"id": n} for n in range(50)])
        if request.url == "/exports/0" and tries == 0:
            return answer(status=429, headers={"retry-after": "600"})
        return answer({"id": request.url})

    transport = FakeTransport(script)
    await run(database, make(endpoints, resources={"exports": {"concurrency": 1}}), transport)

    details = [at for at, key in transport.sent if key.startswith("detail ")]
    exports = [at for at, key in transport.sent if key.startswith("export ")]
    assert len(details) == 50
    assert max(details) - transport.sent[0][0] < 600 < max(exports) - transport.sent[0][0]


async def test_a_row_that_a_whole_list_drops_is_gone_and_after_a_failed_page_none_is(database: Database) -> None:
    source = make(
        {
            "item": {
                "path": "/items",
                "key": ["id"],
                "columns": {"id": "id:integer"},
                "paging": {"style": "page_number", "last": "pages"},
                "mark_gone": True,
                "skip": [],
            }
        }
    )

    def serving(*ids: int, broken: int = 0) -> FakeTransport:
        def script(request: Request, _tries: int) -> Response:
            page = int(str(request.params.get("page", 1)))
            if page == broken:
                return answer(status=404)
            found = [{"id": number} for number in ids[2 * page - 2 : 2 * page]]
            return answer({"data": found, "pages": -(-len(ids) // 2)})

        return FakeTransport(script)

    async def gone(transport: FakeTransport) -> list[int]:
        harvest = await run(database, source, transport)
        await asyncio.sleep(60)
        return [row[0] for row in await harvest.rows("select id from log_item where gone = 1 order by 1")]

    assert await gone(serving(1, 2, 3, 4, 5, 6, 7, 8)) == []
    assert await gone(serving(1, 3, 5, 7, broken=2)) == []
    assert await gone(serving(1, 3, 5, 7)) == [2, 4, 6, 8]
    assert await gone(serving(1, 2, 3, 5, 7)) == [4, 6, 8]


async def test_the_map_knows_which_windows_were_cut(database: Database) -> None:
    endless = {**daily(), "paging": {"style": "cursor_body", "next": "next", "param": "c"}}
    source = make({"event": endless})

    def script(request: Request, _tries: int) -> Response:
        hour = int(str(request.params["after"])) // 3600
        again = hour // 24 % 10 == 0
        return answer({"data": [{"id": hour}], "next": "same" if again else None})

    await run(database, source, FakeTransport(script))

    with coverage_map(database.path, source, now=EPOCH + 60) as found:
        (part,) = found.parts
        plan = found.plan_refill(["event"])
    assert part.state is PartState.CUT
    assert 4 <= len(plan.requests) <= 6
