"""One controller per host, shared by all worker groups that ask this host. Pure.

A separate controller for each group would take the others' queue for a slower server. Each group has a share of the
limit by its weight, rounded down. What a group does not use is lent to the others until it asks again (weighted max-min
fairness, https://en.wikipedia.org/wiki/Max-min_fairness).
"""

from collections.abc import Callable
from typing import Final

from engine.pacing.concurrency.controller import Controller, Move, Sample

PATIENCE: Final = 1.0
"""A group that has not asked for so many seconds needs no share now."""


class HostController:
    """The controller of a host, and the shares of the groups that use it."""

    def __init__(self, controller: Controller) -> None:
        self.controller = controller
        self._shares: list[HostShare] = []

    def join(self, weight: float = 1.0, freed: Callable[[], None] = lambda: None) -> "HostShare":
        """Give a group a share.

        Args:
            weight: relative to the weights of the other groups, above 0.
            freed: called when there may be room for this group, so that it need not poll.
        """
        share = HostShare(self, weight=max(weight, 1e-6), freed=freed)
        self._shares.append(share)
        return share

    def release(self, share: "HostShare") -> None:
        """Take a share out. What it held goes to the others."""
        self._shares = [other for other in self._shares if other is not share]
        self.free(None)

    def asking(self, now: float) -> int:
        """Return how many groups want to send, at least 1."""
        return max(1, sum(share.wants(now) for share in self._shares))

    def in_flight(self) -> int:
        """Return the number of requests in flight over all groups."""
        return sum(share.in_flight for share in self._shares)

    def allowed(self, share: "HostShare", now: float) -> int:
        """Return how many requests of a group may be in flight: its weighted share of what idle groups leave."""
        limit = self.controller.limit
        if len(self._shares) == 1:
            return limit
        others = [other for other in self._shares if other is not share]
        hungry = [other for other in others if other.wants(now)]
        weights = share.weight + sum(other.weight for other in hungry)
        used = sum(other.in_flight for other in others if other not in hungry)
        fair = max(1, int((limit - used) * share.weight / weights))
        # A lent place comes back only when its request ends. Until then the total must not pass the limit.
        return min(fair, max(1, limit - sum(other.in_flight for other in others)))

    def free(self, by: "HostShare | None") -> None:
        """Tell the other groups that there may be room."""
        for share in self._shares:
            if share is not by:
                share.freed()


class HostShare:
    """A `Controller` for one group: its share of the host's controller."""

    def __init__(self, host: HostController, *, weight: float, freed: Callable[[], None]) -> None:
        self.weight = weight
        self.freed = freed
        self.in_flight = 0
        self._host = host
        self._asked_at = float("-inf")
        self._now = 0.0

    @property
    def limit(self) -> int:
        """How many requests of this group may be in flight."""
        return self._host.allowed(self, self._now)

    @property
    def spacing(self) -> float:
        """Seconds between two sends of this group. The host's spacing holds for all groups together."""
        return self._host.controller.spacing * self._host.asking(self._now)

    @property
    def host(self) -> HostController:
        return self._host

    def wants(self, now: float) -> bool:
        """Whether the group would send more if it were allowed to."""
        return now - self._asked_at <= PATIENCE

    def release(self) -> None:
        """Give the share up. Samples of requests still in flight are learned from all the same."""
        self._host.release(self)

    def ask(self, now: float) -> None:
        self._now = self._asked_at = now

    def sent(self, now: float, in_flight: int, route: str) -> int:
        """Count a send. The host's controller is told of the requests in flight of all groups."""
        self._now, self.in_flight = now, in_flight
        return self._host.controller.sent(now, self._host.in_flight(), route)

    def observe(self, now: float, sample: Sample) -> Move | None:
        """Learn from a sample, and tell the other groups that there may be room."""
        self._now = now
        self.in_flight = max(0, self.in_flight - 1)
        move = self._host.controller.observe(now, sample)
        self._host.free(self)
        return move

    def resume(self, limit: float) -> Move | None:
        """Restart the host's controller from a limit of the host, not of this share."""
        return self._host.controller.resume(limit)

    def try_out(self, limit: float, why: str) -> Move | None:
        """Move the host's limit by the factor by which this group's share is to change."""
        before, share = self.limit, limit / max(1, self.limit)
        if self._host.controller.try_out(share * self._host.controller.limit, why) is None:
            return None
        return Move(before, self.limit, why)

    def describe(self) -> str:
        return f"{self._host.controller.describe()}, shared"


class PolicySwitch:
    """A `Controller` during a change of policy: the new one decides, the old one gets the samples of what it sent.

    The tag of a sample belongs to the controller that sent it. The old one must see its samples too, because it may be
    a share that counts its requests in flight.
    """

    def __init__(self, old: Controller, new: Controller, *, since: float, under_way: int) -> None:
        self.new = new
        self._old = old
        self._since = since
        self._under_way = under_way

    @property
    def limit(self) -> int:
        return self.new.limit

    @property
    def spacing(self) -> float:
        return self.new.spacing

    def ask(self, now: float) -> None:
        self.new.ask(now)

    def sent(self, now: float, in_flight: int, route: str) -> int:
        return self.new.sent(now, in_flight, route)

    def observe(self, now: float, sample: Sample) -> Move | None:
        """Pass a sample to the controller that sent the request. A move of the old one has no effect."""
        if self._under_way > 0 and sample.sent_at <= self._since:
            self._under_way -= 1
            self._old.observe(now, sample)
            return None
        return self.new.observe(now, sample)

    def resume(self, limit: float) -> Move | None:
        return self.new.resume(limit)

    def try_out(self, limit: float, why: str) -> Move | None:
        return self.new.try_out(limit, why)

    def describe(self) -> str:
        return self.new.describe()


def release(controller: Controller) -> None:
    """Give up the share of a host, if the controller is one."""
    share = current_controller(controller)
    if isinstance(share, HostShare):
        share.release()


def deciding_object(controller: Controller) -> object:
    """Return the object that decides the limit: for a share, the host it belongs to."""
    current = current_controller(controller)
    return current.host if isinstance(current, HostShare) else current


def current_controller(controller: Controller) -> Controller:
    """Return the controller that decides now: after a change of policy, the new one."""
    return controller.new if isinstance(controller, PolicySwitch) else controller
