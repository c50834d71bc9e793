"""What the tests of the command line share: snapshots with defaults, and a harvest that ends when it is told to."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from engine.model.coverage import Part
from engine.model.lane_state import Bound, LaneState, Quota
from engine.model.snapshot import Changes, DeckState, FailedDetail, FailedRequest, GroupState, State, Tuning


def quota(**changes: Any) -> Quota:
    defaults: dict[str, Any] = {
        "name": "core", "origin": "headers", "limit": 5000, "remaining": 3780, "resets_in": 60.0,
    }  # fmt: skip
    return Quota(**defaults | changes)


def lane(**changes: Any) -> LaneState:
    defaults: dict[str, Any] = {
        "resource": "core", "host": "h", "limit": 12, "in_flight": 8, "mode": "auto", "bound": Bound.NONE,
        "wait": None, "reason": "", "quotas": (quota(),), "places": (),
    }  # fmt: skip
    return LaneState(**defaults | changes)


def group(**changes: Any) -> GroupState:
    defaults: dict[str, Any] = {
        "name": "github", "state": State.DONE, "reason": "", "lanes": (lane(),), "seconds": (), "rate": 12.0,
        "p50": None, "p95": None, "done": 1204, "queued": 0, "retrying": 0, "rows": 31022, "bytes": 4096,
        "retries": 0, "throttled": 0, "failed": 0, "avoided": 0, "eta": None,
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
        self.told: list[str] = []
        self._last = last
        self._on_stop = on_stop
        self._on_snapshot = on_snapshot
        self._ended = threading.Event()

    def snapshot(self) -> DeckState:
        self._on_snapshot(self)
        return self._last

    def pause(self, source: str | None = None) -> None:
        self.told.append(f"pause {source}")

    def resume(self, source: str | None = None) -> None:
        self.told.append(f"resume {source}")

    def nudge(self, source: str, step: int) -> None:
        self.told.append(f"nudge {source} {step}")

    def pin(self, source: str, number: int | None = None) -> None:
        self.told.append(f"pin {source} {number}")

    def cap(self, source: str, step: int) -> None:
        self.told.append(f"cap {source} {step}")

    def tune(self, source: str, tuning: Tuning) -> None:
        self.told.append(f"tune {source} {tuning.cap}")

    def cap_at(self, source: str, number: int) -> None:
        self.told.append(f"cap_at {source} {number}")

    def automatic(self, source: str) -> None:
        self.told.append(f"automatic {source}")

    def retry(self, source: str | None = None, failure: str | None = None, id: int | None = None) -> None:
        self.told.append(f"retry {source} {failure} {id}")

    def failed(self, source: str, failure: str) -> Sequence[FailedRequest]:
        self.told.append(f"failed {source} {failure}")
        return ()

    def inspect(self, id: int) -> FailedDetail | None:
        self.told.append(f"inspect {id}")
        return None

    def set_aside(self, source: str, failure: str | None = None, id: int | None = None) -> None:
        self.told.append(f"set aside {source} {failure} {id}")

    def release(self, source: str, id: int | None = None) -> None:
        self.told.append(f"release {source} {id}")

    def quarantined(self) -> Sequence[FailedRequest]:
        self.told.append("aside")
        return ()

    def changes(self) -> Changes:
        self.told.append("changes")
        return Changes(born=None, tallies=(), rows=())

    def parts(self, source: str) -> Sequence[Part]:
        self.told.append(f"parts {source}")
        return ()

    def fill(self, source: str, parts: Sequence[str]) -> int:
        self.told.append(f"fill {source} {' '.join(parts)}")
        return len(parts)

    def stop(self) -> None:
        self.told.append("stop")
        self._on_stop(self)

    def stop_now(self) -> None:
        self.told.append("stop_now")
        self.end()

    def wait(self, timeout: float | None = None) -> bool:
        return self._ended.wait(timeout)

    def end(self) -> None:
        self._ended.set()
