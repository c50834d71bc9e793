"""The change feed under Pilot: what is counted at the start, what is listed, and when it counts as looked at."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from bench.screen.sample import deck
from engine.common.errors import StoreUnusable
from engine.model.changes import Changes, Tally
from tests.tui import fakes
from tests.tui.fakes import HOSTILE, SIZES, FakeControl, FakeLastSeen, lines, settle, text
from tui.screens.changes.last_seen import LastSeenFile, LastVisit, by_source, counted, since
from tui.screens.changes.screen import ChangeFeed
from tui.screens.dashboard.dashboard import Dashboard

BEFORE = LastVisit(at=deck.NOW - 7200, number=12, counts={"github pull new": 12, "github repo gone": 1})


async def read(pilot: Pilot[int], *keys: str) -> None:
    await settle(pilot, *keys)
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_the_start_says_what_came_since_the_last_look() -> None:
    last_seen = FakeLastSeen(BEFORE)
    app = fakes.app(last_seen=last_seen)

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await read(pilot)
        assert "since you last looked, 2h00 ago: github 3 changed, 2 renamed; h lists them" in text(app)

    assert last_seen.marked == []


async def test_the_first_start_says_nothing_and_remembers_what_there_is() -> None:
    last_seen = FakeLastSeen()
    app = fakes.app(last_seen=last_seen)

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await read(pilot)
        assert "since you last looked" not in text(app)

    assert last_seen.marked == [("harvest.db", deck.changes())]


async def test_the_list_has_what_came_since_and_on_demand_all_that_is_kept() -> None:
    app = fakes.app(last_seen=FakeLastSeen(BEFORE))

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await read(pilot, "h")
        assert isinstance(app.screen, ChangeFeed)
        page = text(app)
        assert "since you last looked: 3 changed, 2 renamed" in lines(app)[0]
        assert app.screen.length() == 6
        assert "full_name aurora/boat → aurora/ship" in page
        assert "state open → closed" in page
        await settle(pilot, "a")
        assert "in all: 12 new, 3 changed, 2 renamed, 1 gone" in lines(app)[0]
        assert app.screen.length() == 18
        assert text(app).count("● ") < 18


async def test_leaving_the_list_is_having_looked() -> None:
    last_seen = FakeLastSeen(BEFORE)
    app = fakes.app(last_seen=last_seen)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await read(pilot, "h")
        assert last_seen.marked == []
        await read(pilot, "escape")
        assert isinstance(app.screen, Dashboard)

    assert last_seen.marked == [("harvest.db", deck.changes())]


async def test_the_filter_looks_at_kinds_names_and_values() -> None:
    app = fakes.app(last_seen=FakeLastSeen(BEFORE))

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await read(pilot, "h")
        await settle(pilot, "slash", *"renamed", "enter")
        assert isinstance(app.screen, ChangeFeed)
        assert {one.kind for one in app.screen.found()} == {"renamed"}
        await settle(pilot, "escape", "slash", *"nothing like it", "enter")
        assert "no change passes the filter" in text(app)
        await settle(pilot, "y")


async def test_changes_are_copied_whole() -> None:
    copies = fakes.Copies()
    app = fakes.app(last_seen=FakeLastSeen(BEFORE), jobs=fakes.background_jobs(copies=copies))

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await read(pilot, "h")
        await read(pilot, "j", "y", "Y")

    assert copies.texts[0].startswith("renamed github repo 517 aurora/ship: full_name aurora/boat → aurora/ship, name")
    assert len(copies.texts[1].splitlines()) == 6


async def test_where_nothing_changed_the_list_says_so() -> None:
    control = FakeControl()
    control.changed = Changes(born=1.0, tallies=(), rows=())
    app = fakes.app(control, last_seen=FakeLastSeen(BEFORE))

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await read(pilot, "h")
        assert "no row changed since you last looked; a shows those before" in text(app)
        assert "since you last looked: nothing" in lines(app)[0]
        await settle(pilot, "a")
        assert " no row changed" in text(app)


async def test_a_database_that_cannot_be_read_is_told() -> None:
    control = FakeControl()
    control.unreadable = StoreUnusable("cannot read the database x: locked")
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await read(pilot, "h")
        assert "cannot read the database x: locked" in text(app)
        assert isinstance(app.screen, Dashboard)


@pytest.mark.parametrize("payload", HOSTILE)
@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_hostile_changes_are_shown_and_nothing_more(payload: str, size: tuple[int, int]) -> None:
    control = FakeControl()
    one = deck.changes().rows[1]
    bad = replace(one, source=payload, table=payload, key=payload, name=payload, kind=payload, what=((payload,) * 3,))
    tally = Tally(source=payload, table=payload, kind="new", count=3)
    control.changed = Changes(born=1.0, tallies=(tally,), rows=(bad,) * 40)
    app = fakes.app(control, last_seen=FakeLastSeen(LastVisit(at=0.0, number=0)))

    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        for keys in ([], ["c"], ["j"], ["a"]):
            await read(pilot, *keys)
            for line in lines(app):
                assert cell_len(line) == size[0]
                assert not any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in line)


@pytest.mark.parametrize("size", SIZES)
async def test_every_size_has_a_list(size: tuple[int, int]) -> None:
    app = fakes.app(last_seen=FakeLastSeen(BEFORE))

    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await read(pilot, "h")
        assert [cell_len(line) for line in lines(app)] == [size[0]] * size[1]
        assert "cannot draw" not in text(app)


def test_a_look_is_remembered_for_each_database_and_not_for_another_file_in_its_place(tmp_path: Path) -> None:
    memory, changes = LastSeenFile(tmp_path / "looked.toml"), deck.changes()

    memory.mark("a.db", changes, 5.0)

    visit = memory.last("a.db", changes)
    assert visit is not None
    assert (visit.at, visit.number, visit.counts["github pull new"]) == (5.0, 18, 12)
    assert since(changes, visit) == ()
    assert memory.last("b.db", changes) is None
    assert memory.last("a.db", replace(changes, born=1.0)) is None


def test_what_was_harvested_before_the_first_run_is_nothing_to_remember(tmp_path: Path) -> None:
    memory = LastSeenFile(tmp_path / "looked.toml")

    memory.mark("a.db", replace(deck.changes(), born=None), 5.0)

    assert not (tmp_path / "looked.toml").exists()


@pytest.mark.parametrize("damage", ["looked = 3", '[looked]\n"a.db" = 1', '[looked."a.db"]\nborn = 1.0\nat = "x"', "}"])
def test_a_damaged_memory_is_none_and_is_written_anew(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "looked.toml"
    file.write_text(damage)
    changes = replace(deck.changes(), born=1.0)

    assert LastSeenFile(file).last("a.db", changes) is None
    LastSeenFile(file).mark("a.db", changes, 5.0)

    assert LastSeenFile(file).last("a.db", changes) is not None


def test_the_looks_of_many_databases_are_let_go_of_the_oldest_first(tmp_path: Path) -> None:
    memory, changes = LastSeenFile(tmp_path / "looked.toml"), deck.changes()

    for number in range(60):
        memory.mark(f"{number}.db", changes, float(number))

    assert memory.last("9.db", changes) is None
    assert memory.last("10.db", changes) is not None


def test_a_memory_that_cannot_be_written_disturbs_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    LastSeenFile(tmp_path / "file" / "looked.toml").mark("a.db", deck.changes(), 5.0)


def test_sums_are_told_by_kind_and_by_source() -> None:
    tallies = [
        Tally(source="a", table="t", kind="new", count=1200),
        Tally(source="a", table="u", kind="new", count=1),
        Tally(source="b", table="t", kind="renamed", count=2),
    ]

    assert counted(tallies) == "1,201 new, 2 renamed"
    assert by_source(tallies) == "a 1,201 new; b 2 renamed"
    assert counted([]) == ""
