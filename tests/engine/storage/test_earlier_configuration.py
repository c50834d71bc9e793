"""What failed with an earlier configuration is told apart, once the present one cannot ask for it or did so anew."""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from engine.model.coverage import PartState
from engine.model.source import Request, Response
from engine.storage.coverage_map import coverage_map
from engine.storage.database import Database
from engine.storage.earlier_configuration import read_earlier
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests.engine.harness import EPOCH, run
from tests.fakes import FakeTransport, answer
from tui.cli.subcommands.errors import read

PLAIN: Mapping[str, Any] = {"key": ["id"], "paging": {"style": "none"}}


def shop(path: str = "/items", **more: Any) -> Rest:
    endpoints = {"items": {"path": path, **PLAIN, **more}, "parts": {"path": "/parts", **PLAIN}}
    return Rest(
        msgspec.convert({"base_url": "https://api.example.com", "endpoints": endpoints}, RestOptions), name="shop"
    )


async def harvest(database: Database, source: Rest, missing: Collection[str] = ()) -> None:
    def script(request: Request, _: int) -> Response:
        return answer(status=404) if request.url in missing else answer([{"id": 1}])

    await run(database, source, FakeTransport(script))  # type: ignore[arg-type]  # any source will do


def states(database: Database, source: Rest) -> Mapping[str, PartState]:
    with coverage_map(database.path, source, now=EPOCH + 60) as found:
        return {part.key: part.state for part in found.shown()}


def errors(database: Database, source: Rest) -> tuple[int, int]:
    """Return how many failed requests are of the present configuration, and of an earlier one."""
    earlier = {"shop": read_earlier(database.path, source)}
    found = read(database.path, ["shop"], requests=True, earlier=earlier)
    assert len(found.requests) == sum(kind.count for kind in found.kinds)
    return sum(kind.count for kind in found.kinds), sum(kind.count for kind in found.earlier)


async def test_a_path_that_was_corrected_leaves_no_failed_part_behind(database: Database) -> None:
    await harvest(database, shop("/wrong"), ["/wrong"])
    before = (states(database, shop("/wrong"))["items"], errors(database, shop("/wrong")))

    await harvest(database, shop("/items"))

    assert before == (PartState.FAILED, (1, 0))
    assert states(database, shop("/items")) == {"items": PartState.COMPLETE, "parts": PartState.COMPLETE}
    assert errors(database, shop("/items")) == (0, 1)


async def test_before_the_corrected_configuration_has_run_its_list_is_not_walked_yet(database: Database) -> None:
    await harvest(database, shop("/wrong"), ["/wrong"])

    assert states(database, shop("/items"))["items"] is PartState.MISSING
    assert errors(database, shop("/items")) == (0, 1)


async def test_the_configuration_that_asked_for_it_still_has_its_failed_request(database: Database) -> None:
    await harvest(database, shop("/wrong"), ["/wrong"])
    await harvest(database, shop("/items"))

    assert states(database, shop("/wrong"))["items"] is PartState.FAILED
    assert errors(database, shop("/wrong")) == (1, 0)


async def test_a_list_that_another_configuration_may_ask_for_stays_failed_until_it_is_walked_anew(
    database: Database,
) -> None:
    await harvest(database, shop(), ["/items"])
    with_column = shop(columns={"name": "name"})
    before = (states(database, with_column)["items"], errors(database, with_column))

    await harvest(database, with_column)

    assert before == (PartState.FAILED, (1, 0))
    assert states(database, with_column)["items"] is PartState.COMPLETE
    assert errors(database, with_column) == (0, 1)


async def test_a_list_that_fails_anew_counts_once(database: Database) -> None:
    await harvest(database, shop(), ["/items"])
    with_column = shop(columns={"name": "name"})
    await harvest(database, with_column, ["/items"])

    assert states(database, with_column)["items"] is PartState.FAILED
    assert errors(database, with_column) == (1, 1)


async def test_a_list_that_was_removed_has_no_errors_any_more(database: Database) -> None:
    await harvest(database, shop(), ["/parts"])
    alone = Rest(
        msgspec.convert(
            {"base_url": "https://api.example.com", "endpoints": {"items": {"path": "/items", **PLAIN}}}, RestOptions
        ),
        name="shop",
    )

    assert errors(database, alone) == (0, 1)


async def test_a_cut_walk_of_an_earlier_path_cuts_nothing_of_the_present_one(database: Database) -> None:
    paging = {"style": "cursor", "next": "next"}

    def circle(request: Request, _: int) -> Response:
        page = {"items": [{"id": 1}], "next": "https://elsewhere.example.com/2"}
        return answer(page if request.url == "/wrong" else {"items": [{"id": 1}], "next": None})

    for source in (shop("/wrong", paging=paging), shop("/right", paging=paging)):
        await run(database, source, FakeTransport(circle))  # type: ignore[arg-type]  # as above

    assert states(database, shop("/right", paging=paging))["items"] is PartState.COMPLETE
    found = read(
        database.path,
        ["shop"],
        requests=False,
        earlier={"shop": read_earlier(database.path, shop("/right", paging=paging))},
    )
    assert not found.cut
