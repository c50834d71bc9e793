"""What may be changed of a source while it runs: read at every decision, so that a change counts from the next on."""

from dataclasses import dataclass

from engine.harvest.job import Job
from engine.model.source import retries_of


@dataclass(slots=True, kw_only=True)
class GroupSettings:
    """One source's; changed on the engine's own thread only."""

    retries: int
    """How often a request that failed in passing is sent again, 0 for never; a refusal for its rate does not count."""

    @classmethod
    def of(cls, job: Job) -> "GroupSettings":
        """Take the person's wishes, and where there are none what the source says of itself."""
        return cls(retries=retries_of(job.source) if job.retries is None else job.retries)
