"""The few things a person can tell a running deck. The screen and the command line know the engine only by this."""

from collections.abc import Sequence
from typing import Protocol

from engine.model.coverage import Part
from engine.model.snapshot import Changes, DeckState, FailedDetail, FailedRequest, Tuning


class Control(Protocol):
    """Commands are safe from any thread, return at once and never raise for an unknown source."""

    def snapshot(self) -> DeckState:
        """Say the state of everything in one immutable value."""

    def pause(self, source: str | None = None) -> None:
        """Start nothing more for one source, or for all."""

    def resume(self, source: str | None = None) -> None:
        """Go on."""

    def nudge(self, source: str, step: int) -> None:
        """Try more (1) or fewer (-1) in flight in a source's lanes once; one more or fewer where they are pinned."""

    def pin(self, source: str, number: int | None = None) -> None:
        """Have so many in flight in each of a source's lanes; None is as many as now."""

    def cap(self, source: str, step: int) -> None:
        """Never have more in flight in a source's lanes than `step` above or below what the cap is now."""

    def cap_at(self, source: str, number: int) -> None:
        """Never have more in flight in a source's lanes than this."""

    def automatic(self, source: str) -> None:
        """Give the concurrency back to the controller: no pin, no cap."""

    def tune(self, source: str, tuning: Tuning) -> None:
        """Change what differs from how a source is tuned now.

        Raises:
            ConfigError: the policy or a rule is none, or this API does not allow as many; nothing has changed.
        """

    def retry(self, source: str | None = None, failure: str | None = None, id: int | None = None) -> None:
        """Queue again what failed for good: everything, a source's, one kind of error, or one request."""

    def failed(self, source: str, failure: str) -> Sequence[FailedRequest]:
        """List the requests of one kind of error, the newest first, at most 500. Reads the disk.

        Raises:
            StoreUnusable: the database cannot be read.
        """

    def inspect(self, id: int) -> FailedDetail | None:
        """Say all that is known of a failed request; None when it is failed no more. Reads the disk.

        Raises:
            StoreUnusable: the database cannot be read.
        """

    def set_aside(self, source: str, failure: str | None = None, id: int | None = None) -> None:
        """Put what failed for good into quarantine, a kind of error or a request: no run tries it until released."""

    def release(self, source: str, id: int | None = None) -> None:
        """Let one request, or all of a source, out of quarantine; a run that goes on tries them at once."""

    def quarantined(self) -> Sequence[FailedRequest]:
        """List what is in quarantine, the newest first, at most 500. Reads the disk.

        Raises:
            StoreUnusable: the database cannot be read.
        """

    def changes(self) -> Changes:
        """Say which rows are new, changed, renamed or gone. Reads the disk, and may take a moment.

        Raises:
            StoreUnusable: the database cannot be read.
        """

    def parts(self, source: str) -> Sequence[Part]:
        """List the parts of a source with what is there of each. Reads the disk, and may take a moment.

        Raises:
            UsageError: the database cannot be read.
        """

    def fill(self, source: str, parts: Sequence[str]) -> int:
        """Fetch what fills some parts, by their keys, and nothing besides; return how many of them need it.

        Reads the disk, and may take a moment. A source that has ended begins a run for it.

        Raises:
            UsageError: the database cannot be read, or a part is not there any more.
        """

    def stop(self) -> None:
        """Finish what is in flight, then end."""

    def stop_now(self) -> None:
        """End at once; what is in flight is fetched again by the next run."""
