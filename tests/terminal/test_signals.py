"""Signals, terminals that take no more, and terminals that vanish."""

import signal
import time
from pathlib import Path

import pytest

from tests.terminal.conftest import Open
from tests.terminal.terminal import AT_ONCE, cpu_seconds

pytestmark = pytest.mark.slow

SIGNALS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_screen_with_its_code_in_time(pretended: Open, number: signal.Signals) -> None:
    screen = pretended("busy")
    screen.shows("q quit")

    screen.process.send_signal(number)

    assert screen.ends(within=AT_ONCE) == 128 + number
    assert screen.restored()
    assert b"Database" in screen.raw


@pytest.mark.parametrize("number", SIGNALS)
def test_a_stalled_terminal_keeps_no_signal_from_ending_it(pretended: Open, number: signal.Signals) -> None:
    screen = pretended("busy", "--hz", "30", size=(200, 60))
    screen.shows("q quit")
    time.sleep(2)  # noqa: TID251 -- the terminal is not read meanwhile: that is the fault

    screen.process.send_signal(number)

    assert screen.ends_unread(within=AT_ONCE) == 128 + number
    assert screen.current_modes() == screen.modes
    screen.drain()
    assert screen.restored()


def test_what_is_in_flight_has_two_seconds_after_a_signal(pretended: Open) -> None:
    screen = pretended("draining")
    screen.shows("q quit")

    screen.process.send_signal(signal.SIGTERM)

    assert screen.ends(within=AT_ONCE) == 143
    assert screen.restored()


def test_a_screen_that_hangs_is_ended_by_a_signal(pretended: Open) -> None:
    screen = pretended("hang")
    screen.shows("q quit")
    screen.listen(1)

    screen.process.send_signal(signal.SIGTERM)

    assert screen.ends(within=AT_ONCE) == 143
    assert screen.restored()


def test_the_third_signal_waits_for_nothing(pretended: Open) -> None:
    screen = pretended("hang")
    screen.shows("q quit")
    screen.listen(1)

    for _ in range(3):
        screen.process.send_signal(signal.SIGTERM)
        screen.listen(0.1)

    assert screen.ends(within=1.0) == 143
    assert screen.restored()


def test_sigquit_restores_the_terminal_and_does_what_it_always_does(pretended: Open) -> None:
    screen = pretended("busy")
    screen.shows("q quit")

    screen.process.send_signal(signal.SIGQUIT)

    assert screen.ends(within=AT_ONCE) == -signal.SIGQUIT
    assert screen.restored()


@pytest.mark.parametrize("owned", [True, False], ids=["with SIGHUP", "without SIGHUP"])
def test_a_terminal_that_vanishes_ends_it(terminal: Open, owned: bool) -> None:
    screen = terminal("run", "pr0gramm", owned=owned)
    screen.shows("q quit")

    screen.vanish()

    assert screen.process.wait(AT_ONCE) == 129


def test_where_sighup_is_ignored_the_harvest_goes_on_without_a_screen(pretended: Open, tmp_path: Path) -> None:
    screen = pretended("busy", ignore="HUP", owned=True)
    screen.shows("q quit")

    screen.vanish()
    deadline = time.monotonic() + AT_ONCE
    log = tmp_path / ".local" / "state" / "fetchdeck" / "log" / "fetchdeck.log"
    while not (log.exists() and "goes on without a screen" in log.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.1)  # noqa: TID251 -- nothing else can tell

    before = cpu_seconds(screen.process.pid)
    time.sleep(10)  # noqa: TID251 -- what is measured is what it does in ten seconds
    assert screen.process.poll() is None
    assert cpu_seconds(screen.process.pid) - before < 0.05 * 10
    screen.process.send_signal(signal.SIGTERM)
    assert screen.process.wait(AT_ONCE) == 143
