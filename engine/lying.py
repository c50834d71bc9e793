"""A limit that is lower than the headers say: refused while there is budget left. Pure."""

from typing import Final

from engine.model.lane_state import Quota
from engine.pacing.budgets.budget import Ask, Hold, Pacer, span

USED: Final = 0.97
PROBE: Final = 1.1
SLOWEST: Final = 1 / 600


class LyingLimit:
    """Keeps to what really went through in a window, and tries a tenth more the rarer, the dearer the refusal was."""

    def __init__(self) -> None:
        self.rate: float | None = None
        """Requests a second; None while the headers tell the truth."""
        self._hits = 0
        self._probe_at = float("inf")
        self._patience = 0.0
        self._pacer = Pacer()

    def refused(self, now: float, passed: float, window: float, wait: float) -> None:
        """Learn from a refusal that the headers did not announce.

        Args:
            now: when it came.
            passed: how many requests went through in the last window.
            window: seconds.
            wait: seconds the server asked to wait.
        """
        self.rate = max(SLOWEST, USED * passed / window)
        self._patience = max(10 * window, 20 * wait) * 2.0 ** min(self._hits, 10)
        self._hits += 1
        self._probe_at = now + self._patience

    def restore(self, now: float, rate: float) -> None:
        """Start with what an earlier process learned."""
        self.rate, self._hits, self._patience = max(SLOWEST, rate), 1, 600.0
        self._probe_at = now + self._patience

    def hold(self, now: float, ask: Ask) -> Hold | None:
        """Wait for the pace."""
        _ = ask
        if self.rate is None:
            return None
        if now >= self._probe_at:
            self.rate *= PROBE
            self._probe_at = now + self._patience
        wait = self._pacer.wait(now, self.rate)
        return (
            Hold(wait, f"the headers promise more than {60 * self.rate:,.0f} a minute, but no more pass")
            if wait
            else None
        )

    def sent(self, now: float, cost: float) -> None:
        """Note the send for the pace."""
        if self.rate is not None:
            self._pacer.sent(now, self.rate, cost)

    def answered(self, now: float, sent_at: float, cost: float) -> None:
        """Nothing to do."""

    def quota(self, now: float) -> Quota | None:
        """Show the limit that was found out."""
        _ = now
        if self.rate is None:
            return None
        return Quota(
            name=f"true limit per {span(60)}", origin="learned", limit=60 * self.rate, remaining=None, resets_in=None
        )
