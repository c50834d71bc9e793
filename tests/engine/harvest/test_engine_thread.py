import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from engine.common.errors import SourceError, StoreFailed, StoreUnusable
from engine.harvest.engine_thread import EngineThread
from engine.harvest.job import Job
from engine.model.commands import (
    Automatic,
    ChangeCap,
    ChangeLimit,
    Command,
    Done,
    Fill,
    Pause,
    Refused,
    Resume,
    Retry,
    SetCap,
    SetPin,
    Stop,
    StopNow,
    Tune,
)
from engine.model.control import Control
from engine.model.coverage import CoverageReader, Part
from engine.model.events import Event, RunEnded
from engine.model.snapshot import DeckState, State
from engine.model.source import Memory, Request, Response
from engine.model.tuning import Tuning
from tests.fakes import FakeSource, FakeTransport, answer, serves
from tui.common.exit_codes import Exit, exit_code


def until(engine: EngineThread, wanted: Callable[[DeckState], bool]) -> DeckState:
    """Look until the deck is as wanted, for ten seconds at most."""
    for _ in range(1000):
        if wanted(deck := engine.snapshot()):
            return deck
        engine.wait(0.01)
    pytest.fail(f"never seen; the deck is {engine.snapshot().state}")


def quick(source: FakeSource) -> FakeTransport:
    transport = serves(source)
    transport.latency = 0.001
    return transport


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "harvest.db"


def test_a_harvest_runs_to_its_end_beside_the_caller(path: Path) -> None:
    source, events = FakeSource(pages=3, details=True), list[Event]()
    engine = EngineThread(jobs=[Job(source=source, transport=quick(source))], database=path, listen=events.append)

    engine.start()

    assert engine.wait(10)
    assert engine.snapshot().state is State.DONE
    assert engine.snapshot().groups[0].done == 33
    assert any(isinstance(event, RunEnded) for event in events)


def test_it_obeys_from_another_thread(path: Path) -> None:
    source = FakeSource(pages=100_000)
    engine: EngineThread = EngineThread(jobs=[Job(source=source, transport=quick(source))], database=path)
    control: Control = engine
    engine.start()
    until(engine, lambda deck: bool(deck.groups))

    control.send(Pause())
    until(engine, lambda deck: deck.state is State.PAUSED)
    control.send(Resume("fake"))
    until(engine, lambda deck: deck.state is State.RUNNING)
    control.send(SetPin("fake", 7))
    until(engine, lambda deck: str(deck.groups[0].lanes[0].mode) == "pin 7")
    control.send(ChangeLimit("fake", +1))
    until(engine, lambda deck: str(deck.groups[0].lanes[0].mode) == "pin 8")
    control.send(SetCap("fake", 5))
    until(engine, lambda deck: deck.groups[0].lanes[0].limit == 5)
    control.send(ChangeCap("fake", -1))
    until(engine, lambda deck: deck.groups[0].lanes[0].limit == 4)
    control.send(Automatic("fake"))
    until(engine, lambda deck: str(deck.groups[0].lanes[0].mode) == "auto")
    nobody = control.send(Pause("nobody")).result(10)
    stopped = control.send(Stop()).result(10)

    assert (nobody, stopped) == (Refused("nobody is no source of this harvest"), Done())

    assert engine.wait(10)
    assert engine.snapshot().groups[0].state is State.STOPPED
    assert engine.snapshot().groups[0].reason == "stopped by hand"


def test_stopping_at_once_leaves_the_rest_for_the_next_start(path: Path) -> None:
    source = FakeSource(pages=1, per_page=1)
    slow = serves(source)
    slow.latency = 60
    engine = EngineThread(jobs=[Job(source=source, transport=slow)], database=path)
    engine.start()
    until(engine, lambda deck: bool(deck.groups) and deck.groups[0].lanes[0].in_flight == 1)

    engine.send(StopNow())

    assert engine.wait(10)
    assert engine.snapshot().groups[0].state is State.STOPPED
    again = EngineThread(jobs=[Job(source=source, transport=quick(source))], database=path)
    again.start()
    assert again.wait(10)
    assert again.snapshot().groups[0].done == 1


