"""A change of policy under way: requests sent under the old controller are still the old one's to learn from. Pure."""

from engine.pacing.concurrency.controller import Controller, Move, Sample


class Handover:
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
