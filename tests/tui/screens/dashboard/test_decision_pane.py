"""The decision log as a pane: followed, held still, filtered, jumped through and copied, as the log is."""

from dataclasses import replace

from bench.screen.sample import deck as sample
from engine.model.snapshot import Decision, DeckState
from tests.tui import fakes
from tests.tui.fakes import FakeControl, lines, settle, text
from tui.screens.log_view import DecisionView
from tui.widgets.decisions import line, moment


def move(number: int, old: int = 4, new: int = 8, reason: str = "room") -> Decision:
    return Decision(number=number, at=sample.NOW + number, lane="core", old=old, new=new, reason=reason)


def deck(*moves: Decision, source: str = "github") -> DeckState:
    now = sample.deck()
    groups = tuple(replace(one, decisions=moves) if one.name == source else one for one in now.groups)
    return replace(now, groups=groups)


def test_a_cut_is_a_warning_and_a_rise_is_none() -> None:
    assert line("x", move(1, 4, 8)).level == "info"
    assert line("x", move(1, 8, 4)).level == "warn"
    assert "8 to 4    queue" in line("x", move(1, 8, 4, "queue")).text


def test_a_move_of_another_day_has_its_date() -> None:
    assert moment(sample.NOW, sample.NOW, None)[2] == ":"
    assert "-" in moment(sample.NOW - 86_400, sample.NOW, None)


def test_only_the_moves_of_its_own_source_are_newer() -> None:
    view = DecisionView(lambda: "github")
    view.toggle(deck(move(1), move(2)))

    grown = deck(move(1), move(2), move(90))

    assert view.newer(grown) == 1
    assert len(view.lines(grown)) == 2


def test_another_source_is_followed_from_its_end() -> None:
    source = ["github"]
    view = DecisionView(lambda: source[0])
    view.toggle(deck(move(1)))

    source[0] = "gitlab"

    assert view.lines(deck(move(1))) == ()
    assert view.frozen is None


async def test_d_shows_every_move_with_its_reason_the_newest_last() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "d")
        shown = lines(app)

    assert "[d Decisions]" in "".join(shown)
    assert any("14:21:31 core        12 to 8    queue 180 ms over base 208 ms" in one for one in shown)
    last = [one for one in shown if " ms over" in one][-1]
    assert "10 to 16   queue 11 ms over base 209 ms" in last


async def test_they_are_frozen_filtered_jumped_through_and_copied() -> None:
    control, copies = FakeControl(), fakes.Copies()
    app = fakes.app(control, jobs=fakes.background_jobs(copies=copies))

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "enter", "d", "n", "y")
        assert app.screen._panels["decisions"].display  # type: ignore[attr-defined]  # every board has panels
        await app.workers.wait_for_complete()
        assert copies.texts[-1].endswith("12 to 8    queue 180 ms over base 208 ms")
        await settle(pilot, "tab", "slash", *"11 ms", "enter")
        assert "/11 ms 1 " in text(app)
        await settle(pilot, "Y")
        await app.workers.wait_for_complete()
        assert copies.texts[-1].count("\n") == 0
        await settle(pilot, "escape", "escape", "escape", "f")
        control.deck = deck(*control.deck.groups[0].decisions, move(77))
        app.tick()
        await settle(pilot)
        assert "frozen, 1 newer" in text(app)
        await settle(pilot, "f", "t", "enter", "tab", "k", "pageup", "enter")
        assert "following" not in text(app)


async def test_a_source_that_never_moved_says_so() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "3", "d")

        assert "the limit has not moved" in text(app)