class SlowToTellItsParts(FakeSource):
    """Blocks while its parts are read."""

    asked, released = threading.Event(), threading.Event()
    thread: threading.Thread

    def parts(self, reader: CoverageReader) -> Iterable[Part]:
        SlowToTellItsParts.thread = threading.current_thread()
        self.asked.set()
        self.released.wait(60)
        return ()

    def refill(self, key: str, reader: CoverageReader) -> Iterable[Request]:
        return ()


def test_a_coverage_map_that_is_still_read_keeps_neither_the_harvest_nor_the_process(path: Path) -> None:
    source = SlowToTellItsParts(pages=100_000)
    engine = EngineThread(jobs=[Job(source=source, transport=quick(source))], database=path)
    engine.start()
    filled = engine.send(Fill("fake", ("missing",)))
    assert source.asked.wait(10)

    engine.send(Stop())

    assert engine.wait(10)
    assert filled.result(10) == Refused("the harvest has ended")
    reader = source.thread
    assert reader.is_alive()
    assert reader.daemon  # the interpreter waits at exit for every thread that is none
    source.released.set()
    reader.join(10)


def test_commands_after_the_end_are_refused(path: Path) -> None:
    source = FakeSource()
    engine = EngineThread(jobs=[Job(source=source, transport=quick(source))], database=path)
    engine.start()
    assert engine.wait(10)

    outcomes = [engine.send(command).result(10) for command in (Stop(), Pause(), Retry(), StopNow())]

    assert outcomes == [Refused("the harvest has ended")] * 4
    assert not engine.interrupted
    assert engine.snapshot().state is State.DONE


def test_commands_before_the_start_are_kept(path: Path) -> None:
    engine = EngineThread(jobs=[], database=path)

    answer = engine.send(Stop())

    assert not answer.done()
    assert engine.snapshot().state is State.IDLE


def test_a_database_that_cannot_be_used_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable):
        EngineThread(jobs=[], database=tmp_path).start()


class Unstorable(FakeSource):
    """Cannot begin its run."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def scope(self) -> str:
        raise self._error


def test_a_database_that_takes_no_writes_fails_its_sources_in_one_line(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = Unstorable(StoreFailed("no writes any more"))
    engine = EngineThread(jobs=[Job(source=source, transport=quick(source))], database=path)

    engine.start()

    assert engine.wait(10)
    deck = engine.snapshot()
    assert (deck.state, deck.reason) == (State.FAILED, "no writes any more")
    assert [(group.state, group.reason) for group in deck.groups] == [(State.FAILED, "no writes any more")]
    assert "Traceback" not in caplog.text
    assert exit_code(deck, interrupted=False) is Exit.FAILED


def test_an_engine_that_cannot_go_on_says_why(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source = Unstorable(SourceError("disk full"))
    engine = EngineThread(jobs=[Job(source=source, transport=quick(source))], database=path)

    engine.start()

    assert engine.wait(10)
    assert engine.snapshot().state is State.FAILED
    assert engine.snapshot().reason.startswith("disk full; the log has it whole: ")
    assert "the engine crashed" in caplog.text


class Sleepy(FakeSource):
    """Holds the engine's loop up while it seeds."""

    def seed(self, memory: Memory) -> list[Request]:
        time.sleep(0.5)  # noqa: TID251 - the point is a loop that is busy
        return list(super().seed(memory))


def test_a_busy_engine_answers_with_its_last_snapshot(path: Path) -> None:
    source = Sleepy()
    engine = EngineThread(jobs=[Job(source=source, transport=quick(source))], database=path)
    engine.start()
    until(engine, lambda deck: bool(deck.log))

    before = time.monotonic()
    engine.snapshot()
    took = time.monotonic() - before

    assert took < 0.4
    assert engine.wait(10)


def test_what_failed_is_listed_and_tried_again_from_another_thread(path: Path) -> None:
    source, mended = FakeSource(pages=100_000, details=True), list[str]()

    def script(request: Request, _: int) -> Response:
        broken = request.key == "item 3" and not mended
        return answer(status=404) if broken else source.truth(request)

    engine = EngineThread(jobs=[Job(source=source, transport=FakeTransport(script, 0.001))], database=path)
    control: Control = engine
    engine.start()
    deck = until(engine, lambda deck: bool(deck.failures))
    kind = deck.failures[0]
    (one,) = control.failed("fake", kind.fingerprint)
    detail = control.inspect(one.id)

    mended.append("item 3")
    retried = control.send(Retry("fake", kind.fingerprint, one.id))
    until(engine, lambda deck: not deck.failures and deck.groups[0].failed == 0)
    again = control.inspect(one.id)
    control.send(Stop())

    assert retried.result(10) == Done(1)
    assert one.what == "GET /item/3"
    assert detail is not None
    assert detail.curl == "curl -gsS http://fake/item/3"
    assert again is None
    assert engine.wait(10)


