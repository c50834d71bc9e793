"""A harvest without a screen."""

import io
import itertools
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from engine.model import events
from engine.model.commands import Stop, StopNow
from engine.model.snapshot import State
from tests.tui.cli_fakes import FakeHarvest, deck, group
from tui.common.signals import Interrupts
from tui.headless.printer import Printer
from tui.headless.runner import HeadlessRunner


def signals(count: int) -> Callable[[Callable[[signal.Signals], None]], AbstractContextManager[None]]:
    """Stand in for the process's signals: so many come as soon as somebody listens."""

    @contextmanager
    def entered(asked: Callable[[signal.Signals], None]) -> Iterator[None]:
        for _ in range(count):
            asked(signal.SIGINT)
        yield

    return entered


def struck_by(number: signal.Signals) -> Callable[[Callable[[signal.Signals], None]], AbstractContextManager[None]]:
    """Send this process a real signal as soon as the real handlers are there."""

    @contextmanager
    def entered(asked: Callable[[signal.Signals], None]) -> Iterator[None]:
        with Interrupts(asked):
            signal.raise_signal(number)
            yield

    return entered


def failed(number: int) -> events.RequestFailed:
    return events.RequestFailed(
        at=0.0, source="github", slot=1, what=f"GET /{number}", status=404, attempt=1, reason="not found"
    )


def test_events_become_lines_and_the_end_a_last_one() -> None:
    stream = io.StringIO()
    headless = HeadlessRunner(printer=Printer(stream, environ={}))
    harvest = FakeHarvest(deck(group()))
    headless.on_event(events.RunStarted(at=100.0, source="github", run=1, resumed=False, pending=2))
    headless.on_event(events.RunEnded(at=120.0, source="github", state="done", reason=""))
    harvest.end()

    interrupted = headless.follow(harvest)

    assert not interrupted
    assert stream.getvalue().splitlines() == [
        "     Started github  run 1, 2 requests pending",
        "    Finished github  1,204 requests, 31,022 new rows in 20s",
    ]


def test_a_storm_of_failures_is_cut_short() -> None:
    stream = io.StringIO()
    headless = HeadlessRunner(printer=Printer(stream, environ={}), clock=lambda: 0.0)
    harvest = FakeHarvest(deck(group()))
    for number in range(40):
        headless.on_event(failed(number))
    harvest.end()

    headless.follow(harvest)

    lines = [line for line in stream.getvalue().splitlines() if "Failed" in line]
    assert len(lines) == 4
    assert lines[-1] == "      Failed github  and 37 more"


def test_the_first_signal_stops_gracefully_and_says_what_is_waited_for() -> None:
    stream = io.StringIO()
    headless = HeadlessRunner(printer=Printer(stream, environ={}), interrupts=signals(1))
    harvest = FakeHarvest(deck(group(state=State.STOPPED)), on_stop=FakeHarvest.end)

    interrupted = headless.follow(harvest)

    assert interrupted
    assert harvest.told == [Stop()]
    assert "Stopping finishes 8 requests in flight; Ctrl+C once more leaves at once" in stream.getvalue()


def test_the_second_signal_stops_at_once() -> None:
    headless = HeadlessRunner(printer=Printer(io.StringIO(), environ={}), interrupts=signals(2))
    harvest = FakeHarvest(deck(group(state=State.STOPPED)))

    headless.follow(harvest)
    headless.close()

    assert harvest.told == [Stop(), StopNow()]


def test_a_status_is_printed_when_its_time_has_come() -> None:
    times = iter([0.0, 0.0])
    stream = io.StringIO()
    headless = HeadlessRunner(printer=Printer(stream, environ={}), clock=lambda: next(times, 10.0))
    harvest = FakeHarvest(deck(group(state=State.RUNNING)), on_snapshot=FakeHarvest.end)
    headless.on_event(failed(1))

    headless.follow(harvest)

    assert "     Fetched github  1,204 requests  31,022 new rows" in stream.getvalue()


def test_a_harvest_of_which_only_parked_sources_are_left_says_once_that_it_waits() -> None:
    times = itertools.count(0.0, 10.0)
    stream = io.StringIO()
    headless = HeadlessRunner(printer=Printer(stream, environ={}), clock=lambda: next(times))
    parked = group(state=State.PARKED, reason="parked until 14:03: github asks for 47 min")
    rounds = iter(range(3))

    def end(harvest: FakeHarvest) -> None:
        if next(rounds, None) is None:
            harvest.end()

    headless.follow(FakeHarvest(deck(parked, state=State.PARKED), on_snapshot=end))

    said = stream.getvalue()
    assert said.count("     Waiting nothing is left but what is parked; it goes on by itself") == 1
    assert "waits: parked until 14:03: github asks for 47 min" in said


def test_an_engine_that_broke_is_an_error_line() -> None:
    stream = io.StringIO()
    headless = HeadlessRunner(printer=Printer(stream, environ={}, quiet=True))
    harvest = FakeHarvest(deck(state=State.FAILED, reason="OSError: disk"))
    harvest.end()

    headless.follow(harvest)

    assert stream.getvalue() == "     Crashed OSError: disk\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_real_signal_stops_the_harvest_and_the_handlers_are_put_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    headless = HeadlessRunner(printer=Printer(io.StringIO(), environ={}), interrupts=struck_by(number))
    harvest = FakeHarvest(deck(group(state=State.STOPPED)), on_stop=FakeHarvest.end)

    assert headless.follow(harvest)
    headless.close()
    assert signal.getsignal(number) is before


def test_a_signal_that_is_ignored_from_outside_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interrupts(lambda _: None):
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_third_signal_has_its_usual_effect_again() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Interrupts(lambda _: None):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

        assert signal.getsignal(signal.SIGTERM) is before
