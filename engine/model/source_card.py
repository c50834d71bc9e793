"""What the picker and `fetchdeck sources` show of a source before it runs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCard:
    """The picker's description of one source before it runs."""

    name: str
    summary: str
    terms: str
    limits: str
    """"5,000 per hour (headers)"."""
    ready: bool
    problem: str
    """Why it cannot start, and what to do about it; "" if ready."""
    access: str
    """"token from GITHUB_TOKEN", "no token needed"."""
    last_run: str
    """"2 hours ago, done", "never"."""
    resumable: int
    """Requests that an unfinished run has left; 0 if there is none."""
    rows: int | None
    cost: str = ""
    """An estimate of what the next run will request, made without the API; "" if nothing is known."""
