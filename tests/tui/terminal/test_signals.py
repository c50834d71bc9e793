"""Leaving a screen on a signal."""

import signal
import threading
from collections.abc import Callable

from tui.terminal.hangup import Hangup
from tui.terminal.signals import SignalGuard


class Exits:
    """Stands in for the end of the process."""

    def __init__(self) -> None:
        self.code: int | None = None
        self.came = threading.Event()

    def __call__(self, code: int) -> None:
        self.code = code
        self.came.set()


def test_a_signal_asks_the_screen_to_leave() -> None:
    asked: list[str] = []

    with SignalGuard(leave=lambda: asked.append("leave"), ended=lambda: None, give_up=Exits(), patience=60):
        signal.raise_signal(signal.SIGTERM)

    assert asked == ["leave"]


def test_a_screen_that_closes_in_time_ends_by_itself() -> None:
    exits, ended = Exits(), threading.Event()

    with SignalGuard(leave=ended.set, ended=ended.wait, give_up=exits, patience=60):
        signal.raise_signal(signal.SIGTERM)

    assert exits.code is None


def test_a_screen_that_hangs_is_left_once_the_harvest_has_ended() -> None:
    exits, ended = Exits(), threading.Event()

    with SignalGuard(leave=ended.set, ended=ended.wait, give_up=exits, patience=0):
        signal.raise_signal(signal.SIGHUP)
        assert exits.came.wait(10)

    assert exits.code == 129


def test_without_a_signal_nothing_changes() -> None:
    before = signal.getsignal(signal.SIGTERM)

    with SignalGuard(leave=lambda: None, ended=lambda: None, give_up=Exits()):
        pass

    assert signal.getsignal(signal.SIGTERM) is before


class NoHangup(Hangup):
    """A terminal that goes when the test says so."""

    def __init__(self, gone: Callable[[], object]) -> None:
        super().__init__(gone)
        self.go = gone

    def start(self) -> None:
        """Look at nothing."""


def test_a_terminal_that_goes_is_a_sighup() -> None:
    asked: list[str] = []
    guard = SignalGuard(
        leave=lambda: asked.append("leave"),
        ended=lambda: None,
        gone=lambda: asked.append("gone"),
        give_up=Exits(),
        patience=60,
        hangup=NoHangup,
    )

    with guard:
        guard._hung_up()

    assert asked == ["gone", "leave"]
    assert (guard.first, guard.detached) == (signal.SIGHUP, False)


def test_a_terminal_that_goes_after_its_sighup_asks_no_second_time() -> None:
    asked: list[str] = []
    guard = SignalGuard(
        leave=lambda: asked.append("leave"), ended=lambda: None, give_up=Exits(), patience=60, hangup=NoHangup
    )

    with guard:
        signal.raise_signal(signal.SIGHUP)
        guard._hung_up()

    assert asked == ["leave"]


def test_where_sighup_is_ignored_the_harvest_is_detached() -> None:
    asked: list[str] = []
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    guard = SignalGuard(
        leave=lambda: asked.append("leave"),
        ended=lambda: None,
        detach=lambda: asked.append("detach"),
        give_up=Exits(),
        hangup=NoHangup,
    )
    try:
        with guard:
            guard._hung_up()
    finally:
        signal.signal(signal.SIGHUP, before)

    assert asked == ["detach"]
    assert guard.detached
    assert guard.first is None


def test_the_third_signal_gives_up_at_once() -> None:
    exits = Exits()

    with SignalGuard(leave=lambda: None, ended=threading.Event().wait, give_up=exits, patience=60):
        for _ in range(3):
            signal.raise_signal(signal.SIGINT)

    assert exits.code == 130