def test_before_it_runs_it_names_what_will_run(path: Path) -> None:
    source = FakeSource()
    engine = EngineThread(jobs=[Job(source=source, transport=quick(source))], database=path)

    engine.open()
    deck = engine.snapshot()

    assert [(group.name, group.state, group.reason) for group in deck.groups] == [("fake", State.IDLE, "starting")]
    engine.launch()
    assert engine.wait(10)


def test_settings_from_the_file_or_the_command_line_are_shown_from_the_first_snapshot_on(path: Path) -> None:
    source = FakeSource()
    engine = EngineThread(
        jobs=[Job(source=source, transport=quick(source), tuning=Tuning(cap=7, retries=2))], database=path
    )
    engine.open()
    before = engine.snapshot().groups[0].tuning

    engine.launch()

    assert engine.wait(10)
    assert before == engine.snapshot().groups[0].tuning == Tuning(cap=7, retries=2)


def test_settings_changed_after_the_end_are_kept_to_be_saved(path: Path) -> None:
    source = FakeSource()
    engine = EngineThread(jobs=[Job(source=source, transport=quick(source))], database=path)
    engine.start()
    assert engine.wait(10)

    done = engine.send(Tune("fake", Tuning(cap=7))).result(10)
    refused = engine.send(Tune("fake", Tuning(policy="fixed 90"))).result(10)
    nobody = engine.send(Tune("nobody", Tuning(cap=7))).result(10)

    assert (done, nobody) == (Done(), Refused("the harvest has ended"))
    assert isinstance(refused, Refused)
    assert "with N from 1 to 32" in refused.reason
    assert engine.snapshot().groups[0].tuning == Tuning(cap=7)


def test_what_is_asked_before_it_runs_is_done_once_it_does(path: Path) -> None:
    source = FakeSource(pages=100_000)
    engine = EngineThread(jobs=[Job(source=source, transport=quick(source))], database=path)
    engine.open()

    engine.send(Pause("fake"))
    engine.launch()

    assert until(engine, lambda deck: deck.state is State.PAUSED).groups[0].done == 0
    engine.send(StopNow())
    assert engine.wait(10)


@pytest.mark.parametrize("stop", [Stop(), StopNow()])
def test_a_stop_before_it_runs_ends_it_as_soon_as_it_does(path: Path, stop: Command) -> None:
    source = FakeSource(pages=100_000)
    engine = EngineThread(jobs=[Job(source=source, transport=quick(source))], database=path)
    engine.open()

    answer = engine.send(stop)
    engine.launch()

    assert engine.wait(10)
    assert (answer.result(10), engine.interrupted) == (Done(), True)
    assert all(group.done <= 1 for group in engine.snapshot().groups)


def test_an_engine_that_does_not_run_yet_is_not_late(path: Path) -> None:
    now = [1000.0]
    engine = EngineThread(jobs=[], database=path, wall=lambda: now[0])

    now[0] += 12

    assert engine.snapshot().at == now[0]


class HoldingClock:
    """Holds the engine's loop up when it asks for the time again after its start, until it is let loose."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.loose = threading.Event()
        self._asked = 0

    def __call__(self) -> float:
        if threading.current_thread().name == "engine":
            self._asked += 1
            if self._asked > 2:  # the deck asks when it is made, and the engine when it runs
                self.loose.wait()
        return self.now


def test_it_is_late_from_its_start_on_not_from_the_time_it_was_made(path: Path) -> None:
    source, clock = FakeSource(), HoldingClock()
    engine = EngineThread(jobs=[Job(source=source, transport=quick(source))], database=path, wall=clock)

    clock.now += 12  # a screen is loaded and drawn before the engine is started
    engine.start()
    clock.now += 30
    deck = engine.snapshot()

    assert deck.at == 1012
    clock.loose.set()
    assert engine.wait(10)
