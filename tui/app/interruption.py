"""Tells a harvest that the person ended from one that came to its own end."""

from collections.abc import Callable, Sequence

from engine.model.coverage import Part
from engine.model.snapshot import Changes, DeckState, FailedDetail, FailedRequest, Tuning
from tui.headless.runner import Harvest


class Watched(Harvest):
    """Passes everything on, and notes whether the person stopped the harvest while it was still running."""

    def __init__(self, harvest: Harvest, again: Callable[[str, Sequence[str]], Harvest] | None = None) -> None:
        """Take a harvest. `again` starts another one that fills parts of a source, once this one has ended."""
        self._harvest = harvest
        self._again = again
        self.interrupted = False

    def snapshot(self) -> DeckState:
        """Say the state of everything."""
        return self._harvest.snapshot()

    def pause(self, source: str | None = None) -> None:
        """Start nothing more."""
        self._harvest.pause(source)

    def resume(self, source: str | None = None) -> None:
        """Go on."""
        self._harvest.resume(source)

    def nudge(self, source: str, step: int) -> None:
        """Try more or fewer in flight."""
        self._harvest.nudge(source, step)

    def pin(self, source: str, number: int | None = None) -> None:
        """Have so many in flight."""
        self._harvest.pin(source, number)

    def cap(self, source: str, step: int) -> None:
        """Never have more in flight than `step` above or below what the cap is now."""
        self._harvest.cap(source, step)

    def cap_at(self, source: str, number: int) -> None:
        """Never have more in flight than this."""
        self._harvest.cap_at(source, number)

    def automatic(self, source: str) -> None:
        """Give the concurrency back to the controller."""
        self._harvest.automatic(source)

    def tune(self, source: str, tuning: Tuning) -> None:
        """Change what differs from how a source is tuned now."""
        self._harvest.tune(source, tuning)

    def retry(self, source: str | None = None, failure: str | None = None, id: int | None = None) -> None:
        """Queue failed requests again."""
        self._harvest.retry(source, failure, id)

    def failed(self, source: str, failure: str) -> Sequence[FailedRequest]:
        """List the requests of one kind of error."""
        return self._harvest.failed(source, failure)

    def inspect(self, id: int) -> FailedDetail | None:
        """Say all that is known of a failed request."""
        return self._harvest.inspect(id)

    def set_aside(self, source: str, failure: str | None = None, id: int | None = None) -> None:
        """Put failed requests into quarantine."""
        self._harvest.set_aside(source, failure, id)

    def release(self, source: str, id: int | None = None) -> None:
        """Let requests out of quarantine."""
        self._harvest.release(source, id)

    def quarantined(self) -> Sequence[FailedRequest]:
        """List what is in quarantine."""
        return self._harvest.quarantined()

    def changes(self) -> Changes:
        """Say which rows are new, changed, renamed or gone."""
        return self._harvest.changes()

    def parts(self, source: str) -> Sequence[Part]:
        """List the parts of a source."""
        return self._harvest.parts(source)

    def fill(self, source: str, parts: Sequence[str]) -> int:
        """Fetch what fills some parts: in the harvest that runs, or in a new one."""
        if self._again is None or not self._harvest.wait(0):
            return self._harvest.fill(source, parts)
        self._harvest = self._again(source, parts)
        return len(parts)

    def stop(self) -> None:
        """Finish what is in flight, then end."""
        self._note()
        self._harvest.stop()

    def stop_now(self) -> None:
        """End at once."""
        self._note()
        self._harvest.stop_now()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end; say whether it has come."""
        return self._harvest.wait(timeout)

    def _note(self) -> None:
        if not self._harvest.wait(0):
            self.interrupted = True
