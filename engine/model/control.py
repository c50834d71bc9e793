"""How a screen, the command line and a service reach a running deck: one snapshot, one way to command, one reader."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol

from engine.model.commands import Command, Outcome
from engine.model.coverage import Part
from engine.model.snapshot import Changes, DeckState, FailedDetail, FailedRequest


class Reader(Protocol):
    """Reads what is on disk, and may take a moment.

    Raises:
        StoreUnusable: from every method, when the database cannot be read.
    """

    def failed(self, source: str, failure: str) -> Sequence[FailedRequest]:
        """List the requests of one kind of error, the newest first, at most 500."""

    def inspect(self, id: int) -> FailedDetail | None:
        """Say all that is known of a failed request; None when it is failed no more."""

    def quarantined(self) -> Sequence[FailedRequest]:
        """List what is in quarantine, the newest first, at most 500."""

    def changes(self) -> Changes:
        """Say which rows are new, changed, renamed or gone."""

    def parts(self, source: str) -> Sequence[Part]:
        """List the parts of a source with what is there of each."""


class Control(Reader, Protocol):
    """A deck that runs, or has ended. Every method is safe from any thread."""

    def snapshot(self) -> DeckState:
        """Return the state of everything in one immutable value."""

    def send(self, command: Command) -> Future[Outcome]:
        """Have a command carried out; return at once, with the outcome to come.

        Every command is answered. One for a source that is about to begin is carried out when it begins.
        """
