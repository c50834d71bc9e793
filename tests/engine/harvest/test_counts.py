"""What is counted of a harvest: rows that are new and rows that were written, requests of a process and of its run."""

from engine.storage.database import Database
from tests.engine.harness import run
from tests.fakes import FakeSource, serves


async def test_rows_that_are_stored_already_are_written_and_not_new(database: Database) -> None:
    source = FakeSource(pages=3, per_page=4)
    first = await run(database, source, serves(source))
    grown = FakeSource(pages=4, per_page=4)

    second = await run(database, grown, serves(grown))

    assert [(one.group().rows, one.group().written) for one in (first, second)] == [(12, 12), (4, 16)]


async def test_a_row_that_comes_twice_is_new_once(database: Database) -> None:
    source = FakeSource(pages=2, per_page=4)
    transport = serves(FakeSource(pages=1, per_page=4))
    transport.script = lambda request, _: source.truth(source.page(0))

    harvest = await run(database, source, transport)

    assert (harvest.group().rows, harvest.group().written) == (4, 8)


async def test_requests_of_a_process_and_of_its_run_are_told_apart(database: Database) -> None:
    source = FakeSource(pages=5)
    first = await run(database, source, serves(source), limit=3)

    resumed = await run(database, source, serves(source))

    assert [(one.group().requests, one.group().done) for one in (first, resumed)] == [(3, 3), (2, 5)]
