"""A request that a lane sends. The dispatcher passes it to the transport, then to the outcome handler."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.pacing.ticket import Ticket
from engine.storage.frontier import Claimed


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlightRequest:
    """A claimed request with the worker slot and the admission ticket that it occupies until it is answered."""

    claimed: Claimed
    headers: Mapping[str, str]
    """Validators of a conditional request, else empty."""
    slot: int
    ticket: Ticket
    what: str
    """The request in words, for the log and the workers pane."""
