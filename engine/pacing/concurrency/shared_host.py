"""One knee per host: several groups that ask the same server share what it takes. Pure.

Each has a fair share of the limit by its weight, rounded down; what one does not use is lent to the others, and comes
back as soon as it asks again.
"""

from collections.abc import Callable
from typing import Final

from engine.pacing.concurrency.controller import Controller, Move, Sample

# A change of policy under way: requests sent under the old controller are still the old one's to learn from. Pure.


class PolicySwitch:
    """A `Controller` that decides by the new one, and lets the old one hear of the requests it sent."""

    def __init__(self, old: Controller, new: Controller, *, since: float, under_way: int) -> None:
        self.new = new
        self._old = old
        self._since = since
        self._under_way = under_way

    @property
    def limit(self) -> int:
        """How many may be in flight."""
        return self.new.limit

    @property
    def spacing(self) -> float:
        """Seconds to leave between two sends."""
        return self.new.spacing

    def ask(self, now: float) -> None:
        """Note that a request wants to leave."""
        self.new.ask(now)

    def sent(self, now: float, in_flight: int, route: str) -> int:
        """Note that a request left."""
        return self.new.sent(now, in_flight, route)

    def observe(self, now: float, sample: Sample) -> Move | None:
        """Pass a sample to whose it is; what the old one concludes moves nothing any more."""
        if self._under_way > 0 and sample.sent_at <= self._since:
            self._under_way -= 1
            self._old.observe(now, sample)
            return None
        return self.new.observe(now, sample)

    def resume(self, limit: float) -> Move | None:
        """Start again from a limit."""
        return self.new.resume(limit)

    def try_out(self, limit: float, why: str) -> Move | None:
        """Go to a limit the person wants."""
        return self.new.try_out(limit, why)

    def words(self) -> str:
        """Say what the new one does."""
        return self.new.words()


PATIENCE: Final = 1.0
"""Who has not asked for so many seconds wants nothing now."""


class HostController:
    """The one controller of a host, and the seats at it."""

    def __init__(self, controller: Controller) -> None:
        self.controller = controller
        self._seats: list[HostShare] = []

    def join(self, weight: float = 1.0, freed: Callable[[], None] = lambda: None) -> "HostShare":
        """Give a group a seat.

        Args:
            weight: its share next to the others', above 0.
            freed: called when room was made that it may use, so that nobody has to poll.
        """
        seat = HostShare(self, weight=max(weight, 1e-6), freed=freed)
        self._seats.append(seat)
        return seat

    def leave(self, seat: "HostShare") -> None:
        """Take a group's seat away; its share goes to the others."""
        self._seats = [other for other in self._seats if other is not seat]
        self.free(None)

    def asking(self, now: float) -> int:
        """Return how many groups want to send, at least 1."""
        return max(1, sum(seat.wants(now) for seat in self._seats))

    def in_flight(self) -> int:
        """Return how many are in flight, of all groups."""
        return sum(seat.in_flight for seat in self._seats)

    def allowed(self, seat: "HostShare", now: float) -> int:
        """Return how many of a group may be in flight: weighted max-min fairness over those who want more."""
        limit = self.controller.limit
        if len(self._seats) == 1:
            return limit
        others = [other for other in self._seats if other is not seat]
        hungry = [other for other in others if other.wants(now)]
        weights = seat.weight + sum(other.weight for other in hungry)
        used = sum(other.in_flight for other in others if other not in hungry)
        fair = max(1, int((limit - used) * seat.weight / weights))
        return min(fair, max(1, limit - sum(other.in_flight for other in others)))

    def free(self, by: "HostShare | None") -> None:
        """Tell the others that there may be room."""
        for seat in self._seats:
            if seat is not by:
                seat.freed()


class HostShare:
    """A `Controller` for one group: its share of the host's."""

    def __init__(self, host: HostController, *, weight: float, freed: Callable[[], None]) -> None:
        self.weight = weight
        self.freed = freed
        self.in_flight = 0
        self._host = host
        self._asked_at = float("-inf")
        self._now = 0.0

    @property
    def limit(self) -> int:
        """How many of this group may be in flight."""
        return self._host.allowed(self, self._now)

    @property
    def spacing(self) -> float:
        """Seconds between two sends of this group; the host's spacing is for all of them."""
        return self._host.controller.spacing * self._host.asking(self._now)

    @property
    def host(self) -> HostController:
        """Whose seat it is."""
        return self._host

    def wants(self, now: float) -> bool:
        """Say whether the group would send more if it might."""
        return now - self._asked_at <= PATIENCE

    def leave(self) -> None:
        """Give the seat up; what it had in flight is still heard of."""
        self._host.leave(self)

    def ask(self, now: float) -> None:
        """Note that the group wants to send."""
        self._now = self._asked_at = now

    def sent(self, now: float, in_flight: int, route: str) -> int:
        """Count a send; the host's controller sees all that are in flight."""
        self._now, self.in_flight = now, in_flight
        return self._host.controller.sent(now, self._host.in_flight(), route)

    def observe(self, now: float, sample: Sample) -> Move | None:
        """Pass a sample on, and tell the others that a place is free."""
        self._now = now
        self.in_flight = max(0, self.in_flight - 1)
        move = self._host.controller.observe(now, sample)
        self._host.free(self)
        return move

    def resume(self, limit: float) -> Move | None:
        """Start the host again from a limit."""
        return self._host.controller.resume(limit)

    def try_out(self, limit: float, why: str) -> Move | None:
        """Try the host's limit out, larger or smaller as this group's share is to become."""
        before, share = self.limit, limit / max(1, self.limit)
        if self._host.controller.try_out(share * self._host.controller.limit, why) is None:
            return None
        return Move(before, self.limit, why)

    def words(self) -> str:
        """Say what the host's controller does, and that it is shared."""
        return f"{self._host.controller.words()}, shared"


def leave(controller: Controller) -> None:
    """Give up the seat at a host that a controller is, where it is one."""
    seat = held(controller)
    if isinstance(seat, HostShare):
        seat.leave()


def owner(controller: Controller) -> object:
    """Return whose decision it is: of a seat, the host's."""
    decides = held(controller)
    return decides.host if isinstance(decides, HostShare) else decides


def held(controller: Controller) -> Controller:
    """Return who decides now: after a change of policy, the new one."""
    return controller.new if isinstance(controller, PolicySwitch) else controller
