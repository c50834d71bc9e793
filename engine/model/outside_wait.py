"""A wait whose cause is outside of fetchdeck: the network, the disk, another program, an API that asks for a rest.

One rule for all of them: such a wait holds no worker, no lock and no connection; it says its reason, since when it
lasts and when it tries next, on the screen, in the log and in `--json`; it goes on by itself when its cause is gone;
and `patience` bounds it, after which the run ends so that it can be resumed (docs/reliability.md).

Pure data. Who finds a cause holds the source with `engine.harvest.outside_waits.OutsideWaits`, or, for one limit
domain, the pacing does (`engine.pacing.reachability`, `circuit_breaker`, `penalty_gate`).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from engine.common.text import span

DEFAULT_PATIENCE: Final = 3600.0
"""Seconds that a run without a screen waits for one cause. With a screen somebody may be looking, so it never ends."""


class Cause(StrEnum):
    """What is waited for. The values are what the screen, the log and `--json` say."""

    OFFLINE = "offline"
    """No HTTP answer of any status comes from the host."""
    FAILING = "failing"
    """The server answers, and every answer is an error or unreadable, such as a maintenance page."""
    DISK_FULL = "disk full"
    DATABASE_LOCKED = "database locked"
    """Another program holds a lock on the database."""
    OUT_OF_DESCRIPTORS = "out of descriptors"
    """The process may open no more files or connections."""
    LOGIN_NEEDED = "login needed"
    """The credential has expired, and there is no new one yet."""
    PARKED = "parked"
    """The API asked for a rest of more than ten minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideWait:
    """A wait in force. All times are seconds since the epoch, UTC, so a screen in another process can tell them."""

    cause: Cause
    words: str
    """What is wrong, clean: "api.example.com refuses connections", "0 B left on /data"."""
    since: float
    next_try: float | None = None
    """When it is tried again; None while a try is under way, or where a change is noticed when it happens."""

    def shifted(self, seconds: float) -> "OutsideWait":
        """Return it with its times on another clock: the pacing's are monotonic."""
        later = None if self.next_try is None else self.next_try + seconds
        return replace(self, since=self.since + seconds, next_try=later)

    def describe(self, now: float) -> str:
        """Describe it in one line: "offline since 14:03: the host refuses connections; next try in 20 s"."""
        left = "" if self.next_try is None else f"; next try in {span(max(self.next_try - now, 0.0))}"
        reason = f": {self.words}" if self.words else ""
        return f"{self.cause} since {clock(self.since, now)}{reason}{left}"


def clock(at: float, now: float) -> str:
    """Return a time as the person's own clock shows it, with the day where it is another one: "14:03"."""
    then, today = datetime.fromtimestamp(at), datetime.fromtimestamp(now)  # noqa: DTZ006 - the user's own wall clock is meant
    return f"{then:%H:%M}" if then.date() == today.date() else f"{then:%Y-%m-%d %H:%M}"
