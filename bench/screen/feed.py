"""A fake engine: five sources of 16 workers, with any number of events a second.

The events are the engine's own, counted by its own meters, log and error table, in a separate thread. Only the requests
are missing. So two screens show what they would show of a real harvest, at any speed.
"""

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.screen.readme_picture import Still
from engine.harvest.event_log import EventLog
from engine.harvest.meter import Meter
from engine.model.events import RequestFailed, RequestLanded, RequestThrottled
from engine.model.lane_state import Bound, LaneState, LimitMode, Quota, SlotState, WorkerSlot
from engine.model.snapshot import DeckState, GroupState, State
from engine.storage.failures import FailureRecord, Failures

SOURCES: Final = ("github", "pr0gramm", "videos", "gitlab", "anime")
WORKERS: Final = 16
BATCH: Final = 0.02
"""Seconds between two batches of events."""
PAST: Final = 400.0
"""How long the engine seems to have run at the start, in seconds."""
KINDS: Final = ("reset", "gone", "moved", "locked", "timeout", "malformed", "too large", "forbidden")
AT_ONCE: Final = 500
"""Events in a batch if there is no rate."""


class Feed(Still):
    """Creates events, and serves snapshots of them.

    Args:
        rate: events a second; None is as fast as possible.
        clock: whether time passes on the screen.
        most: the number of events after which no more are created.
    """

    def __init__(self, rate: float | None, *, clock: bool = True, most: int | None = None) -> None:
        self.events = 0
        self._rate, self._clock, self._most = rate, clock, most
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._event_log = EventLog()
        self._failures = Failures()
        self._meters = [Meter(self._began - PAST) for _ in SOURCES]
        for meter in self._meters:
            meter.roll(
                self._began, WORKERS, 0
            )  # an empty history, so that no sparkline still fills while it is measured
        self._work = [["" for _ in range(WORKERS)] for _ in SOURCES]
        self._since = [[0.0 for _ in range(WORKERS)] for _ in SOURCES]
        self._closed = threading.Event()

    def start(self) -> None:
        """Start the thread that creates events."""
        threading.Thread(target=self._make, name="feed", daemon=True).start()

    def snapshot(self) -> DeckState:
        now = time.monotonic()
        with self._lock:
            return DeckState(
                at=time.time(),
                uptime=now - self._began if self._clock else 0.0,
                state=State.RUNNING,
                reason="",
                database="harvest.db",
                groups=tuple(self._group(index, now) for index in range(len(SOURCES))),
                log=self._event_log.lines(),
                failures=self._failures.newest(200),
            )

    def report(self, file: Path) -> None:
        """Append "seconds events bytes-of-memory" to a file four times a second, from a thread."""

        def write() -> None:
            with file.open("a", encoding="ascii") as stream:
                while not self._closed.wait(0.25):
                    stream.write(f"{time.monotonic():.3f} {self.events} {_resident()}\n")
                    stream.flush()

        threading.Thread(target=write, name="report", daemon=True).start()

    def _make(self) -> None:
        began = time.monotonic()
        for number in self._due(began):
            with self._lock:
                self._event(number, time.monotonic())
            self.events = number + 1

    def _due(self, began: float) -> Iterator[int]:
        """Yield the numbers of events, each when it is due."""
        for number in itertools.count() if self._most is None else range(self._most):
            if self._rate is None:
                if number % AT_ONCE == 0:
                    self._closed.wait(0)  # yields the GIL to the screen
            else:
                while number >= (time.monotonic() - began) * self._rate:
                    self._closed.wait(BATCH)
            yield number

    def _event(self, number: int, now: float) -> None:
        index, slot = number % len(SOURCES), number // len(SOURCES) * 7 % WORKERS
        source, meter, at = SOURCES[index], self._meters[index], time.time()
        what = f"GET /repos/o/r{number % 40}/issues?page={number}"
        elapsed = 0.05 + number * 37 % 400 / 1000
        self._work[index][slot], self._since[index][slot] = what, now
        if number % 97 == 0:
            self._event_log.record(
                RequestThrottled(
                    at=at, source=source, slot=slot, what=what, status=429, wait=38.0, reason="used up for a minute"
                )
            )
            meter.throttled += 1
        elif number % 211 == 0:
            kind = KINDS[number // 211 % len(KINDS)]
            self._failures.add(source, FailureRecord(kind="404", message=f"it is {kind}", what=what), at)
            self._event_log.record(
                RequestFailed(at=at, source=source, slot=slot, what=what, status=404, attempt=5, reason=f"it is {kind}")
            )
            meter.failed += 1
        else:
            size = 1000 + number * 131 % 90_000
            self._event_log.record(
                RequestLanded(
                    at=at, source=source, slot=slot, what=what, status=200, elapsed=elapsed, size=size, rows=30
                )
            )
            meter.landed(now, rows=30, size=size)
            meter.answered(now, elapsed)

    def _group(self, index: int, now: float) -> GroupState:
        meter = self._meters[index]
        meter.roll(now, WORKERS, WORKERS)
        return GroupState(
            name=SOURCES[index],
            state=State.RUNNING,
            reason="",
            lanes=(self._lane(index, now),),
            seconds=meter.seconds(),
            rate=meter.rate(now),
            p50=meter.percentile(0.5),
            p95=meter.percentile(0.95),
            done=meter.requests,
            queued=500_000,
            retrying=0,
            rows=meter.rows,
            requests=meter.requests,
            written=meter.rows,
            bytes=meter.bytes,
            retries=meter.retries,
            throttled=meter.throttled,
            failed=meter.failed,
            avoided=0,
            eta=None,
        )

    def _lane(self, index: int, now: float) -> LaneState:
        busy = bool(self.events)
        left = 5000.0 - self._meters[index].requests % 5000
        quota = Quota(name="core", origin="headers", limit=5000.0, remaining=left, resets_in=None)
        return LaneState(
            resource="core",
            host=f"{SOURCES[index]}.example",
            limit=WORKERS,
            in_flight=WORKERS if busy else 0,
            mode=LimitMode(),
            bound=Bound.CONCURRENCY if busy else Bound.WORK,
            wait=None,
            reason="16 of 16 in flight" if busy else "there is nothing to start",
            quotas=(quota,),
            slots=tuple(self._slot(index, number, now) for number in range(WORKERS)),
        )

    def _slot(self, index: int, number: int, now: float) -> WorkerSlot:
        what = self._work[index][number]
        return WorkerSlot(
            number=number,
            state=SlotState.BUSY if what else SlotState.IDLE,
            what=what,
            elapsed=now - self._since[index][number] if what else None,
            done=self._meters[index].requests // WORKERS,
            retried=0,
        )


def _resident() -> int:
    """Return the resident memory of this process, in bytes."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096
