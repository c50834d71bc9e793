"""What goes wrong in a command is the command's outcome, and ends nothing."""

import asyncio
import logging
from collections.abc import Iterable

import pytest

from engine.harvest.job import Job
from engine.model.commands import Command, Done, Fill, Quarantine, Refused, Release, Retry
from engine.model.coverage import CoverageReader, Part
from engine.model.events import Crashed
from engine.model.snapshot import State
from engine.model.source import Request
from engine.storage.database import Database
from tests.engine import harness
from tests.fakes import FakeSource, serves


class Faulty(FakeSource):
    """Cannot say which parts it has."""

    def parts(self, reader: CoverageReader) -> Iterable[Part]:
        raise ValueError("token=s3cr3t\x1b[2J")

    def refill(self, key: str, reader: CoverageReader) -> Iterable[Request]:
        return ()


async def test_an_exception_in_a_source_s_parts_refuses_the_command_and_the_harvest_goes_on(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    source, other = Faulty(pages=3), FakeSource(pages=3, name="other", base_url="http://other")
    jobs = [Job(source=one, transport=serves(one)) for one in (source, other)]
    harvest = harness.prepare(database, *jobs)

    with caplog.at_level(logging.ERROR):
        filled = harvest.deck.send(Fill("fake", ("missing",)))
        await harvest.deck.run()

    refused = await filled
    assert isinstance(refused, Refused)
    assert refused.reason.startswith("ValueError at test_command_handler.py:")
    assert [(harvest.group(name).state, harvest.group(name).done) for name in ("fake", "other")] == [
        (State.DONE, 3)
    ] * 2
    (crash,) = harvest.facts(Crashed)
    assert (crash.where, crash.message) == ("filling parts of fake", refused.reason)
    assert "Traceback" in caplog.text


@pytest.mark.parametrize("id", [10**30, -(10**30), 2**63])
@pytest.mark.parametrize("command", [Retry, Quarantine, Release])
async def test_an_id_that_no_row_can_have_is_the_id_of_no_request(
    database: Database, command: type[Retry | Quarantine | Release], id: int
) -> None:
    source = FakeSource(pages=3)
    harvest = harness.prepare(database, Job(source=source, transport=serves(source)))
    sent: Command = command("fake", id=id)
    running = asyncio.get_running_loop().create_task(harvest.deck.run())
    await asyncio.sleep(0.15)

    answer = harvest.deck.send(sent)
    await running

    assert await answer == Done(0)
    assert harvest.group().state is State.DONE
    assert harvest.facts(Crashed) == []
