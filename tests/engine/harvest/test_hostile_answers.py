"""One hostile answer among good ones, for every source: a counted, shown outcome that stops none of its siblings."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.harvest.job import Job
from engine.model.capabilities import Delivers
from engine.model.events import RequestFailed, RequestLanded
from engine.model.snapshot import State
from engine.model.source import Request, Response, Source
from engine.storage.database import Database
from tests.engine.harness import Harvest, prepare
from tests.fakes import FakeTransport
from tests.sources.cases import CASES
from tests.sources.driver import respond
from tests.sources.test_contract import ENTRY_POINTS
from tests.virtual_loop import VirtualLoop

HOSTILE = {
    "no JSON": respond(b"<html><body>Please enable JavaScript</body></html>"),
    "nothing": respond(b""),
    "null": respond(b"null"),
    "nulls": respond([None, None]),
    "an error inside": respond({"error": "internal", "errors": [{"message": "Internal error"}], "data": None}),
    "a number": respond(b"7"),
    "too deep": respond(b"[" * 100_000),
    "no UTF-8": respond(b'{"title": "\xff\xfe"}'),
}


def made(name: str) -> Source:
    module, _, attribute = ENTRY_POINTS[name].partition(":")
    kind: Any = getattr(import_module(module), attribute)
    source: Any = kind(msgspec.convert(CASES[name].options, kind.Options))
    if isinstance(source, Delivers):
        vars(source)["deliver"] = None  # files are another matter, and these channel files are not to be written to
    found: Source = source
    return found


async def harvest(database: Database, source: Source, script: Callable[[Request, int], Response]) -> Harvest:
    ready = prepare(database, Job(source=source, transport=FakeTransport(script)), duration=5000)
    await ready.deck.run()
    return ready


def leaves(file: Path) -> list[str]:
    """Return the keys of the requests that led to no other, the newest of each lane."""
    query = (
        "select max(key) from request where id not in (select parent_id from request where parent_id is not null)"
        " group by lane order by lane"
    )
    with closing(sqlite3.connect(file)) as db:
        return [row[0] for row in db.execute(query)]


def states(file: Path) -> dict[str, str]:
    with closing(sqlite3.connect(file)) as db:
        return dict(db.execute("select key, state from request").fetchall())


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("name", sorted(ENTRY_POINTS))
async def test_a_hostile_answer_is_told_and_costs_no_sibling(
    database: Database, tmp_path: Path, name: str, hostile: str
) -> None:
    case, clean = CASES[name], Database(tmp_path / "clean.db")
    clean.open()
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.threads.append(clean.busy)
    await harvest(clean, made(name), lambda request, _: case.answer(request))
    clean.close()
    victims = leaves(clean.path)

    ended = await harvest(
        database,
        made(name),
        lambda request, _: HOSTILE[hostile] if request.key in victims else case.answer(request),
    )

    group = ended.group(name)
    told = {event.what for event in ended.facts(RequestFailed)}
    noted = [event for event in ended.facts(RequestLanded) if event.note]
    before, after = states(clean.path), states(database.path)
    assert group.state is State.DONE
    assert victims
    assert set(after) >= set(before)
    assert {key for key, state in after.items() if state != "done"} <= set(victims)
    assert group.failed == len(told)
    assert group.failed + len(noted) >= 1
