"""A limit on how long a server may work for one client, told as CPU time and kept by the time answers take. Pure."""

from typing import Final

from engine.model.lane_state import Quota
from engine.pacing.budgets.budget import Ask, Hold, span
from engine.pacing.budgets.configured_window import ConfiguredWindow

CPU_SHARE: Final = 0.5
"""So much of the time an answer takes is taken to be CPU time. All of it would be too careful: the network is in it."""
GAIN: Final = 0.1
FIRST_GUESS: Final = 0.3


class WorkSeconds:
    """A `Budget` of seconds: each request takes as long as its answer takes, and answers of late tell beforehand.

    GitHub allows 90 seconds of CPU in 60, and says to estimate them by the total response time:
    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits.
    By Little's law that bounds the mean number in flight, not the rate.
    """

    def __init__(self, cpu_seconds: float, per: float) -> None:
        self._cpu_seconds = cpu_seconds
        self._per = per
        self._window = ConfiguredWindow("work-seconds", cpu_seconds / CPU_SHARE, per)
        self._typical = FIRST_GUESS
        self._set_aside: dict[float, list[float]] = {}
        """What was taken for the requests under way, by when they were sent."""

    def hold(self, now: float, ask: Ask) -> Hold | None:
        """Wait until the work of the last window leaves room for one more answer."""
        wanted = Ask(self._typical, 0.0, ask.backlog * self._typical)
        hold = self._window.hold(now, wanted)
        return None if hold is None else Hold(hold.seconds, self._words())

    def sent(self, now: float, cost: float) -> None:
        """Take as long as answers take of late."""
        _ = cost
        self._set_aside.setdefault(now, []).append(self._typical)
        self._window.sent(now, self._typical)

    def answered(self, now: float, sent_at: float, cost: float) -> None:
        """Take what it really took instead."""
        _ = cost
        waiting = self._set_aside.get(sent_at)
        if not waiting:
            return
        taken = waiting.pop()
        if not waiting:
            del self._set_aside[sent_at]
        took = max(0.0, now - sent_at)
        self._window.sent(now, took - taken)
        self._typical += GAIN * (took - self._typical)

    def quota(self, now: float) -> Quota | None:
        """Show nothing: nobody counts in it, and when it binds its words say so."""
        _ = now
        return None

    def _words(self) -> str:
        per = "a minute" if self._per == 60.0 else f"in {span(self._per)}"
        return f"work-seconds: {self._cpu_seconds:g} s of CPU {per}, about {self._typical:.1f} s an answer"
