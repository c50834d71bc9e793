"""Leaving a screen on a signal."""

import signal
import threading

from tui.lifeline import Lifeline


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

    with Lifeline(leave=lambda: asked.append("leave"), ended=lambda: None, give_up=Exits(), patience=60):
        signal.raise_signal(signal.SIGTERM)

    assert asked == ["leave"]


def test_a_screen_that_closes_in_time_ends_by_itself() -> None:
    exits, ended = Exits(), threading.Event()

    with Lifeline(leave=ended.set, ended=ended.wait, give_up=exits, patience=60):
        signal.raise_signal(signal.SIGTERM)

    assert exits.code is None


def test_a_screen_that_hangs_is_left_once_the_harvest_has_ended() -> None:
    exits, ended = Exits(), threading.Event()

    with Lifeline(leave=ended.set, ended=ended.wait, give_up=exits, patience=0):
        signal.raise_signal(signal.SIGHUP)
        assert exits.came.wait(10)

    assert exits.code == 129


def test_without_a_signal_nothing_changes() -> None:
    before = signal.getsignal(signal.SIGTERM)

    with Lifeline(leave=lambda: None, ended=lambda: None, give_up=Exits()):
        pass

    assert signal.getsignal(signal.SIGTERM) is before
