"""What a screen reads from the database itself, however busy the engine is: errors, changes, coverage.

What it takes is loaded where it is used: it takes longer than a screen's first frame.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from engine.model.coverage import PartView
from engine.model.snapshot import Changes, FailedDetail, FailedRequest
from engine.model.source import Source


class OnDisk:
    """Reads what is there of some sources; every method opens the file for itself.

    Raises:
        StoreUnusable: from every method, when the database cannot be read.
    """

    def __init__(self, sources: Sequence[Source], path: Path, wall: Callable[[], float]) -> None:
        self._sources = sources
        self._path = path
        self._wall = wall

    def failed(self, source: str, failure: str) -> Sequence[FailedRequest]:
        """List the requests of one kind of error."""
        from engine.storage import failed_requests

        return failed_requests.failed(self._path, source, failure)

    def inspect(self, id: int) -> FailedDetail | None:
        """Say all that is known of a failed request."""
        from engine.storage import failed_requests

        return failed_requests.inspect(self._path, id, {source.name: source for source in self._sources})

    def aside(self) -> Sequence[FailedRequest]:
        """List what is in quarantine."""
        from engine.storage import failed_requests

        return failed_requests.aside(self._path)

    def changes(self) -> Changes:
        """Say which rows are new, changed, renamed or gone."""
        from engine.storage.change_feed import read_changes

        return read_changes(self._path, [source.name for source in self._sources])

    def parts(self, source: str) -> Sequence[PartView]:
        """List the parts of a source with what is there of each."""
        from engine.storage.coverage_map import coverage_map

        mine = next((one for one in self._sources if one.name == source), None)
        if mine is None:
            return ()
        with coverage_map(self._path, mine, now=self._wall()) as found:
            return found.shown()
