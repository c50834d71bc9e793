"""The limits a simulated server enforces, and what it says of them in headers.

Times are seconds of the server's own clock, 0 being the start of the run. Headers are numbers by lower-case name;
`bench.law.wire` writes them out as they are on the wire.
"""

import math
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Literal, Protocol

EPOCH: Final = 1_700_000_000.0
"""The server's wall clock at the start of a run."""
Headers = dict[str, Any]
Style = Literal["github", "ietf", "none"]


class Rule(Protocol):
    """One limit."""

    def take(self, now: float, in_flight: int) -> bool:
        """Count a request that arrives, or refuse it; `in_flight` counts the others."""

    def told(self, now: float, *, refused: bool) -> Headers:
        """Say what the headers of an answer tell; `refused`: by this rule."""


class FixedWindow:
    """So many requests in each window; windows follow each other without a gap.

    Args:
        limit: requests in a window.
        per: its length.
        style: whose headers tell of it: GitHub's (`x-ratelimit-*`, the reset an epoch), the IETF draft's, or nobody's.
        dates: whether a refusal names the end of the window in a Retry-After with a date.
        stale: how much more than is true `remaining` tells, asked for each answer.
        early: seconds the told reset is too early, asked for each answer.
    """

    def __init__(
        self,
        limit: int,
        per: float,
        *,
        style: Style = "none",
        dates: bool = False,
        stale: Callable[[], int] = int,
        early: Callable[[], int] = int,
    ) -> None:
        self._limit, self._per, self._style, self._dates = limit, per, style, dates
        self._stale, self._early = stale, early
        self._used = 0
        self._ends = per

    def take(self, now: float, in_flight: int) -> bool:
        """Take one from the running window."""
        _ = in_flight
        self._turn(now)
        if self._used >= self._limit:
            return False
        self._used += 1
        return True

    def told(self, now: float, *, refused: bool) -> Headers:
        """Tell what is left and when the window ends."""
        self._turn(now)
        left = min(self._limit, self._limit - self._used + self._stale())
        ends = math.ceil(EPOCH + self._ends) - self._early()
        told: Headers = {"retry-after-date": ends} if refused and self._dates else {}
        if self._style == "github":
            told |= {"x-ratelimit-limit": self._limit, "x-ratelimit-remaining": left, "x-ratelimit-reset": ends}
        elif self._style == "ietf":
            told["ratelimit"] = ("default", left, math.ceil(self._ends - now))
            told["ratelimit-policy"] = ("default", self._limit, int(self._per))
        return told

    def _turn(self, now: float) -> None:
        if now >= self._ends:
            self._ends = (math.floor(now / self._per) + 1) * self._per
            self._used = 0


class OpenedWindow(FixedWindow):
    """A window that its first request opens and that ends at a whole second, as GitHub's and our simulator's do."""

    def __init__(self, limit: int, per: float, *, style: Style = "none") -> None:
        super().__init__(limit, per, style=style)
        self._ends = -math.inf

    def told(self, now: float, *, refused: bool) -> Headers:
        """Tell nothing while no window is open."""
        return super().told(now, refused=refused) if now < self._ends else {}

    def _turn(self, now: float) -> None:
        if now >= self._ends:
            self._ends, self._used = float(math.ceil(now + self._per)), 0


class TokenBucket:
    """Refills at `rate` a second up to `burst`; `tells` what is in it, but never when it will be full."""

    def __init__(self, rate: float, burst: int, *, tells: bool = False) -> None:
        self._rate, self._burst, self._tells = rate, burst, tells
        self._level, self._at = float(burst), 0.0

    def take(self, now: float, in_flight: int) -> bool:
        """Take one token."""
        _ = in_flight
        self._fill(now)
        if self._level < 1:
            return False
        self._level -= 1
        return True

    def told(self, now: float, *, refused: bool) -> Headers:
        """Tell the size and the level, and on a refusal when there is a token."""
        if not self._tells:
            return {}
        self._fill(now)
        told: Headers = {"x-ratelimit-limit": self._burst, "x-ratelimit-remaining": int(self._level)}
        if refused:
            told["retry-after"] = max(1, math.ceil((1 - self._level) / self._rate))
        return told

    def _fill(self, now: float) -> None:
        self._level = min(float(self._burst), self._level + (now - self._at) * self._rate)
        self._at = now


class SlidingLog:
    """At most `limit` requests in any `per` seconds, and not a word about it."""

    def __init__(self, limit: int, per: float) -> None:
        self._limit, self._per = limit, per
        self._log: deque[float] = deque()

    def take(self, now: float, in_flight: int) -> bool:
        """Look back."""
        _ = in_flight
        while self._log and now - self._log[0] >= self._per:
            self._log.popleft()
        if len(self._log) >= self._limit:
            return False
        self._log.append(now)
        return True

    def told(self, now: float, *, refused: bool) -> Headers:
        """Tell nothing."""
        _ = (now, refused)
        return {}


class Concurrency:
    """GitHub's secondary limit: more than `most` under way, and the client is shut out for `penalty` seconds.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
    What is under way is counted as the client sees it, from sending to the last byte of the answer.
    """

    def __init__(self, most: int, penalty: float) -> None:
        self._most, self._penalty = most, penalty
        self._until = -math.inf

    def take(self, now: float, in_flight: int) -> bool:
        """Let it pass unless the client is shut out, or is from now on."""
        if now < self._until:
            return False
        if in_flight >= self._most:
            self._until = now + self._penalty
            return False
        return True

    def told(self, now: float, *, refused: bool) -> Headers:
        """Tell how long the client is shut out."""
        return {"retry-after": max(1, math.ceil(self._until - now)), "secondary": 1} if refused else {}


class LyingWindow:
    """AniList's degraded mode: advertises more than it grants, and shuts out whoever believes it.

    https://docs.anilist.co/guide/rate-limiting
    A window opens with its first request. A timeout ends it.
    """

    def __init__(self, *, advertised: int, true: int, per: float, penalty: float) -> None:
        self._advertised, self._true, self._per, self._penalty = advertised, true, per, penalty
        self._opened: float | None = None
        self._used = 0
        self._until = -math.inf

    def take(self, now: float, in_flight: int) -> bool:
        """Take one of those it really grants."""
        _ = in_flight
        if now < self._until:
            return False
        if self._opened is None or now - self._opened >= self._per:
            self._opened, self._used = now, 0
        if self._used >= self._true:
            self._until, self._opened = now + self._penalty, None
            return False
        self._used += 1
        return True

    def told(self, now: float, *, refused: bool) -> Headers:
        """Tell the advertised numbers; a reset only on a refusal."""
        told: Headers = {
            "x-ratelimit-limit": self._advertised,
            "x-ratelimit-remaining": max(0, self._advertised - self._used),
        }
        if refused:
            told["retry-after"] = max(1, math.ceil(self._until - now))
            told["x-ratelimit-reset"] = math.ceil(EPOCH + self._until)
        return told
