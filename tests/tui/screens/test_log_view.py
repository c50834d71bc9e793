"""How the log is looked at."""

from dataclasses import replace

import pytest
from textual import events

from bench.screen.sample import deck as sample
from engine.model.commands import Stop
from engine.model.snapshot import DeckState, LogLine
from tests.tui import fakes
from tests.tui.fakes import FakeControl, lines, settle, text
from tui.screens.filter import parse
from tui.screens.log_view import LogView
from tui.widgets.log import LogViewport, body, whole, window


def line(number: int, level: str = "info", source: str = "github", text: str = "") -> LogLine:
    return LogLine(number=number, at=float(number), level=level, source=source, slot=1, text=text or f"GET {number}")


def deck(*lines: LogLine) -> DeckState:
    return replace(sample.deck(), log=lines)


LOG = deck(line(1), line(2, "warn"), line(3, source="gitlab"), line(4, "error"), line(5))


def numbers(found: object) -> list[int]:
    return [one.number for one in found]  # type: ignore[attr-defined]  # log lines


def test_levels_come_one_after_the_other_and_round_again() -> None:
    view = LogView()

    assert numbers(view.lines(LOG)) == [1, 2, 3, 4, 5]
    assert view.louder() == "warn"
    assert numbers(view.lines(LOG)) == [2, 4]
    assert view.louder() == "error"
    assert numbers(view.lines(LOG)) == [4]
    assert view.louder() == "info"


def test_a_level_nobody_has_heard_of_always_shows() -> None:
    view = LogView()
    view.louder()

    assert numbers(view.lines(deck(line(1, "odd"), line(2)))) == [1]


def test_the_filter_looks_at_level_worker_and_text() -> None:
    view = LogView()

    for wanted, found in (("gitlab", [3]), ("error", [4]), ("github/01", [1, 2, 4, 5]), ("re:get [15]", [1, 5])):
        view.filter = parse(wanted)
        assert numbers(view.lines(LOG)) == found
    view.filter = parse("!re:.")
    assert view.lines(LOG) == []


def test_a_worker_is_found_by_its_number_and_by_its_lane_too() -> None:
    log = deck(*(replace(line(number), lane=lane) for number, lane in ((1, "core"), (2, "graphql"))))
    view = LogView()

    for wanted, found in (("github/01", [1, 2]), ("github/core/01", [1]), ("github/graphql/01", [2])):
        view.filter = parse(wanted)
        assert numbers(view.lines(log)) == found


@pytest.mark.parametrize(
    ("width", "several", "named"),
    [
        (120, {"pr0gramm"}, " pr0gramm/list/01 "),
        (80, {"pr0gramm"}, " pr0gramm/01 "),
        (40, {"pr0gramm"}, " pr0gramm/01 "),
        (120, {"github"}, " pr0gramm/01 "),
    ],
)
def test_a_worker_is_named_with_its_lane_where_there_are_several_and_room(
    width: int, several: set[str], named: str
) -> None:
    found = replace(line(1, source="pr0gramm"), lane="lists")

    (shown,) = body([found], width, 1, None, LogViewport(several=several))

    assert named in shown.text
    assert "pr0gramm/lists/01" in whole(found)


def test_one_source_shows_its_own_lines() -> None:
    assert numbers(LogView().lines(LOG, "gitlab")) == [3]


def test_the_cursor_begins_at_the_newest_line_and_holds_the_log_still() -> None:
    view = LogView()

    view.move(LOG, view.lines(LOG), 0)
    assert view.cursor == 5
    view.move(LOG, view.lines(LOG), -99)

    assert view.cursor == 1
    assert view.frozen == LOG.log
    view.follow()
    assert [view.cursor, view.frozen] == [None, None]


def test_the_cursor_stays_on_its_line_when_a_filter_hides_others() -> None:
    view = LogView()
    view.move(LOG, view.lines(LOG), 0)
    view.move(LOG, view.lines(LOG), -1)

    view.filter = parse("re:error|warn")

    assert view.at(view.lines(LOG)) == 1
    view.filter = parse("gitlab")
    assert view.at(view.lines(LOG)) == 0


def test_next_and_previous_go_among_warnings_and_errors() -> None:
    view = LogView()

    assert view.jump(LOG, view.lines(LOG), -1)
    assert view.cursor == 4
    assert view.jump(LOG, view.lines(LOG), -1)
    assert view.cursor == 2
    assert not view.jump(LOG, view.lines(LOG), -1)
    assert view.jump(LOG, view.lines(LOG), 1)
    assert view.cursor == 4


def test_next_and_previous_go_among_the_matches_of_a_filter() -> None:
    view = LogView()
    view.filter = parse("re:GET [13]")

    view.jump(LOG, view.lines(LOG), -1)
    assert view.cursor == 3
    view.jump(LOG, view.lines(LOG), -1)
    assert view.cursor == 1


def test_an_empty_log_has_no_cursor() -> None:
    view = LogView()

    view.move(deck(), (), 1)

    assert view.cursor is None
    assert not view.jump(deck(), (), 1)


def test_the_window_keeps_the_cursor_in_the_middle() -> None:
    assert window(100, 10, LogViewport()) == range(90, 100)
    assert window(100, 10, LogViewport(back=20)) == range(70, 80)
    assert 50 in window(100, 10, LogViewport(cursor=50))
    assert window(100, 10, LogViewport(cursor=0)) == range(10)
    assert window(100, 10, LogViewport(cursor=99)) == range(90, 100)
    assert window(3, 10, LogViewport(cursor=1)) == range(3)


