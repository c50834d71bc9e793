"""What a person does to single requests of a source: tried again, set aside, released, fetched to fill a part.

Each lands on disk, is told to the log, and takes what failed no longer out of the counts of failures.
"""

from collections.abc import Mapping

from engine.harvest.context import SourceContext
from engine.model.coverage import RefillPlan


class ManualRequeue:
    """Moves requests into a source's queue and out of it. Each method returns how many requests it moved."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context

    async def retry(self, failure: str | None, id: int | None) -> int:
        """Queue again what failed for good: all, one kind of error, or one request."""
        queued = await self._context.store.retry(failure, id)
        many = sum(queued.values())
        self._context.reporter.queued(many)
        self._uncount(queued)
        return many

    async def fill(self, filling: RefillPlan) -> int:
        """Queue what fills some parts of the coverage map."""
        many, failed = await self._context.store.fill(filling)
        self._context.reporter.filled(len(filling.parts), many)
        self._uncount(failed)
        return many

    async def set_aside(self, failure: str | None, id: int | None) -> int:
        """Put what failed for good into quarantine: all, one kind of error, or one request."""
        found = await self._context.store.set_aside(failure, id)
        many = sum(found.values())
        self._uncount(found)
        self._context.reporter.set_aside(many)
        return many

    async def let_out(self, id: int | None, *, queue: bool) -> int:
        """Release what is in quarantine, one request or all; `queue` it where the run goes on."""
        many = await self._context.store.let_out(id, queue=queue)
        self._context.reporter.set_aside(many, released=True)
        return many

    def _uncount(self, failed: Mapping[str, int]) -> None:
        """Forget failures, so many of each kind."""
        self._context.failures.uncount(failed)
        self._context.meter.failed = max(0, self._context.meter.failed - sum(failed.values()))
