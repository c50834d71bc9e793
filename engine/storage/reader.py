"""Reads errors, changes and coverage for screens from the database itself, however busy the engine is.

The modules are imported where they are used: importing them at the top would delay the first frame.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from engine.model.changes import Changes
from engine.model.coverage import Part
from engine.model.snapshot import FailedDetail, FailedRequest
from engine.model.source import Source


class OnDisk:
    """Reads a database for a set of sources; every method opens the file for itself.

    Raises:
        StoreUnusable: from every method, when the database cannot be read.
    """

    def __init__(self, sources: Sequence[Source], path: Path, wall: Callable[[], float]) -> None:
        self._sources = sources
        self._path = path
        self._wall = wall

    def failed(self, source: str, failure: str) -> Sequence[FailedRequest]:
        from engine.storage import failed_requests

        return failed_requests.failed(self._path, source, failure)

    def inspect(self, id: int) -> FailedDetail | None:
        """Return all that is stored about a failed request; None when it no longer counts as failed."""
        from engine.storage import failed_requests

        return failed_requests.inspect(self._path, id, {source.name: source for source in self._sources})

    def quarantined(self) -> Sequence[FailedRequest]:
        """List the requests in quarantine, newest first."""
        from engine.storage import failed_requests

        return failed_requests.quarantined(self._path)

    def changes(self) -> Changes:
        """Return the change feed of the sources; of all in the database if there are none here."""
        from engine.storage.change_feed import read_changes

        return read_changes(self._path, [source.name for source in self._sources])

    def parts(self, source: str) -> Sequence[Part]:
        """List the parts of a source with what is there of each."""
        from engine.storage.coverage_map import coverage_map

        mine = next((one for one in self._sources if one.name == source), None)
        if mine is None:
            return ()
        with coverage_map(self._path, mine, now=self._wall()) as found:
            return found.shown()
