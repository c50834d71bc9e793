"""A source whose rows become something outside the database as well: files, for whoever works on them next. Pure.

`deliver` derives everything from what has landed, so it may be called at any time and as often as one likes: what was
delivered before is found delivered, and what a crash left out is made up for by the next call.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable


class Stored(Protocol):
    """A source's own tables, as they are on disk now."""

    def select(
        self, table: str, where: Mapping[str, Any] | None = None, *, above: tuple[str, int] | None = None
    ) -> Iterator[Mapping[str, Any]]:
        """Yield rows whose columns equal `where`; `above` gives a column that must be larger, and orders by it."""


@runtime_checkable
class Delivers(Protocol):
    """What a source has beside `engine.model.source.Source` when it delivers."""

    def deliver(self, stored: Stored, since: float) -> Sequence[str]:
        """Bring what is outside up to what is stored; called in a thread, before a run, during it and after it.

        Args:
            stored: the source's tables.
            since: when the run began, seconds since the epoch: rows written later are this run's.

        Returns:
            What went wrong, one line each; nothing here stops a run.
        """
