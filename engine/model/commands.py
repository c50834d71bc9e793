"""What a person can ask of a running harvest. Each command is plain data, so that a socket can carry it as well.

`source` names one source; where a command may have None, that is every source.
"""

from dataclasses import dataclass

from engine.model.tuning import Tuning


@dataclass(frozen=True, slots=True)
class Pause:
    """Start no more requests."""

    source: str | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """Start requests again."""

    source: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeLimit:
    """Try more (1) or fewer (-1) requests in flight; where they are pinned, move the pin by one."""

    source: str
    step: int


@dataclass(frozen=True, slots=True)
class SetPin:
    """Keep exactly so many requests in flight in each lane; None is as many as now."""

    source: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class ChangeCap:
    """Move the cap on requests in flight up or down from where it is."""

    source: str
    step: int


@dataclass(frozen=True, slots=True)
class SetCap:
    """Never have more requests in flight in each lane than this."""

    source: str
    number: int


@dataclass(frozen=True, slots=True)
class Automatic:
    """Give the concurrency back to the controller: no pin, no cap."""

    source: str


@dataclass(frozen=True, slots=True)
class Tune:
    """Change the settings that differ from the present ones. A source that has ended keeps them, to be saved."""

    source: str
    tuning: Tuning


@dataclass(frozen=True, slots=True)
class Retry:
    """Queue again what failed for good: all of it, one kind of error, or one request."""

    source: str | None = None
    failure: str | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Set aside what failed for good, one kind of error or one request: no run tries it until it is released."""

    source: str
    failure: str | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """Let one request, or all of a source, out of quarantine; a run that goes on tries them at once."""

    source: str
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """Fetch what fills some parts, by their keys, and nothing besides. A source that has ended begins a run for it."""

    source: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """Finish what is in flight, then end."""


@dataclass(frozen=True, slots=True)
class StopNow:
    """End at once; what is in flight is fetched again by the next run."""


ForSource = (
    Pause | Resume | ChangeLimit | SetPin | ChangeCap | SetCap | Automatic | Tune | Retry | Quarantine | Release | Fill
)
"""A command about sources, as against the whole harvest."""
Command = ForSource | Stop | StopNow


@dataclass(frozen=True, slots=True)
class Done:
    """The command was carried out."""

    count: int = 0
    """How many requests were queued or set aside, or how many parts needed filling; else 0."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing has changed."""

    reason: str
    """One line for the person. Safe to show."""


Outcome = Done | Refused
