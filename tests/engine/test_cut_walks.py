"""A cut walk looks cut everywhere: one table of the ways, each judged by every output."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from engine.common.errors import DeadlineExceeded, SourceError, TransportError
from engine.model.coverage import CoverageReader, Part, PartState
from engine.model.snapshot import State
from engine.model.source import Memory, Page, Request, Response
from engine.model.walk import Completeness, WalkEnd, WalkReport
from engine.storage.coverage_map import coverage_map
from engine.storage.database import Database
from tests.engine.cut_walks import judge
from tests.engine.harness import EPOCH, Harvest, run
from tests.fakes import FakeSource, FakeTransport, answer
from tui.cli.subcommands import errors
from tui.common.exit_codes import Exit, exit_code
from tui.headless.lines import endings
from tui.headless.summary import summarize, to_json

WALK = "items of the fake"


@dataclass
class Walker(FakeSource):
    """Walks one list of three pages and says how it ended."""

    pages: int = 3
    end: WalkEnd | None = None
    """How the last page ends it; None for whole."""
    stops: bool = False
    """Whether the last page stops the source."""

    def page(self, number: int) -> Request:
        return replace(super().page(number), walk=WALK, part="items")

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        page = super().parse(request, response, memory)
        if request.context["page"] + 1 < self.pages:
            return page
        if self.stops:
            raise SourceError("the account is closed")
        whole = WalkEnd(walk=WALK, part="items", completeness=Completeness.WHOLE, reason="no next page is named")
        return replace(page, ends=[self.end or whole])

    def parts(self, reader: CoverageReader) -> Iterable[Part]:
        """Claim completeness as soon as the first page is there, as a source must not: the ends must correct it."""
        state = PartState.MISSING if reader.landed("page 0") is None else PartState.COMPLETE
        part = Part(key="items", name="items", state=state)
        yield part.with_open_requests(reader.by_part(lambda request: request.part).get("items", ()))

    def refill(self, key: str, reader: CoverageReader) -> Iterable[Request]:
        del key, reader
        return [self.page(0)]


def ended(
    reason: str,
    completeness: Completeness = Completeness.CUT,
    *,
    arrived: int | None = None,
    total: int | None = None,
) -> WalkEnd:
    return WalkEnd(
        walk=WALK,
        part="items",
        completeness=completeness,
        reason=reason,
        place="page 2",
        arrived=arrived,
        total=total,
    )


@dataclass(frozen=True)
class Way:
    """A way to be cut."""

    name: str
    source: Callable[[], Walker]
    said: str
    """A part of the reason that every output must give."""
    broken: Callable[[Request], Response | TransportError | None] = lambda _: None
    """The answer to a request instead of the truth; None for the truth."""
    part: PartState = PartState.CUT

    def __str__(self) -> str:
        return self.name


def fails(page: int, result: Response | TransportError) -> Callable[[Request], Response | TransportError | None]:
    return lambda request: result if request.context["page"] == page else None


GUARDS = [
    "page 1,000 is reached, a bound that nobody wrote",
    "the page repeats the page before",
    "no progress: the cursor stays where it was",
    "the next page is on another host",
    "the next link is refused: it is no address",
]
WAYS = [
    *(Way(reason, partial(Walker, end=ended(reason)), reason) for reason in GUARDS),
    Way(
        "fewer than the total",
        lambda: Walker(end=ended("a short page", Completeness.UNCONFIRMED, arrived=30, total=94)),
        "30 of 94 arrived",
    ),
    *(
        Way(f"a page answers {status}", Walker, str(status), fails(1, answer(status=status)), PartState.FAILED)
        for status in (400, 404, 410, 503)
    ),
    Way("a page is no JSON", Walker, "not the JSON", fails(1, replace(answer(), body=b"<html>")), PartState.FAILED),
    Way("a page times out", Walker, "too slow", fails(1, DeadlineExceeded("too slow")), PartState.FAILED),
    Way("the first page fails", Walker, "403", fails(0, answer(status=403)), PartState.FAILED),
]


async def harvested(database: Database, way: Way, **job: Any) -> tuple[Harvest, Walker]:
    source = way.source()
    transport = FakeTransport(lambda request, _: way.broken(request) or source.truth(request))
    return await run(database, source, transport, retries=0, **job), source


@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_a_cut_walk_is_cut_in_every_output(database: Database, way: Way) -> None:
    harvest, source = await harvested(database, way)
    deck = harvest.deck.snapshot()
    (group,) = deck.groups

    assert group.walks == WalkReport(cut=1, named=group.walks.named)
    (named,) = group.walks.named
    assert (named.walk, named.completeness) == (WALK, Completeness.CUT)
    assert way.said in named.reason
    judge(harvest, source, said=way.said, part="items", state=way.part)


async def test_a_source_that_stops_cuts_the_walks_it_has_not_ended(database: Database) -> None:
    harvest, _ = await harvested(database, Way("", lambda: Walker(stops=True), ""))
    deck = harvest.deck.snapshot()

    assert (deck.state, exit_code(deck, interrupted=False)) == (State.FAILED, Exit.FAILED)
    (named,) = deck.groups[0].walks.named
    assert (named.walk, named.place, named.reason) == (WALK, "page 2", "not read, because the source failed")


@pytest.mark.parametrize(
    ("completeness", "said", "part"),
    [
        (Completeness.WHOLE, "complete (1 walk)", PartState.COMPLETE),
        (Completeness.UNCONFIRMED, "1 of 1 walk end not confirmed", PartState.UNCONFIRMED),
        (Completeness.BOUNDED, "1 of 1 walk bounded", PartState.BOUNDED),
    ],
)
async def test_only_a_whole_walk_is_complete(
    database: Database, completeness: Completeness, said: str, part: PartState
) -> None:
    harvest, source = await harvested(database, Way("", lambda: Walker(end=ended("it ended", completeness)), ""))
    deck = harvest.deck.snapshot()

    assert exit_code(deck, interrupted=False) is Exit.COMPLETE
    assert endings(deck, {})[0].text.endswith(f"; {said}")
    with coverage_map(database.path, source, now=EPOCH) as found:
        assert [one.state for one in found.parts] == [part]


async def test_a_walk_that_a_limit_stopped_is_bounded_and_the_next_run_ends_it(database: Database) -> None:
    way = Way("", Walker, "")
    stopped, _ = await harvested(database, way, limit=2)
    deck = stopped.deck.snapshot()

    assert (deck.groups[0].walks.bounded, exit_code(deck, interrupted=False)) == (1, Exit.LIMITED)

    again, _ = await harvested(database, way)

    assert str(again.group().walks) == "complete (1 walk)"


async def test_a_walk_goes_on_when_its_failed_page_lands(database: Database) -> None:
    failed, _ = await harvested(database, Way("", Walker, "", fails(1, answer(status=404))))
    assert failed.group().walks.cut == 1

    again, source = await harvested(database, Way("", Walker, ""))

    assert str(again.group().walks) == "complete (1 walk)"
    assert exit_code(again.deck.snapshot(), interrupted=False) is Exit.COMPLETE
    with coverage_map(database.path, source, now=EPOCH) as found:
        assert [one.state for one in found.parts] == [PartState.COMPLETE]


@dataclass
class Parallel(Walker):
    """Asks for all pages at once; the last one is the end."""

    def seed(self, memory: Memory) -> Iterable[Request]:
        del memory
        return [self.page(number) for number in range(self.pages)]


@pytest.mark.parametrize("late", [0, 2])
async def test_a_failed_page_cuts_its_walk_whether_the_end_lands_before_or_after(database: Database, late: int) -> None:
    """Retries put the failure of page 0 behind the end, or the end on page 2 behind the failure."""
    source = Parallel()

    def script(request: Request, tries: int) -> Response:
        page = request.context["page"]
        if page == late and tries == 0:
            return answer(status=503)
        return answer(status=404) if page == 0 else source.truth(request)

    harvest = await run(database, source, FakeTransport(script), retries=1)

    assert (harvest.group().walks.cut, harvest.group().walks.whole) == (1, 0)


async def test_a_note_is_counted_and_kept(database: Database) -> None:
    lies = ended("no next page is named", Completeness.WHOLE, arrived=30, total=94)
    harvest, _ = await harvested(database, Way("", lambda: Walker(end=lies), ""))
    deck = harvest.deck.snapshot()

    assert exit_code(deck, interrupted=False) is Exit.COMPLETE
    assert (
        json.loads(to_json(summarize(deck, version="1", interrupted=False, rows={}, durations={})))["sources"]["fake"][
            "notes"
        ]
        == 1
    )
    found = errors.read(database.path, ["fake"], requests=False, notes=True)
    (line,) = errors.notes_text(found.notes)
    assert "1 x" in line
    assert "30 of its total of 94" in line
