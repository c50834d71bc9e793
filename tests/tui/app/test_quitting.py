"""Leaving: twice to stop, once more to end, and staying to read the result."""

from dataclasses import replace

import pytest
from textual.events import Key

from bench.screen.sample import deck
from engine.model.commands import Stop, StopNow
from engine.model.snapshot import State
from tests.tui import fakes
from tests.tui.fakes import FakeControl, ended, lines, settle


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_the_first_quit_only_asks(key: str) -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, key)
        assert app.is_running
        assert "q again finishes what is in flight" in lines(app)[-2]

    assert control.commands == []


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_the_second_quit_stops_and_says_what_it_waits_for(key: str) -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, key, key)
        assert app.is_running
        assert "stopping" in lines(app)[-2]

    assert control.commands == [Stop()]


async def test_the_status_line_says_what_is_still_in_flight() -> None:
    control = FakeControl(replace(deck.deck(), state=State.DRAINING, reason="3 requests in flight"))
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        assert "waits for 3 requests in flight" in lines(app)[-2]


async def test_the_third_quit_ends_at_once() -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "q", "q", "q")

    assert control.commands == [Stop(), StopNow()]
    assert app.return_value == 0


async def test_presses_faster_than_a_person_are_one_press() -> None:
    """A paste of `q` on a terminal without bracketed paste, or a key held down."""
    control = FakeControl()
    app = fakes.app(control, ticks=lambda: 7.0)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "q", "enter", "q", "q", "ctrl+c", "q")
        assert app.is_running

    assert control.commands == []


async def test_a_signal_asks_nobody() -> None:
    control = FakeControl()
    app = fakes.app(control, ticks=lambda: 7.0)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        app.interrupt()
        app.interrupt()

    assert control.commands == [Stop(), StopNow()]


async def test_a_stop_that_was_asked_for_leaves_when_it_is_through() -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "q", "q")
        control.deck = ended(State.STOPPED)
        app.tick()
        await settle(pilot)

    assert app.return_value == 0
    assert control.commands == [Stop()]


@pytest.mark.parametrize(("state", "code"), [(State.DONE, 0), (State.STOPPED, 0), (State.FAILED, 1)])
async def test_a_harvest_that_ends_by_itself_stays_until_q(state: State, code: int) -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        control.deck = ended(state)
        app.tick()
        await settle(pilot)
        assert app.is_running
        assert "q leaves" in lines(app)[-2]
        await settle(pilot, "q")

    assert app.return_value == code
    assert control.commands == []


async def test_keys_that_came_together_are_one_press_however_late_the_second_is_acted_upon() -> None:
    control, now = FakeControl(), [7.0]
    app = fakes.app(control, ticks=lambda: now[0])

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "q")
        late = Key("q", "q")
        now[0], late.time = now[0] + 1.0, late.time - 1.0
        await app.on_event(late)

    assert control.commands == []
