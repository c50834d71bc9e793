"""What the user does to single requests: retry, quarantine, release, and refill of parts.

Each action is committed, logged, and removes requests that no longer count as failed from the failure counts.
"""

from collections.abc import Mapping

from engine.harvest.context import SourceContext
from engine.model.coverage import RefillPlan


class ManualRequeue:
    """Moves requests into and out of a source's queue. Each method returns how many requests it moved."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context

    async def retry(self, failure: str | None, id: int | None) -> int:
        """Queue failed requests again: all, those of one kind of error, or one."""
        queued = await self._context.store.retry(failure, id)
        count = sum(queued.values())
        self._context.reporter.queued(count)
        await self._uncount(queued)
        return count

    async def fill(self, plan: RefillPlan) -> int:
        """Queue the requests that fill some parts of the coverage map."""
        count, failed = await self._context.store.fill(plan)
        self._context.reporter.refilled(len(plan.parts), count)
        await self._uncount(failed)
        return count

    async def quarantine(self, failure: str | None, id: int | None) -> int:
        """Quarantine failed requests: all, those of one kind of error, or one."""
        found = await self._context.store.quarantine(failure, id)
        count = sum(found.values())
        await self._uncount(found)
        self._context.reporter.quarantined(count)
        return count

    async def release(self, id: int | None, *, queue: bool) -> int:
        """Release one request from quarantine, or all. With `queue`, they are queued at once."""
        count = await self._context.store.release(id, queue=queue)
        self._context.reporter.quarantined(count, released=True)
        return count

    async def _uncount(self, failed: Mapping[str, int]) -> None:
        """Subtract from the failure counts, by kind of error; the walks of these requests are not cut any more."""
        self._context.failures.uncount(failed)
        self._context.meter.failed = max(0, self._context.meter.failed - sum(failed.values()))
        if failed:
            self._context.walks.load(await self._context.store.walks())
