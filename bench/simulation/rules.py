"""The limits that a simulated server enforces, and the headers in which it reports them.

Times are seconds of the server's own clock, which is 0 at the start of the run. Headers are numbers by lower-case name;
`bench.laws.law.wire` writes them as they are sent.
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
        """Count an arriving request, or refuse it; `in_flight` counts the others."""

    def headers(self, now: float, *, refused: bool) -> Headers:
        """Return the header fields of a response; `refused` says that this rule refused the request."""


class FixedWindow:
    """A number of requests in each window; windows follow each other without a gap.

    Args:
        limit: requests in a window.
        per: the length of a window.
        style: the headers that report it: GitHub's (`x-ratelimit-*`, the reset an epoch), the IETF draft's, or none.
        dates: whether a refusal names the end of the window in a Retry-After with a date.
        stale: returns by how much `remaining` is too high; called for each response.
        early: returns by how many seconds the reset is too early; called for each response.
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
        _ = in_flight
        self._roll(now)
        if self._used >= self._limit:
            return False
        self._used += 1
        return True

    def headers(self, now: float, *, refused: bool) -> Headers:
        self._roll(now)
        left = min(self._limit, self._limit - self._used + self._stale())
        ends = math.ceil(EPOCH + self._ends) - self._early()
        fields: Headers = {"retry-after-date": ends} if refused and self._dates else {}
        if self._style == "github":
            fields |= {"x-ratelimit-limit": self._limit, "x-ratelimit-remaining": left, "x-ratelimit-reset": ends}
        elif self._style == "ietf":
            fields["ratelimit"] = ("default", left, math.ceil(self._ends - now))
            fields["ratelimit-policy"] = ("default", self._limit, int(self._per))
        return fields

    def _roll(self, now: float) -> None:
        if now >= self._ends:
            self._ends = (math.floor(now / self._per) + 1) * self._per
            self._used = 0


class OpenedWindow(FixedWindow):
    """A window that opens with its first request and ends at a whole second, like GitHub's and our simulator's."""

    def __init__(self, limit: int, per: float, *, style: Style = "none") -> None:
        super().__init__(limit, per, style=style)
        self._ends = -math.inf

    def headers(self, now: float, *, refused: bool) -> Headers:
        return super().headers(now, refused=refused) if now < self._ends else {}

    def _roll(self, now: float) -> None:
        if now >= self._ends:
            self._ends, self._used = float(math.ceil(now + self._per)), 0


class TokenBucket:
    """Refills at `rate` a second up to `burst`. With `tells`, headers report the level but not when it is full."""

    def __init__(self, rate: float, burst: int, *, tells: bool = False) -> None:
        self._rate, self._burst, self._tells = rate, burst, tells
        self._level, self._at = float(burst), 0.0

    def take(self, now: float, in_flight: int) -> bool:
        _ = in_flight
        self._fill(now)
        if self._level < 1:
            return False
        self._level -= 1
        return True

    def headers(self, now: float, *, refused: bool) -> Headers:
        """Return the size and the level; after a refusal, also when the next token is available."""
        if not self._tells:
            return {}
        self._fill(now)
        fields: Headers = {"x-ratelimit-limit": self._burst, "x-ratelimit-remaining": int(self._level)}
        if refused:
            fields["retry-after"] = max(1, math.ceil((1 - self._level) / self._rate))
        return fields

    def _fill(self, now: float) -> None:
        self._level = min(float(self._burst), self._level + (now - self._at) * self._rate)
        self._at = now


class SlidingLog:
    """At most `limit` requests in any `per` seconds; headers do not report it."""

    def __init__(self, limit: int, per: float) -> None:
        self._limit, self._per = limit, per
        self._log: deque[float] = deque()

    def take(self, now: float, in_flight: int) -> bool:
        _ = in_flight
        while self._log and now - self._log[0] >= self._per:
            self._log.popleft()
        if len(self._log) >= self._limit:
            return False
        self._log.append(now)
        return True

    def headers(self, now: float, *, refused: bool) -> Headers:
        _ = (now, refused)
        return {}


class Concurrency:
    """GitHub's secondary limit: more than `most` requests in flight block the client for `penalty` seconds.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits

    Requests in flight are counted from the client's side: from sending to the last byte of the response.
    """

    def __init__(self, most: int, penalty: float) -> None:
        self._most, self._penalty = most, penalty
        self._until = -math.inf

    def take(self, now: float, in_flight: int) -> bool:
        if now < self._until:
            return False
        if in_flight >= self._most:
            self._until = now + self._penalty
            return False
        return True

    def headers(self, now: float, *, refused: bool) -> Headers:
        return {"retry-after": max(1, math.ceil(self._until - now)), "secondary": 1} if refused else {}


class LyingWindow:
    """AniList's degraded mode: it reports a higher limit than it grants, and blocks a client that uses it.

    https://docs.anilist.co/guide/rate-limiting

    A window opens with its first request. A block ends it.
    """

    def __init__(self, *, advertised: int, true: int, per: float, penalty: float) -> None:
        self._advertised, self._true, self._per, self._penalty = advertised, true, per, penalty
        self._opened: float | None = None
        self._used = 0
        self._until = -math.inf

    def take(self, now: float, in_flight: int) -> bool:
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

    def headers(self, now: float, *, refused: bool) -> Headers:
        """Return the overstated numbers; a reset only after a refusal."""
        fields: Headers = {
            "x-ratelimit-limit": self._advertised,
            "x-ratelimit-remaining": max(0, self._advertised - self._used),
        }
        if refused:
            fields["retry-after"] = max(1, math.ceil(self._until - now))
            fields["x-ratelimit-reset"] = math.ceil(EPOCH + self._until)
        return fields
