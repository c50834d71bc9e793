"""The coverage map under Pilot: what it lists, how it is narrowed and sorted, and what its keys fetch."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from bench.screen.sample import deck
from engine.common.errors import StoreUnusable, UsageError
from engine.model.changes import Changes
from engine.model.commands import Command, Done, Fill, Outcome
from engine.model.control import Control
from engine.model.coverage import Part
from engine.model.snapshot import State
from tests.tui import fakes
from tests.tui.fakes import HOSTILE, SIZES, FakeControl, answered, ended, lines, settle, text
from tui.app.app import FetchdeckApp
from tui.screens.coverage.screen import Coverage
from tui.screens.dashboard.dashboard import Dashboard
from tui.screens.picker.screen import Picker


class Archived:
    """What is on disk while nothing runs; it notes what was begun."""

    database = "rows.db"

    def __init__(self, problem: str = "") -> None:
        self.begun: list[tuple[str, Sequence[str]]] = []
        self.problem = problem

    def parts(self, source: str) -> Sequence[Part]:
        return deck.parts(source)

    def changes(self) -> Changes:
        return deck.changes()

    def begin(self, source: str, parts: Sequence[str]) -> Control:
        if self.problem:
            raise UsageError(self.problem)
        self.begun.append((source, tuple(parts)))
        return FakeControl()


async def opened(pilot: Pilot[int], *keys: str) -> Coverage:
    """Open the map and wait for what is read in a thread."""
    await settle(pilot, "C")
    await read(pilot)
    await settle(pilot, *keys)
    await read(pilot)
    app = pilot.app
    assert isinstance(app.screen, Coverage)
    return app.screen


async def read(pilot: Pilot[int]) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_the_map_lists_every_part_with_its_state_rows_and_age() -> None:
    app = fakes.app()

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await opened(pilot)
        page = text(app)

    assert "coverage ▸ github" in page
    assert "3 failed, 3 missing, 3 stale, 3 unknown, 3 queued, 3 complete" in page
    assert "◐ stale" in page
    assert "aurora/crane-0 issues 2025" in page
    assert "the repository moved since" in page
    assert "unknown; rows unknown" not in page
    assert "known  2026-01-01 14:42:51; rows 0" in page


@pytest.mark.parametrize("key", ["enter", "F"])
async def test_a_key_fetches_just_the_part_under_the_cursor(key: str) -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await opened(pilot, "j", key)
        assert "github: fetches aurora/crane-0:issues" in text(app)

    assert control.commands == [Fill("github", ("aurora/crane-0:issues",))]


async def test_a_part_that_needs_nothing_is_told_so() -> None:
    class Full(FakeControl):
        def send(self, command: Command) -> Future[Outcome]:
            return answered(Done(0))

    app = fakes.app(Full())

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await opened(pilot, "enter")
        assert "aurora/crane-0:pulls needs nothing; --full" in text(app)


async def test_the_filter_looks_at_states_and_all_that_it_lets_through_is_fetched_at_once() -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        screen = await opened(pilot, "slash", *"missing", "enter")
        assert [one.state for one in screen.found()] == ["missing"] * 3
        await settle(pilot, "A")
        assert "fetch 3 parts of github? y/N" in lines(app)[-1]
        await settle(pilot, "n")
        assert control.commands == []
        await settle(pilot, "A", "y")
        await read(pilot)
        await settle(pilot, "escape")
        assert len(screen.found()) == 18

    assert control.commands == [Fill("github", tuple(f"aurora/crane-{n}:issues" for n in (1, 3, 5)))]


async def test_nothing_is_fetched_where_nothing_is_to_be_had() -> None:
    control = FakeControl()
    control.mapped = [one for one in deck.parts("github") if one.state == "complete"]
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        screen = await opened(pilot, "A")
        assert screen.prompt is None


async def test_sorting_goes_round_and_begins_at_the_top() -> None:
    app = fakes.app()

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        screen = await opened(pilot, "G", "o")
        assert screen.cursor == 0
        assert screen.found()[0].state == "failed"
        assert "worst first" in lines(app)[0]
        await settle(pilot, "o")
        assert [one.name for one in screen.found()] == sorted(one.name for one in screen.found())
        await settle(pilot, "o")
        assert screen.found()[0].rows == max(one.rows or 0 for one in screen.found())
        await settle(pilot, "o")
        assert screen.found()[0].updated is None
        await settle(pilot, "o")
        assert screen.found() == deck.parts("github")


async def test_tab_goes_from_source_to_source_and_escape_back() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await opened(pilot, "tab")
        assert "coverage ▸ pr0gramm" in lines(app)[0]
        assert "5000000-5600000" not in lines(app)[0]
        assert "ids 5,000,000 to 5,600,000" in text(app)
        await settle(pilot, "escape")
        assert isinstance(app.screen, Dashboard)


async def test_a_map_is_read_again_while_its_source_runs_and_the_cursor_stays_on_its_part() -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        screen = await opened(pilot, "j", "j")
        control.mapped = deck.parts("github")[1:]
        control.deck = replace(control.deck, at=control.deck.at + 6)
        app.tick()
        await read(pilot)

        assert screen.part == deck.parts("github")[2]
        assert screen.cursor == 1


async def test_rows_are_copied_one_or_all() -> None:
    copies = fakes.Copies()
    app = fakes.app(jobs=fakes.background_jobs(copies=copies))

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await opened(pilot, "y", "Y")

    assert copies.texts[0] == "github aurora/crane-0:pulls: complete, 0 rows"
    assert len(copies.texts[1].splitlines()) == 18


async def test_ten_thousand_parts_are_drawn_as_quickly_as_those_that_are_seen() -> None:
    control = FakeControl()
    first = deck.parts("github")[1]
    control.mapped = [replace(first, key=f"k{n}", name=f"part {n}") for n in range(10_000)]
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        screen = await opened(pilot, "G")
        assert screen.part == control.mapped[-1]
        assert "part 9999" in text(app)
        assert len(screen.rows(80, 15)) == 15
        assert screen.found() is screen.found()


async def test_a_database_that_cannot_be_read_is_told_and_the_page_stays() -> None:
    control = FakeControl()
    control.unreadable = StoreUnusable("cannot read the database x: locked")
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await opened(pilot)
        assert "cannot read the database x: locked" in text(app)
        assert "reading the database" in text(app)


async def test_a_map_without_parts_and_a_filter_without_a_match_say_so() -> None:
    control = FakeControl()
    control.mapped = []
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await opened(pilot, "enter", "y")
        assert "github has no parts to show yet" in text(app)
        control.mapped = None
        await settle(pilot, "q")
        await opened(pilot, "slash", *"nothing like it", "enter")
        assert "no part passes the filter" in text(app)


async def test_from_the_picker_the_map_of_the_source_under_the_cursor_opens_and_a_part_starts_a_harvest() -> None:
    stored = Archived()
    app = fakes.app(picker=True, stored_data=stored)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await opened(pilot, "j")
        await settle(pilot, "F")
        await read(pilot)
        assert isinstance(app.screen, Dashboard)

    assert stored.begun == [("github", ("aurora/crane-0:issues",))]


async def test_where_the_harvest_has_ended_a_part_starts_another_one() -> None:
    stored, control = Archived(), FakeControl(ended(State.DONE))
    app = fakes.app(control, stored_data=stored)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await opened(pilot, "j", "F")
        assert "github: fetches aurora/crane-0:issues" in text(app)
        assert isinstance(app.screen, Coverage)
        await settle(pilot, "escape", "space")

    assert stored.begun == [("github", ("aurora/crane-0:issues",))]
    assert control.commands == []


async def test_from_the_picker_what_cannot_begin_is_told() -> None:
    app = fakes.app(picker=True, stored_data=Archived("github: no token"))

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await opened(pilot, "F")
        assert "github: no token" in text(app)
        await settle(pilot, "escape")
        assert isinstance(app.screen, Picker)


@pytest.mark.parametrize("payload", HOSTILE)
@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_hostile_parts_are_shown_and_nothing_more(payload: str, size: tuple[int, int]) -> None:
    control = FakeControl()
    one = replace(deck.parts("github")[2], key=payload, name=payload, detail=payload)
    control.mapped = [one] * 50
    app = fakes.app(control)

    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        for keys in ([], ["o"], ["o"], ["F"], ["A"], ["n"]):
            await (opened(pilot, *keys) if not keys else settle(pilot, *keys))
            _is_inert(app, size)


@pytest.mark.parametrize("size", SIZES)
async def test_every_size_has_a_map(size: tuple[int, int]) -> None:
    app = fakes.app()

    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await opened(pilot)
        assert [cell_len(line) for line in lines(app)] == [size[0]] * size[1]
        assert "cannot draw" not in text(app)


def _is_inert(app: FetchdeckApp, size: tuple[int, int]) -> None:
    for line in lines(app):
        assert cell_len(line) == size[0]
        assert not any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in line)
