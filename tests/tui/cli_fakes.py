"""What the tests of the command line share: snapshots with defaults, and a harvest that ends when it is told to."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from engine.model.changes import Changes
from engine.model.commands import Command, Done, Outcome, Stop, StopNow
from engine.model.coverage import Part
from engine.model.lane_state import Bound, LaneState, Quota
from engine.model.snapshot import DeckState, FailedDetail, FailedRequest, GroupState, State
from tests.tui.fakes import answered


def quota(**changes: Any) -> Quota:
    defaults: dict[str, Any] = {
        "name": "core", "origin": "headers", "limit": 5000, "remaining": 3780, "resets_in": 60.0,
    }  # fmt: skip
    return Quota(**defaults | changes)


def lane(**changes: Any) -> LaneState:
    defaults: dict[str, Any] = {
        "resource": "core", "host": "h", "limit": 12, "in_flight": 8, "mode": "auto", "bound": Bound.NONE,
        "wait": None, "reason": "", "quotas": (quota(),), "slots": (),
    }  # fmt: skip
    return LaneState(**defaults | changes)


def group(**changes: Any) -> GroupState:
    defaults: dict[str, Any] = {
        "name": "github", "state": State.DONE, "reason": "", "lanes": (lane(),), "seconds": (), "rate": 12.0,
        "p50": None, "p95": None, "done": 1204, "queued": 0, "retrying": 0, "rows": 31022, "bytes": 4096,
        "retries": 0, "throttled": 0, "failed": 0, "avoided": 0, "eta": None, "requests": 1204, "written": 31022,
    }  # fmt: skip
    return GroupState(**defaults | changes)


def deck(*groups: GroupState, **changes: Any) -> DeckState:
    defaults: dict[str, Any] = {
        "at": 0.0, "uptime": 20.0, "state": State.DONE, "reason": "", "database": "/rows.db",
        "groups": groups, "log": (), "failures": (),
    }  # fmt: skip
    return DeckState(**defaults | changes)


class FakeHarvest:
    """Ends when it is stopped at once, or when `end` is called; notes what it was told."""

    def __init__(
        self,
        last: DeckState,
        *,
        on_stop: Callable[["FakeHarvest"], None] = lambda _: None,
        on_snapshot: Callable[["FakeHarvest"], None] = lambda _: None,
    ) -> None:
        self.told: list[Command] = []
        self._last = last
        self._on_stop = on_stop
        self._on_snapshot = on_snapshot
        self._ended = threading.Event()

    def snapshot(self) -> DeckState:
        self._on_snapshot(self)
        return self._last

    def send(self, command: Command) -> Future[Outcome]:
        self.told.append(command)
        if command == StopNow():
            self.end()
        elif command == Stop():
            self._on_stop(self)
        return answered(Done())

    def failed(self, source: str, failure: str) -> Sequence[FailedRequest]:
        return ()

    def inspect(self, id: int) -> FailedDetail | None:
        return None

    def quarantined(self) -> Sequence[FailedRequest]:
        return ()

    def changes(self) -> Changes:
        return Changes(born=None, tallies=(), rows=())

    def parts(self, source: str) -> Sequence[Part]:
        return ()

    def wait(self, timeout: float | None = None) -> bool:
        return self._ended.wait(timeout)

    def end(self) -> None:
        self._ended.set()
