"""Watches the database for the deck: a transaction that must wait holds every source, a lost file ends the harvest."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from engine.common.errors import DatabaseLocked, DiskFull, OutOfDescriptors, StoreWaits
from engine.harvest.group import WorkerGroup
from engine.model.outside_wait import Cause
from engine.storage.database import Database

LOOK_SECONDS: Final = 1.0
CAUSES: Final[Mapping[type[StoreWaits], Cause]] = {
    DiskFull: Cause.DISK_FULL,
    DatabaseLocked: Cause.DATABASE_LOCKED,
    OutOfDescriptors: Cause.OUT_OF_DESCRIPTORS,
}


class StorageWatch:
    """Looks at the database once a second while a deck runs.

    Args:
        database: its thread tries a transaction again by itself; this only says so, and says when to give up.
        groups: returns the open groups.
        patience: seconds to wait while no group runs. A group that runs has its own count.
        stopping: returns whether the harvest has been asked to end.
        on_failure: called when the database takes no writes any more.
    """

    def __init__(
        self,
        *,
        database: Database,
        groups: Callable[[], Sequence[WorkerGroup]],
        patience: float,
        stopping: Callable[[], bool],
        on_failure: Callable[[], None],
    ) -> None:
        self._database = database
        self._groups = groups
        self._patience = patience
        self._stopping = stopping
        self._on_failure = on_failure
        self._timer: asyncio.TimerHandle
        self._held: Cause | None = None
        """For which cause the groups are held."""

    @contextmanager
    def running(self) -> Iterator[None]:
        """Watch until the block ends."""
        loop = asyncio.get_running_loop()

        def look() -> None:
            self.look()
            self._timer = loop.call_later(LOOK_SECONDS, look)

        self._timer = loop.call_later(LOOK_SECONDS, look)
        try:
            yield
        finally:
            self._timer.cancel()

    def look(self) -> None:
        """Pass on what the database waits for, or that it is lost."""
        if self._database.failure is not None:
            self._on_failure()
            return
        waiting, groups = self._database.waiting, self._groups()
        cause = None if waiting is None else CAUSES[type(waiting.error)]
        for group in groups:
            if self._held is not None and self._held is not cause:
                group.outside.let_go(self._held)
            if waiting is not None and cause is not None:
                group.outside.hold(cause, str(waiting.error), next_in=waiting.next_in())
        self._held = cause
        if waiting is None:
            return
        given_up = any(group.outside.over.is_set() for group in groups)
        # What is written before the first request and after the last one: no group counts that.
        uncounted = all(group.ending is not None for group in groups)
        if given_up or self._stopping() or (uncounted and waiting.lasts() >= self._patience):
            self._database.give_up()
