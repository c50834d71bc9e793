"""Writes the journal once a second: what every lane did, its budgets, and the changes of its limit."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from engine.harvest.group import WorkerGroup
from engine.harvest.lane import Tally
from engine.model.events import Event, LimitMoved
from engine.model.snapshot import Second
from engine.storage import journal
from engine.storage.database import Database
from engine.storage.journal import Sample


class Sampler:
    """Keeps decisions until they are written, and each lane's last totals, from which it makes the differences."""

    def __init__(self, *, database: Database, wall: Callable[[], float]) -> None:
        self._database = database
        self._wall = wall
        self._decisions: list[LimitMoved] = []
        self._last: dict[tuple[str, str], Tally] = {}
        self._resting: set[str] = set()
        """Domains with a penalty, as they were written last."""

    def on_event(self, event: Event) -> None:
        """Keep an event that is a decision."""
        if isinstance(event, LimitMoved):
            self._decisions.append(event)

    async def record(self, groups: Iterable[WorkerGroup]) -> None:
        """Write what happened since the last call. If nothing did, write nothing.

        Raises:
            StoreFailed: nothing was written. The next call writes the decisions; the samples are lost.
        """
        wall = self._wall()
        open_groups = list(groups)
        samples = [sample for group in open_groups for sample in self._samples(group, int(wall))]
        quotas = [known for group in open_groups for known in group.quotas()]
        learned = [(name, lesson) for group in open_groups for name, lesson in group.learned(wall)]
        decisions = list(self._decisions)
        resting = {name for name, lesson in learned if lesson.resting_until is not None}
        quiet = not any(sample.sent or sample.second.requests for sample in samples)
        if quiet and not decisions and resting == self._resting:
            return

        def write(db: sqlite3.Connection) -> None:
            journal.write(db, samples, decisions)
            for domain, known in quotas:
                journal.write_quotas(db, domain, known, wall)
            for domain, lesson in learned:
                journal.write_learned(db, domain, lesson)

        await self._database.do(write)
        self._resting = resting
        del self._decisions[: len(decisions)]  # events that came while the disk was busy stay for the next call

    def _samples(self, group: WorkerGroup, second: int) -> Iterator[Sample]:
        for lane in group.lanes:
            before = self._last.get((group.name, lane.resource), Tally())
            self._last[group.name, lane.resource] = now = replace(lane.tally)
            past = Second(
                requests=now.requests - before.requests,
                rows=now.rows - before.rows,
                bytes=now.bytes - before.bytes,
                p50=group.meter.percentile(0.5),
                p95=group.meter.percentile(0.95),
                in_flight=lane.in_flight,
                limit=lane.admission.limit,
            )
            sent = now.sent - before.sent
            yield Sample(source=group.name, lane=lane.resource, at=second, sent=sent, second=past)
