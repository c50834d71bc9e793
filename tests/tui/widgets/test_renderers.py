"""The pure renderers: numbers, blocks, gauges and rows as arithmetic and text."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from bench.screen.sample import deck as sample
from engine.model.lane_state import Bound, LimitMode, Quota, SetBy, SlotState
from engine.model.snapshot import DeckState, LogLine, State
from engine.model.source_card import SourceCard
from engine.model.tuning import Tuning
from tests.tui.fakes import HOSTILE, ended, hostile
from tui.screens.dashboard.focus import progress
from tui.screens.picker import render
from tui.screens.triage import error_table
from tui.widgets import (
    charts,
    decisions,
    footer,
    gauge,
    limits,
    log,
    numbers,
    rules,
    settings,
    sources,
    workers,
)
from tui.widgets import (
    header as heading,
)
from tui.widgets import (
    help as help_page,
)
from tui.widgets.ascii_fallback import needed, plain
from tui.widgets.log import LogViewport
from tui.widgets.rows import Row, Span, Tone, fit, right, row, spread, wrap
from tui.widgets.spark import BLOCKS, buckets, chart, seconds_per_cell, spark, top
from tui.widgets.states import BOUNDS, SLOTS, STATES, bound

DECK = sample.deck()


def quota(limit: float | None, remaining: float | None) -> Quota:
    return Quota(name="core", origin="headers", limit=limit, remaining=remaining, resets_in=38.0)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (999, "999"),
        (9_999, "9,999"),
        (12_345, "12.3k"),
        (412_000, "412k"),
        (1_942_310, "1.9M"),
        (5e9, "5.0G"),
    ],
)
def test_a_count_takes_few_cells(value: float, said: str) -> None:
    assert numbers.count(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "-"), (38, "38s"), (724, "12m04"), (4800, "1h20"), (90_000, "1d01h"), (86_400 * 40, "40d"), (1e9, ">99d")],
)
def test_a_duration_names_its_two_biggest_units(value: float | None, said: str) -> None:
    assert numbers.duration(value) == said


def test_a_countdown_ticks_in_minutes_and_seconds() -> None:
    assert [numbers.countdown(value) for value in (None, 38, 2470, 6000)] == ["-", "00:38", "41:10", "1h40"]


def test_latencies_rates_and_sizes_change_their_unit_not_their_width() -> None:
    assert [numbers.latency(value) for value in (None, 0.212, 0.9996, 1.71, 38, 900)] == [
        *("-", "212ms", "1.0s", "1.7s", "38s", "900s")
    ]
    assert [numbers.rate(value) for value in (0, 0.3, 12.44, 99.97, 1204)] == ["0", "0.3", "12.4", "99", "1,204"]
    assert [numbers.size(value) for value in (0, 999, 41_200, 1.2e9, 9e17)] == [
        "0 B",
        "999 B",
        "41.2 kB",
        "1.2 GB",
        "900 PB",
    ]


def test_a_stopwatch_counts_days() -> None:
    assert numbers.stopwatch(8047) == "02:14:07"
    assert numbers.stopwatch(90_000) == "1d 01:00:00"


def test_only_all_of_it_is_a_hundred_percent() -> None:
    assert [numbers.share(part, 1000) for part in (0, 1, 460, 999, 1000)] == ["0%", "<1%", "46%", "99%", "100%"]
    assert numbers.share(3, 0) == "0%"


@given(st.floats(min_value=0, max_value=1e14))
def test_no_number_outgrows_its_column(value: float) -> None:
    five = (numbers.count, numbers.rate, numbers.latency, numbers.duration, numbers.countdown)

    assert all(len(say(value)) <= 5 for say in five)
    assert len(numbers.size(value)) <= 7


def test_a_sparkline_is_scaled_from_zero() -> None:
    assert spark([98, 100, 102], 102) == "███"
    assert spark([0, 50, 100], 100) == "▁▅█"


def test_a_little_is_higher_than_nothing() -> None:
    assert spark([0, 0.01, 100, None], 100) == "▁▂█ "


def test_a_cell_keeps_its_value_while_the_row_moves_on() -> None:
    values = [float(value) for value in range(60)]

    before = buckets(values, 10, 4, newest=103)
    after = buckets([*values, 9.0], 10, 4, newest=104)

    assert before[1:] == after[:-1]


def test_a_short_past_stands_at_the_right() -> None:
    assert buckets([1, 2], 4, 1, newest=7) == [None, None, 1, 2]
    assert top([None, 2.0, 1.0]) == 2.0
    assert top([]) == 0.0


def test_cells_stand_for_whole_seconds_and_show_a_minute() -> None:
    assert [seconds_per_cell(width) for width in (15, 22, 60, 90)] == [4, 3, 1, 1]


def test_a_chart_fills_from_the_bottom() -> None:
    assert chart([0, 50, 100, None], 100, 2) == ["  █ ", "▁██ "]


def test_a_bar_moves_in_eighths() -> None:
    assert gauge.bar(0.5, 4) == "██░░"
    assert gauge.bar(0.78, 8) == "██████▎░"
    assert gauge.bar(0, 3) == "░░░"
    assert gauge.bar(7, 3) == "███"


def test_an_unknown_limit_says_unknown_and_never_a_percentage() -> None:
    for found in (None, quota(None, None), quota(100, None), quota(0, 0)):
        said = "".join(span.text for span in gauge.gauge(found, 13))
        assert "%" not in said
        assert len(said) == 13
    assert "unknown" in gauge.gauge(quota(100, None), 13)[0].text
    assert "41 left" in gauge.gauge(quota(None, 41), 13)[0].text


def test_a_gauge_warns_before_it_is_empty() -> None:
    tones = [gauge.gauge(quota(100, left), 13)[0].tone for left in (80, 20, 3)]

    assert tones == [Tone.GOOD, Tone.WARN, Tone.BAD]


def test_the_tightest_quota_is_the_one_shown() -> None:
    few, many, unknown = quota(100, 10), quota(100, 90), quota(None, None)

    assert gauge.tightest([unknown, many, few]) is few
    assert gauge.tightest([unknown]) is unknown
    assert gauge.tightest([]) is None


def test_every_state_has_a_glyph_and_a_word_of_its_own() -> None:
    for marks in (STATES, SLOTS):
        assert len({mark.glyph for mark in marks.values()}) == len(marks)
        assert len({mark.short for mark in marks.values()}) == len(marks)
    assert set(STATES) == set(State)
    assert set(SLOTS) == set(SlotState)
    assert all(len(mark.short) <= 5 for mark in STATES.values())


def test_every_bound_has_words() -> None:
    assert set(BOUNDS) == set(Bound)
    assert bound(Bound.BUDGET, "").text == "the rate budget is used up"
    assert bound(Bound.BUDGET, "12 left").text == "12 left"


@given(st.text(max_size=60), st.integers(min_value=0, max_value=80))
def test_a_fitted_text_is_exactly_as_wide_as_asked(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width
    assert cell_len(right(text, width)) == width
    assert cell_len(row([Span(text), Span(text)], width).text) == width


def test_wide_letters_are_cut_at_whole_cells() -> None:
    assert fit("界界界", 4) == "界 …"
    assert right("界", 4) == "  界"


def test_the_right_end_goes_where_both_do_not_fit() -> None:
    assert spread([Span("left")], [Span("right")], 12).text == "left   right"
    assert spread([Span("left")], [Span("right")], 8).text == "left    "


def test_sentences_break_between_words() -> None:
    assert wrap("one two three", 8) == ["one two", "three"]
    assert wrap("incomprehensible", 8) == ["incompr…"]
    assert wrap("", 8) == []


def test_a_rule_keeps_its_parts_and_drops_its_end() -> None:
    assert rules.rule([Span("a")], 12, [Span("end")]).text == "─ a ── end ─"
    assert rules.rule([Span("a")], 8, [Span("end")]).text == "─ a ────"
    assert len(rules.rule([Span("long title")], 6).text) == 6


def test_ascii_likenesses_keep_every_column() -> None:
    pretty = "".join(mark.glyph for mark in (*STATES.values(), *SLOTS.values())) + BLOCKS + "─│┬░▏…▸·界é"

    assert plain(pretty).isascii()
    assert len(plain(pretty)) == cell_len(pretty)


def test_states_stay_apart_in_ascii() -> None:
    assert len({plain(mark.glyph) for mark in STATES.values()}) == len(STATES)
    assert len({plain(block) for block in BLOCKS}) == len(BLOCKS)


def test_ascii_is_for_other_locales_and_the_console() -> None:
    assert needed({}, "ANSI_X3.4-1968")
    assert needed({"TERM": "linux"}, "UTF-8")
    assert not needed({"TERM": "xterm-256color"}, "utf-8")


def test_the_source_table_aligns_every_number_with_its_heading() -> None:
    head, *body = [row.text for row in sources.table(DECK.groups, "github", 120, 6, 0)]

    assert head.endswith("ERR")
    for line, group in zip(body, DECK.groups, strict=True):
        assert line.endswith(f" {numbers.count(group.failed)}")
        assert line[3:15].rstrip() == group.name
        assert cell_len(line) == 120
    assert body[0].startswith("▸1 github")


def test_what_binds_a_source_is_in_the_table_while_it_runs() -> None:
    rows = [row.text for row in sources.table(DECK.groups, "github", 200, 8, 3)]
    at = rows[0].index("BOUND")

    assert [row[at - 6 : at + 5].strip() for row in rows[1:6]] == ["concurrency", "budget", "pin", "pause", "-"]


def test_the_next_tightest_limit_and_what_was_saved_have_columns_of_their_own() -> None:
    heading, github, pr0gramm, *_ = [row.text for row in sources.table(DECK.groups, "github", 200, 8, 3)]
    at = heading.index("NEXT LIMIT")

    assert github[at : at + 12].endswith("78%")
    assert pr0gramm[at : at + 12].strip() == "-"
    assert github[heading.index("SAVED") :].startswith("88.1k")


def test_whose_use_it_was_stands_beside_what_is_left() -> None:
    text = "\n".join(row.text for row in limits.panel(DECK.groups[0], 120, 6))

    assert "REMAINING YOURS OTHERS" in text
    assert "3,918/5,000   974    108  core" in text


def test_nobody_is_blamed_where_it_cannot_be_told() -> None:
    assert gauge.use(quota(60, 30)) == ""
    assert gauge.use(replace(quota(60, 30), own=30)) == ", yours 30"
    assert gauge.use(replace(quota(60, 30), own=20, others=10)) == ", yours 20, others 10"


def test_requests_that_were_not_needed_are_told_with_their_reasons() -> None:
    text = "\n".join(row.text for row in progress(DECK.groups[0], 120, 3))

    assert "88.1k requests avoided   61.2k unchanged since the last run   26.9k many in one query" in text
    assert "avoided 88.1k" in progress(DECK.groups[0], 120, 2)[1].text
    assert "no request avoided yet" in progress(DECK.groups[1], 120, 3)[2].text


def test_a_pin_that_differs_from_lane_to_lane_is_said_to() -> None:
    github = DECK.groups[0]

    rows = [row.text for row in settings.body(github, github.tuning, 100, 7, None)]

    assert "another in each lane" in rows[2]
    assert "automatic" in rows[1]


def test_tabs_shorten_before_the_state_of_the_pane_goes() -> None:
    names = [rules.Tab("l", "Log"), rules.Tab("e", "Errors 234", "Err 234"), rules.Tab("w", "Workers", "Wrk")]
    end = [Span("following")]

    found = [rules.tabs("log", names, width, end).text for width in (60, 47, 36)]

    assert ["Errors 234" in found[0], "e Err 234 ─ w Wrk" in found[1], "[l Log] ─ e ─ w ─" in found[2]] == [True] * 3
    assert all("following" in one for one in found)


def test_the_source_table_scrolls_to_the_selected_one() -> None:
    groups = tuple(replace(DECK.groups[0], name=f"source{number}") for number in range(20))

    shown = "\n".join(row.text for row in sources.table(groups, "source19", 80, 5, 0))

    assert "▸  source19" in shown
    assert "source0 " not in shown
    assert sources.first_row([group.name for group in groups], "source0", 5) == 0


def test_narrow_tables_give_up_columns_before_names() -> None:
    plans = {width: sources.plan(width) for width in (30, 60, 80, 200)}
    at = {width: [column.title for column in (*plan.before, *plan.after)] for width, plan in plans.items()}

    assert at[30] == ["ERR"]
    assert at[60] == ["FLIGHT", "REQ/S", "ERR"]
    assert at[80] == ["FLIGHT", "REQ/S", "RESET", "ERR"]
    assert set(at[200]) >= {"P50", "P95", "DONE", "QUEUE", "ETA", "ROWS", "BYTES"}


def test_limits_name_the_bound_in_words() -> None:
    shown = [row.text for row in limits.panel(DECK.groups[1], 120, 3)]

    assert "budget minute: 0 of 60 left, resets in 38 s" in shown[-1] or "budget minute" in shown[-1]
    assert "0/60" in shown[-1]


@pytest.mark.parametrize(("width", "height"), [(80, 3), (120, 3), (200, 6)])
def test_a_pin_that_something_holds_back_says_what_it_is(width: int, height: int) -> None:
    reason = "pinned 40, running 6: budget core: 9 of 60 left, resets in 38 s: spread evenly"
    lane = replace(
        DECK.groups[1].lanes[0], mode=LimitMode(SetBy.PIN, 40), limit=40, in_flight=6, bound=Bound.BUDGET, reason=reason
    )
    group = replace(DECK.groups[1], lanes=(lane,), state=State.WAITING, reason=reason)

    panel = " ".join(row.text for row in limits.panel(group, width, height))
    status = footer.status(replace(DECK, groups=(group,)), group.name, None, width).text

    assert "pin 40" in panel
    assert "6/40" in panel
    assert "pinned 40, running 6: budget" in (panel if width > 100 else status)


def test_limits_that_find_no_room_are_counted() -> None:
    lane = DECK.groups[0].lanes[0]
    group = replace(DECK.groups[0], lanes=(lane,) * 6)

    shown = limits.panel(group, 80, 4)

    assert "4 more limits" in shown[-1].text


def test_workers_show_as_marks_and_as_a_grid() -> None:
    strip = "".join(row.text for row in workers.strip(DECK.groups[1], 80))
    grid = "\n".join(row.text for row in workers.grid(DECK.groups[1], 80, 8))

    assert "00▲ 01□ 02□" in strip
    assert "00 ▲ test" in grid
    assert "01 □ idle" in grid
    assert "1 canary" in grid


def test_the_log_has_its_newest_line_at_the_bottom() -> None:
    shown = [row.text for row in log.body(DECK.log, 120, 5, None)]

    assert str(DECK.log[-1].number) in shown[-1]
    assert str(DECK.log[-2].number) in shown[-2]


def test_the_log_scrolls_back_no_further_than_its_first_line() -> None:
    shown = log.body(DECK.log, 120, 5, None, log.LogViewport(back=10_000))

    assert str(DECK.log[0].number) in shown[0].text
    assert "nothing has happened yet" in log.body((), 80, 2, None)[0].text


def test_the_error_table_puts_a_long_story_in_two_lines() -> None:
    wide = error_table.body(DECK.failures, 160, 9, DECK.at)
    narrow = error_table.body(DECK.failures, 48, 9, DECK.at)

    assert "refused ten times in a row" in wide[1].text
    assert "GET /items/get" in wide[1].text
    assert "refused" not in narrow[1].text
    assert "refused ten times in a row" in narrow[2].text
    assert error_table.length(DECK.failures, 48) == 11


def test_no_error_is_said_in_words() -> None:
    assert "no request failed for good" in error_table.body((), 80, 3, 0.0)[0].text


def test_the_status_line_says_why_the_selected_source_waits() -> None:
    assert "pr0gramm waiting: budget minute" in footer.status(DECK, "pr0gramm", None, 120).text
    assert "gitlab paused: paused by you" in footer.status(DECK, "gitlab", None, 120).text
    assert "pr0gramm" not in footer.status(DECK, "github", None, 120, alone=True).text


def test_the_status_line_says_what_a_stop_waits_for() -> None:
    draining = replace(DECK, state=State.DRAINING, reason="3 requests in flight")

    assert "waits for 3 requests in flight; q again ends at once" in footer.status(draining, "", None, 120).text


@pytest.mark.parametrize("state", [State.DONE, State.STOPPED, State.FAILED])
def test_the_status_line_says_how_it_ended_and_how_to_leave(state: State) -> None:
    said = footer.status(ended(state), "github", None, 120).text

    assert STATES[state].word in said
    assert "q leaves" in said


def test_the_footer_keeps_help_and_quit() -> None:
    found = [footer.Hint("a", "first"), footer.Hint("b", "second"), footer.Hint("q", "quit", last=True)]

    assert footer.keys(found, 20).text.split() == ["a", "first", "q", "quit"]


def test_one_line_tells_state_rate_and_errors() -> None:
    assert heading.one_line(DECK, 40).text.split()[:5] == ["●", "running", "108/s", "err", "234"]


def chart_of(which: int, deck: DeckState, width: int, height: int) -> list[Row]:
    return charts.panel(deck.groups[0], width, height, which=which, window=60, second=3, alone=which % 2 == 0)


def moves(deck: DeckState) -> list[LogLine]:
    return [decisions.line("x", replace(one, lane=deck.reason, reason=deck.reason)) for one in deck.groups[0].decisions]


RENDERED: dict[str, Callable[[DeckState, int, int], list[Row]]] = {
    "sources": lambda deck, w, h: sources.table(deck.groups, deck.groups[0].name, w, h, 3),
    "limits": lambda deck, w, h: limits.panel(deck.groups[0], w, h),
    "grid": lambda deck, w, h: workers.grid(deck.groups[0], w, h),
    "strip": lambda deck, w, _h: workers.strip(deck.groups[0], w),
    "log": lambda deck, w, h: log.body(deck.log, w, h, None),
    "failures": lambda deck, w, h: error_table.body(deck.failures, w, h, deck.at),
    "progress": lambda deck, w, h: progress(deck.groups[0], w, h),
    **{f"chart {which}": partial(chart_of, which) for which in range(4)},
    "decisions": lambda deck, w, h: decisions.body(moves(deck), w, h, deck.at, None, LogViewport()),
    "settings": lambda deck, w, h: settings.body(deck.groups[0], Tuning(policy=deck.reason), w, h, 2),
    "heading": lambda deck, w, _h: [heading.deck(deck, w), heading.one_line(deck, w), footer.status(deck, "", None, w)],
    "cards": lambda deck, w, h: (
        render.table([card(deck.reason)], 0, [], w, h) + render.details(card(deck.reason), "", w, h)
    ),
    "keys": lambda deck, w, h: help_page.page([help_page.Key("move", deck.reason, deck.reason)], w, h, 0),
}


def card(text: str) -> SourceCard:
    told = replace(sample.cards()[0], name=text, summary=text, terms=text, limits=text, cost=text)
    return replace(told, problem=text, access=text)


def test_what_the_next_run_costs_is_among_the_details_where_it_is_known() -> None:
    told = replace(sample.cards()[0], cost="core 12 to 30 requests, 8m (plain 171, 1h or more)")

    known = "\n".join(line.text for line in render.details(told, "", 100, 12))
    unknown = "\n".join(line.text for line in render.details(replace(told, cost=""), "", 100, 12))

    assert " next run  core 12 to 30 requests, 8m (plain 171, 1h or more)" in known
    assert "next run" not in unknown


@pytest.mark.parametrize("payload", ["github", *HOSTILE])
@pytest.mark.parametrize("name", RENDERED)
def test_every_row_is_exactly_as_wide_as_its_panel(name: str, payload: str) -> None:
    for width, height in ((1, 1), (7, 2), (30, 6), (80, 9), (120, 12), (200, 20)):
        rows = RENDERED[name](hostile(payload), width, height)
        assert {cell_len(row.text) for row in rows} <= {width}


def test_no_group_of_the_help_page_is_divided() -> None:
    found = [help_page.Key("move", str(number), "moves") for number in range(8)]
    found += [
        help_page.Key("tune", "+", "tunes"),
        *(help_page.Key("app", str(number), "is said") for number in range(4)),
    ]

    for width in (40, 80, 120):
        lines = [row.text for row in help_page.page(found, width, help_page.depth(found, width), 0)]
        each = width // (width // 38)
        tops = [lines[0][at : at + each].strip() for at in range(0, width, each)]
        assert set(tops) <= {*help_page.GROUPS.values(), "Marks", ""}
        assert tops[0] == "Move"


def test_a_source_that_has_ended_finishes_nothing_any_more() -> None:
    group = sample.deck().groups[0]
    lane = replace(group.lanes[0], bound=Bound.DRAIN, reason="finishing what is in flight")

    draining = limits.panel(replace(group, lanes=(lane,), state=State.DRAINING), 80, 3)
    done = limits.panel(replace(group, lanes=(lane,), state=State.DONE), 80, 3)

    assert "finishing what is in flight" in draining[1].text
    assert "nothing runs any more" in done[1].text
