"""What one source waits for outside of fetchdeck, and how long it has: the rule of `engine.model.outside_wait`.

The whole source is held by whoever finds the cause (`hold`, `let_go`): a full disk, a login that is needed. A single
lane is held by its pacing (offline, parked). `watch` compares both with what it saw a second ago, and reports what
began and what ended.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from engine.harvest.reporter import Reporter
from engine.model.outside_wait import Cause, OutsideWait
from engine.pacing.ticket import Wait, outside

SOURCE: Final = ""
"""Stands for the whole source where a lane could be named."""
SHORT: Final = 5.0
"""Seconds. A shorter wait is not reported, because a lane shows it anyway; and a rest that is as long as the patience
gets so much longer, because the request that tests its end is sent a little later."""


class OutsideWaits:
    """The waits of one source. `wake` asks its lanes to look again. It belongs to the engine's event loop."""

    def __init__(
        self,
        *,
        reporter: Reporter,
        now: Callable[[], float],
        wall: Callable[[], float],
        wake: Callable[[], None],
    ) -> None:
        self.over = asyncio.Event()
        """Set when the patience has run out. What keeps a task waiting, such as a write, must give up then."""
        self._reporter = reporter
        self._now = now
        self._wall = wall
        self._wake = wake
        self._held: dict[Cause, OutsideWait] = {}
        self._known: dict[tuple[str, Cause], float] = {}
        """Waits that were reported, and since when they last."""
        self._lanes: tuple[OutsideWait, ...] = ()
        self._landed = -1
        self._landed_at = now()

    def hold(
        self, cause: Cause, words: str, *, next_in: float | None = None, since: float | None = None
    ) -> OutsideWait:
        """Let the whole source wait; also to renew the words or the time of a wait in force.

        Args:
            cause: what is waited for.
            words: what is wrong, clean.
            next_in: seconds until it is tried again; None where its end is noticed when it happens.
            since: when it began, if that was before a try that failed; seconds since the epoch.

        Returns:
            The wait in force.
        """
        now, before = self._wall(), self._held.get(cause)
        self._held[cause] = OutsideWait(
            cause=cause,
            words=words,
            since=before.since if before else since or now,
            next_try=None if next_in is None else now + next_in,
        )
        self._wake()
        return self._held[cause]

    def let_go(self, cause: Cause) -> None:
        """Go on: the cause is gone."""
        if self._held.pop(cause, None) is not None:
            self._wake()

    @property
    def held(self) -> OutsideWait | None:
        """What the whole source waits for, the longest wait where there are several; None if it does not."""
        return min(self._held.values(), key=lambda wait: wait.since, default=None)

    def admission(self) -> Wait | None:
        """Return what the lanes must wait for, until they are woken; None if nothing holds the source."""
        held = self.held
        return None if held is None else replace(outside(held, self._wall()), seconds=None)

    def holds(self) -> tuple[OutsideWait, ...]:
        """Return everything that the whole source waits for."""
        return tuple(self._held.values())

    def watch(self, lanes: Mapping[str, OutsideWait], landed: int) -> None:
        """Report what began and what ended since the last call.

        Args:
            lanes: the waits of lanes, by resource.
            landed: answers that are on disk, whose growth shows that the source goes on nevertheless.
        """
        self._lanes = tuple(lanes.values())
        if landed != self._landed:
            self._landed, self._landed_at = landed, self._now()
        now = self._wall()
        present = {(SOURCE, cause): wait for cause, wait in self._held.items()}
        present |= {(lane, wait.cause): wait for lane, wait in lanes.items()}
        for key, wait in present.items():
            if key not in self._known and now - wait.since >= SHORT:
                self._known[key] = wait.since
                if wait.cause is not Cause.PARKED:  # the refusal that parked the lane has reported it
                    self._reporter.waits(key[0], wait)
        for lane, cause in [key for key in self._known if key not in present]:
            since = self._known.pop((lane, cause))
            self._reporter.goes_on(lane, cause, max(now - since, 0.0))

    def overdue(self, patience: float) -> OutsideWait | None:
        """Return the wait that has outlasted the patience while nothing else went on either; None if none has."""
        longest = min((*self._held.values(), *self._lanes), key=lambda wait: wait.since, default=None)
        if longest is None:
            return None
        waited = min(self._wall() - longest.since, self._now() - self._landed_at)
        return longest if waited >= patience + SHORT else None
