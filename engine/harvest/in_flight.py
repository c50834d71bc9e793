"""A request under way: made by a lane, sent by the dispatcher, judged by the outcome handler."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.pacing.ticket import Ticket
from engine.storage.frontier import Claimed


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlightRequest:
    """A request that may leave: what it is, and what it holds until it is answered."""

    claimed: Claimed
    headers: Mapping[str, str]
    place: int
    ticket: Ticket
    what: str
