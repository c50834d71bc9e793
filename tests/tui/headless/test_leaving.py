"""After SIGTERM the end is bounded: what is in flight has a few seconds, and what hangs is left."""

import signal
import threading

import pytest

from engine.model.commands import StopNow
from tests.tui.cli_fakes import FakeHarvest, deck, group
from tui.headless import leaving
from tui.headless.leaving import Leaving


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DRAIN", "LEAVE", "SECOND"):
        monkeypatch.setattr(leaving, name, 0.05)


class Process:
    """Notes that it was ended, and how."""

    def __init__(self) -> None:
        self.code: int | None = None
        self.over = threading.Event()

    def end(self, code: int) -> None:
        self.code = code
        self.over.set()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGHUP])
def test_a_harvest_that_hangs_is_stopped_at_once_and_then_left(by: signal.Signals) -> None:
    process, harvest = Process(), FakeHarvest(deck(group()), on_stop=lambda _: None)

    Leaving(process.end).first(by, harvest)

    assert process.over.wait(60)
    assert (harvest.told, process.code) == ([StopNow()], 128 + by)


def test_ctrl_c_waits_for_what_is_in_flight() -> None:
    process, harvest = Process(), FakeHarvest(deck(group()))

    Leaving(process.end).first(signal.SIGINT, harvest)

    assert not process.over.wait(0.5)
    assert harvest.told == []


def test_a_second_signal_is_soon_the_end_with_the_code_of_the_first() -> None:
    process = Process()

    Leaving(process.end).again(signal.SIGINT)

    assert process.over.wait(60)
    assert process.code == 130


def test_what_ends_by_itself_is_left_alone() -> None:
    process, harvest = Process(), FakeHarvest(deck(group()))
    bound = Leaving(process.end)
    bound.first(signal.SIGTERM, harvest)
    bound.again(signal.SIGTERM)

    bound.cancel()

    assert not process.over.wait(0.5)
    assert harvest.told == []
