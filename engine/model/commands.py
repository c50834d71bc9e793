"""The commands to a running harvest. Each is plain data, so that a socket could carry it as well.

`source` is the name of a source; None stands for every source.
"""

from dataclasses import dataclass

from engine.model.tuning import Tuning


@dataclass(frozen=True, slots=True)
class Pause:
    """Send no more requests."""

    source: str | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """Send requests again."""

    source: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeLimit:
    """Try more (1) or fewer (-1) requests in flight; if they are pinned, move the pin by one."""

    source: str
    step: int


@dataclass(frozen=True, slots=True)
class SetPin:
    """Pin the number of requests in flight in each lane. None pins the present number."""

    source: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class ChangeCap:
    """Move the cap on requests in flight up (1) or down (-1)."""

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
    """Queue failed requests again: all, those of one kind of error, or one."""

    source: str | None = None
    failure: str | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Quarantine failed requests: those of one kind of error, or one. No run sends them until they are released."""

    source: str
    failure: str | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """Release one request of a source from quarantine, or all. A run that goes on sends them at once."""

    source: str
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """Fetch only what fills some parts, given by their keys. A source that has ended begins a new run for it."""

    source: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LookForLogin:
    """Look now for another credential, where one was refused."""

    source: str | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Finish what is in flight, then end."""


@dataclass(frozen=True, slots=True)
class StopNow:
    """End at once. The next run fetches again what is in flight."""


ForSource = (
    Pause
    | Resume
    | ChangeLimit
    | SetPin
    | ChangeCap
    | SetCap
    | Automatic
    | Tune
    | Retry
    | Quarantine
    | Release
    | Fill
    | LookForLogin
)
"""A command to one source or to every source, not to the harvest as a whole."""
Command = ForSource | Stop | StopNow


@dataclass(frozen=True, slots=True)
class Done:
    """The command was carried out."""

    count: int = 0
    """How many requests were queued or quarantined, or how many parts needed filling; 0 for other commands."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The command changed nothing."""

    reason: str
    """One line for the user, safe to show."""


Outcome = Done | Refused
