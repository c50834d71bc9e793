"""Whether a host answers at all. When it does not it is offline: one request asks whether it is back. Pure.

A request is not to blame for a network that is gone, so its attempts count only while the host answers others
(scrapy/scrapy#4043). What counts as an answer is an HTTP response of any status, or its beginning.

One object is shared by all lanes that ask a host, so one request probes for all of them. All times are seconds on one
monotonic clock and are passed in.
"""

from collections.abc import Callable
from typing import Final

from engine.model.outside_wait import Cause, OutsideWait

FAILURES: Final = 2
"""Requests in a row without an answer after which the host is offline. One may be a connection that broke."""
PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds before the probes; the last value repeats."""
JITTER: Final = 0.2
"""Pauses vary by this share either way, so that several clients do not return at once."""


class Reachability:
    """Counts requests without an answer, and lets one probe at a time through while the host is offline."""

    def __init__(self) -> None:
        self.changed: list[Callable[[], None]] = []
        """Called when the host has answered again, and when the next probe may go: lanes look again."""
        self._answered_at = float("-inf")
        self._failures = 0
        self._failing_since = 0.0
        self.words = ""
        """Why it gives no answer."""
        self._until = 0.0
        self._pauses = 0
        self._probing = False

    def __repr__(self) -> str:
        return f"<Reachability {'offline' if self.offline else 'online'}, {self._failures} without an answer>"

    @property
    def offline(self) -> bool:
        """Whether requests are held back."""
        return self._failures >= FAILURES

    def blocked(self, now: float) -> float | None:
        """Return the seconds until a request may be sent; 0 for now, None while the probe is in flight."""
        if not self.offline:
            return 0.0
        return None if self._probing else max(0.0, self._until - now)

    def sent(self, now: float) -> bool:
        """Record a send. Return whether it is the probe."""
        probe = self.blocked(now) == 0.0 and self.offline
        self._probing = self._probing or probe
        return probe

    def answered(self, now: float) -> bool:
        """Record the beginning of an answer. Return whether the host was offline."""
        was = self.offline
        self._answered_at, self._failures, self._probing = now, 0, False
        if was:
            self._call()
        return was

    def unanswered(self, now: float, words: str, chance: float, *, probe: bool) -> None:
        """Record a request that ended without an answer.

        Args:
            now: when it ended.
            words: why, for the screen: "the host refuses connections".
            chance: 0 to 1, the share of the jitter of the next pause.
            probe: what `sent` returned for it.
        """
        if self._failures == 0:
            self._failing_since = now
        was = self.offline
        self._failures += 1
        self.words = words or self.words
        if was and not probe:
            return  # it was sent before: the rest of its flight says nothing new
        if not self.offline:
            return
        self._pauses = self._pauses + 1 if was else 0
        pause = PAUSES[min(self._pauses, len(PAUSES) - 1)]
        self._until = now + pause * (1 + JITTER * (2 * chance - 1))
        self._probing = False
        self._call()

    def gone(self, *, probe: bool) -> None:
        """Record that a request was cancelled. If it was the probe, another may be sent."""
        if probe:
            self._probing = False
            self._call()

    def answers_since(self, then: float) -> bool:
        """Whether the host has answered anything after that time."""
        return self._answered_at > then

    def outside(self, now: float) -> OutsideWait | None:
        """Return the wait, its times on the clock of `now`, if the host is offline."""
        if not self.offline:
            return None
        left = self.blocked(now)
        next_try = None if left is None else now + left
        return OutsideWait(cause=Cause.OFFLINE, words=self.words, since=self._failing_since, next_try=next_try)

    def _call(self) -> None:
        for call in list(self.changed):
            call()
