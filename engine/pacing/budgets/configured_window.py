"""A limit that is documented or set by the person: at most N requests in any window. Pure."""

from bisect import insort
from collections import deque
from typing import Final

from engine.model.lane_state import Quota
from engine.pacing.budgets.budget import Ask, Hold, span

SHORT: Final = 5.0
"""A window of so many seconds needs no pacing within it."""
BURST: Final = 0.05
REFUSED: Final = 0.93
"""Refused all the same: from then on use so much of it."""
LEAST: Final = 0.25
"""However often it is refused, so much of it is used."""


class ConfiguredWindow:
    """At most `requests` in any `per` seconds: legal for fixed windows, sliding windows and buckets alike.

    An exact log guards the limit. A long window is also spread out: the generic cell rate algorithm
    (https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm) with a burst of 5 %, unless the whole backlog fits.
    """

    def __init__(self, name: str, requests: float, per: float) -> None:
        self._name = name
        self._requests = requests
        self._per = per
        self._span = per * (1.05 if per <= SHORT else 1.01)
        self._fastest = float("inf")
        """Seconds the quickest answer took."""
        self._share = 1.0
        self._log: deque[tuple[float, float]] = deque()
        self._used = 0.0
        self._arrives = float("-inf")
        """When the bucket is empty again, in the words of the algorithm the theoretical arrival time."""

    @property
    def tightness(self) -> float:
        """How much of it is used, 0 to 1: the one that is nearest to its limit is to blame for a refusal."""
        return self._used / max(1.0, self._allowed())

    def hold(self, now: float, ask: Ask) -> Hold | None:
        """Wait until enough of the log is older than the window, and for the pace."""
        self._forget(now)
        allowed = max(1.0, self._allowed() - ask.kept(self._requests))
        guarded = self._guard(now, ask.cost, allowed)
        if guarded is not None:
            return guarded
        if self._per <= SHORT or ask.backlog <= allowed - self._used:
            return None
        interval = self._span / allowed
        wait = self._arrives - now - interval * max(1.0, BURST * allowed) + interval
        return Hold(wait, f"{self._words()}, spread evenly") if wait > 1e-9 else None

    def sent(self, now: float, cost: float) -> None:
        """Note the request in the log. What earlier processes sent by other lanes may be noted out of order."""
        if self._log and now < self._log[-1][0]:
            insort(self._log, (now, cost))
        else:
            self._log.append((now, cost))
        self._used += cost
        self._arrives = min(max(self._arrives, now) + cost * self._span / self._allowed(), now + self._span)

    def answered(self, now: float, sent_at: float, cost: float) -> None:
        """Count a request later that may have arrived later: its answer took so much longer than the quickest.

        A server counts when it arrives. The window is kept longer than it is anyway; what goes beyond that is added, up
        to as much again: most slow answers arrived in time and were served slowly.
        """
        self._fastest = min(self._fastest, now - sent_at)
        spare = self._span - self._per
        late = min(spare, now - sent_at - self._fastest - spare)
        if late > 0 and (sent_at, cost) in self._log:
            self._log.remove((sent_at, cost))
            insort(self._log, (sent_at + late, cost))

    def refused(self) -> float:
        """Use less of it from now on; return how many requests that are."""
        self._share = max(LEAST, self._share * REFUSED)
        return self._allowed()

    def quota(self, now: float) -> Quota:
        """Say how much of the window is left; it comes back bit by bit, so there is no reset."""
        self._forget(now)
        left = max(0.0, self._requests - self._used)
        wait = self._log[0][0] + self._span - now if self._log and left < 1 else None
        return Quota(
            name=self._name,
            origin="configured",
            limit=self._requests,
            remaining=left,
            resets_in=wait,
            own=self._used,
        )

    def _allowed(self) -> float:
        return max(1.0, self._requests * self._share)

    def _guard(self, now: float, cost: float, allowed: float) -> Hold | None:
        over = self._used + cost - allowed
        if over <= 0 or not self._log:
            return None
        frees = self._log[-1][0]
        for at, used in self._log:
            over -= used
            if over <= 1e-9:
                frees = at
                break
        wait = frees + self._span - now
        return Hold(wait, f"{self._words()} used, next in {span(wait)}")

    def _forget(self, now: float) -> None:
        while self._log and self._log[0][0] + self._span <= now:
            self._used -= self._log.popleft()[1]
        if not self._log:
            self._used = 0.0

    def _words(self) -> str:
        return f"budget {self._name}: {self._requests:,} per {span(self._per)}"


# A limit on how long a server may work for one client, told as CPU time and kept by the time answers take. Pure.

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