def test_a_copied_line_has_its_whole_time_and_text() -> None:
    assert whole(replace(line(0), text="x" * 300)) == "1970-01-01T00:00:00Z info github/01 " + "x" * 300


async def test_letters_typed_in_the_filter_fire_no_binding() -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "slash", *"qPjke", "space", "plus", "question_mark", "T", "tab")
        assert "/qPjke +?T▏" in lines(app)[-1]
        assert app.is_running
        assert "no line passes the filter" in text(app)
        await settle(pilot, "escape")
        assert "following" in text(app)
        assert "no line passes the filter" not in text(app)

    assert control.commands == []


async def test_what_is_pasted_into_the_filter_is_one_line_and_elsewhere_nothing() -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        app.post_message(events.Paste("q\n:quit\nP y\n"))
        await settle(pilot)
        assert app.is_running
        await settle(pilot, "slash")
        app.post_message(events.Paste("q\n\x1b[31m"))
        await settle(pilot)
        assert "/q↵␛[31m▏" in lines(app)[-1]

    assert control.commands == []


async def test_ctrl_c_closes_the_filter_before_it_leaves() -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "slash", "a", "ctrl+c")
        assert control.commands == []
        await settle(pilot, "ctrl+c", "ctrl+c")

    assert control.commands == [Stop()]


async def test_the_log_shows_what_passes_and_escape_takes_the_filter_away() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "slash", *"gone", "enter")
        shown = [one for one in lines(app) if "yt-dlp" in one or "GET" in one]
        assert shown
        assert all("gone" in one for one in shown)
        assert "/gone" in text(app)
        await settle(pilot, "escape")
        assert any("GET" in one for one in lines(app))


async def test_a_bad_expression_is_told_in_a_line_and_the_last_good_one_stays() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "slash", *"re:(")
        assert "re:( is no regular expression" in lines(app)[-2]
        await settle(pilot, *"gone)")
        assert "no regular expression" not in lines(app)[-2]
        assert "gone" in text(app)


async def test_levels_times_and_zoom_have_their_keys() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "L")
        assert "warn+" in text(app)
        assert "· info" not in text(app)
        await settle(pilot, "L", "L", "t")
        assert "14:42" not in text(app)
        await settle(pilot, "t", "z")
        assert "14:42" in text(app)
        assert "▸1 github" not in text(app)
        assert sum("14:42" in one for one in lines(app)) == 20
        await settle(pilot, "z")
        assert "▸1 github" in text(app)


async def test_tab_moves_the_keys_into_the_pane_and_escape_out_again() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "tab", "k", "k")
        assert "▸1 github" in text(app)
        assert "frozen" in text(app)
        await settle(pilot, "pageup", "pagedown", "G", "g", "escape", "j")
        assert "▸2 pr0gramm" in text(app)


async def test_a_row_of_the_log_is_copied_whole_and_so_is_the_pane() -> None:
    copies = fakes.Copies()
    app = fakes.app(jobs=fakes.background_jobs(copies=copies))

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "y")
        await app.workers.wait_for_complete()
        await settle(pilot, "n", "y")
        await app.workers.wait_for_complete()
        await settle(pilot)
        assert "copied" in lines(app)[-2]
        await settle(pilot, "Y")
        await app.workers.wait_for_complete()

    assert copies.texts[0].startswith("github running")
    assert copies.texts[1].startswith("2026-01-01T14:42:")
    assert "\n" not in copies.texts[1]
    assert len(copies.texts[2].splitlines()) > 3


async def test_the_workers_pane_scrolls_and_copies_too() -> None:
    copies = fakes.Copies()
    app = fakes.app(jobs=fakes.background_jobs(copies=copies))

    async with app.run_test(size=(60, 15), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "w", "tab", "j", "j", "Y", "slash")
        await app.workers.wait_for_complete()
        assert "following" in text(app)

    assert "busy" in copies.texts[0]


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40)])
async def test_the_cursor_among_the_workers_stays_in_view_and_on_its_place(size: tuple[int, int]) -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await settle(pilot, "w", "tab", "G")
        last = app._choice.worker
        assert sum("▸grap" in line for line in lines(app)) == 1
        await settle(pilot, "pageup", "pagedown", "k", "j")
        assert app._choice.worker == last
        group = control.deck.groups[0]
        more = replace(group.lanes[0], slots=(*group.lanes[0].slots, group.lanes[0].slots[0]))
        control.deck = replace(
            control.deck, groups=(replace(group, lanes=(more, *group.lanes[1:])), *control.deck.groups[1:])
        )
        app.tick()
        await settle(pilot)
        assert app._choice.worker == last
        assert sum("▸grap" in line for line in lines(app)) == 1
        await settle(pilot, "g")
        assert sum("▸core/00" in line for line in lines(app)) == 1


async def test_a_source_without_workers_has_none_to_open() -> None:
    deck = FakeControl().deck
    lanes = tuple(replace(lane, slots=()) for lane in deck.groups[0].lanes)
    app = fakes.app(FakeControl(replace(deck, groups=(replace(deck.groups[0], lanes=lanes),))))

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "w", "tab", "j", "enter", "pagedown")

        assert "no workers yet" in text(app)


async def test_enter_on_an_error_in_the_log_shows_its_requests() -> None:
    control = FakeControl()
    failure = control.deck.failures[0]
    control.deck = replace(control.deck, log=(line(1), replace(line(2, "error"), failure=failure.fingerprint), line(3)))
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "tab", "enter")
        assert "errors ▸" not in lines(app)[0]
        await settle(pilot, "k", "enter")
        assert f"errors ▸ {failure.source} {failure.kind}" in lines(app)[0]
        await settle(pilot, "escape")
        assert "frozen" in text(app)
