"""Rate limits that are documented or set by the user: at most N requests, or N seconds of work, in any window. Pure."""

from bisect import insort
from collections import deque
from typing import Final

from engine.common.text import span
from engine.model.lane_state import Quota
from engine.pacing.budgets.budget import Ask, Hold

SHORT: Final = 5.0
"""Windows of up to so many seconds are not paced within."""
BURST: Final = 0.05
"""Burst of the pacing, as a share of the limit."""
REFUSED: Final = 0.93
"""Each refusal in spite of the limit reduces it to this share."""
LEAST: Final = 0.25
"""Refusals never reduce the limit below this share."""
CPU_SHARE: Final = 0.5
"""Share of an answer's latency that is counted as CPU time. All of it would be too much: it includes the network."""
GAIN: Final = 0.1
"""Weight of the newest answer in the mean of latencies."""
FIRST_GUESS: Final = 0.3
"""Latency in seconds assumed before the first answer."""


class ConfiguredWindow:
    """At most `requests` in any `per` seconds, whether the server counts in fixed windows, sliding windows or buckets.

    A log of the sends guards the limit exactly. In a long window the sends are also spread out by the generic cell rate
    algorithm (GCRA, https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm), unless the whole backlog fits.
    """

    def __init__(self, name: str, requests: float, per: float) -> None:
        self._name = name
        self._requests = requests
        self._per = per
        # The server counts arrivals, and the delay from send to arrival varies. At exactly the documented rate this
        # jitter draws refusals at the edge of a window, so the log is kept for 5 % longer, or 1 % for long windows.
        self._span = per * (1.05 if per <= SHORT else 1.01)
        self._fastest = float("inf")
        """Latency of the fastest answer."""
        self._share = 1.0
        self._log: deque[tuple[float, float]] = deque()
        self._used = 0.0
        self._arrives = float("-inf")
        """The theoretical arrival time (TAT) of GCRA."""

    @property
    def tightness(self) -> float:
        """Share of the limit in use. After a refusal, the window with the highest one is taken for the cause."""
        return self._used / max(1.0, self._allowed())

    def wait_for(self, now: float, ask: Ask) -> Hold | None:
        """Wait until enough sends have left the log, and for the pacing."""
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
        """Record a send. Sends of earlier processes are restored lane by lane, so they may come out of order."""
        if self._log and now < self._log[-1][0]:
            insort(self._log, (now, cost))
        else:
            self._log.append((now, cost))
        self._used += cost
        # Sends without pacing may run the arrival time ahead; a full window is the most that must be waited for.
        self._arrives = min(max(self._arrives, now) + cost * self._span / self._allowed(), now + self._span)

    def answered(self, now: float, sent_at: float, cost: float) -> None:
        """Move a request to a later time in the log if it may have arrived late.

        The server counts a request at its arrival, which lies before the answer by an unknown time. If an answer took
        longer than the fastest one, its request may have arrived that much later. The padding of the window covers part
        of this. The rest is added, up to the length of the padding: most such requests arrived in time and were served
        slowly.
        """
        self._fastest = min(self._fastest, now - sent_at)
        spare = self._span - self._per
        late = min(spare, now - sent_at - self._fastest - spare)
        if late > 0 and (sent_at, cost) in self._log:
            self._log.remove((sent_at, cost))
            insort(self._log, (sent_at + late, cost))

    def refused(self) -> float:
        """Reduce the limit after a refusal. Return the new limit."""
        self._share = max(LEAST, self._share * REFUSED)
        return self._allowed()

    def quota(self, now: float) -> Quota:
        """Return what is left of the window. It refills bit by bit, so there is no reset."""
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
        """Return the wait until enough old sends leave the log for this one."""
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


class WorkSeconds:
    """A `Budget` of server time: each request uses the seconds that its answer takes.

    GitHub allows 90 seconds of CPU time in 60 seconds and says to estimate it by the response time:
    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits.
    By Little's law (https://en.wikipedia.org/wiki/Little%27s_law) this bounds the mean number in flight, not the rate.
    """

    def __init__(self, cpu_seconds: float, per: float) -> None:
        self._cpu_seconds = cpu_seconds
        self._per = per
        self._window = ConfiguredWindow("work-seconds", cpu_seconds / CPU_SHARE, per)
        self._typical = FIRST_GUESS
        self._set_aside: dict[float, list[float]] = {}
        """Seconds charged in advance for the requests in flight, by send time."""

    def wait_for(self, now: float, ask: Ask) -> Hold | None:
        """Wait until the window has room for one more answer of typical latency."""
        wanted = Ask(self._typical, 0.0, ask.backlog * self._typical)
        hold = self._window.wait_for(now, wanted)
        return None if hold is None else Hold(hold.seconds, self._words())

    def sent(self, now: float, cost: float) -> None:
        """Charge the typical latency in advance."""
        _ = cost
        self._set_aside.setdefault(now, []).append(self._typical)
        self._window.sent(now, self._typical)

    def answered(self, now: float, sent_at: float, cost: float) -> None:
        """Replace the charge by the real latency."""
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
        """Show no gauge: nobody counts in seconds of work. The reason of a wait explains it."""
        _ = now
        return None

    def _words(self) -> str:
        per = "a minute" if self._per == 60.0 else f"in {span(self._per)}"
        return f"work-seconds: {self._cpu_seconds:g} s of CPU {per}, about {self._typical:.1f} s an answer"
