"""The interface of a running deck for the screen, the command line and other clients: snapshots, commands, reads."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol

from engine.model.changes import Changes
from engine.model.commands import Command, Outcome
from engine.model.coverage import Part
from engine.model.snapshot import DeckState, FailedDetail, FailedRequest


class Reader(Protocol):
    """Reads stored data from disk, which may take seconds.

    Raises:
        StoreUnusable: from every method, if the database cannot be read.
    """

    def failed(self, source: str, failure: str) -> Sequence[FailedRequest]:
        """Return the failed requests of one kind of error, the newest first, at most 500."""

    def inspect(self, id: int) -> FailedDetail | None:
        """Return everything known about a failed request; None if it no longer counts as failed."""

    def quarantined(self) -> Sequence[FailedRequest]:
        """Return the requests in quarantine, the newest first, at most 500."""

    def changes(self) -> Changes:
        """Return which rows are new, changed, renamed or gone."""

    def parts(self, source: str) -> Sequence[Part]:
        """Return the parts of a source with their coverage."""


class Control(Reader, Protocol):
    """A deck that runs or has ended. Every method may be called from any thread."""

    def snapshot(self) -> DeckState:
        """Return the state of everything in one immutable value."""

    def send(self, command: Command) -> Future[Outcome]:
        """Carry out a command; return its future outcome at once.

        Every command is answered. A command to a source that is about to begin is carried out when it begins.
        """
