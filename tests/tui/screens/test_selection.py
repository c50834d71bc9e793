"""What the person looks at, and what a wish to leave means."""

from dataclasses import replace

import pytest

from bench.screen.sample import deck
from engine.model.snapshot import LogLine, State
from tui.actions.messages import QuitAction, quit_action, screen_exit_code
from tui.screens.layout import Pane
from tui.screens.selection import Choice

DECK = deck.deck()


def later(number: int) -> LogLine:
    return replace(DECK.log[-1], number=DECK.log[-1].number + number)


def test_the_first_source_is_chosen_at_the_start() -> None:
    choice = Choice()

    choice.group(DECK)

    assert choice.source == "github"
    assert Choice().group(replace(DECK, groups=())) is None


def test_moving_stops_at_both_ends() -> None:
    choice = Choice()

    choice.move(DECK, -3)
    assert choice.source == "github"

    choice.move(DECK, 99)
    assert choice.source == "anime"


def test_a_frozen_log_stands_still_and_counts_what_is_newer() -> None:
    view = Choice().log
    view.toggle(DECK)

    grown = replace(DECK, log=(*DECK.log[1:], later(1)))

    assert view.lines(grown) == DECK.log
    assert view.newer(grown) == 1
    view.toggle(grown)
    assert view.lines(grown) == grown.log
    assert view.newer(grown) == 0


def test_scrolling_the_log_freezes_it() -> None:
    view = Choice().log

    view.scroll(DECK, 10, longest=30)
    view.scroll(DECK, 99, longest=30)

    assert view.frozen == DECK.log
    assert view.scrolled == 30


def test_turning_to_a_pane_starts_unscrolled() -> None:
    choice = Choice()
    choice.show(Pane.ERRORS)
    choice.scroll(4, longest=9)

    choice.show(Pane.WORKERS)

    assert choice.scrolled == 0
    assert choice.log.frozen is None


@pytest.mark.parametrize("state", [None, State.DONE, State.STOPPED, State.FAILED])
def test_where_nothing_runs_one_leaves_at_once(state: State | None) -> None:
    assert quit_action(state, asked=False) is QuitAction.LEAVE


@pytest.mark.parametrize("state", [State.IDLE, State.RUNNING, State.WAITING, State.PAUSED])
def test_the_first_wish_to_leave_stops_and_the_second_ends_at_once(state: State) -> None:
    assert quit_action(state, asked=False) is QuitAction.STOP
    assert quit_action(state, asked=True) is QuitAction.STOP_NOW


def test_a_harvest_that_drains_already_ends_at_once() -> None:
    assert quit_action(State.DRAINING, asked=False) is QuitAction.STOP_NOW


def test_only_a_failed_harvest_ends_with_an_error() -> None:
    assert [screen_exit_code(state) for state in (None, State.DONE, State.STOPPED, State.FAILED)] == [0, 0, 0, 1]
