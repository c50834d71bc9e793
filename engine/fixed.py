"""A number in flight that never moves: what policies begin from that a person chooses by hand."""

from engine.pacing.concurrency.controller import Move, Sample


class Fixed:
    """Always the same number: for a server whose limit is known, and to compare with."""

    def __init__(self, limit: int) -> None:
        self._limit = max(1, limit)

    @property
    def limit(self) -> int:
        """The number it was given."""
        return self._limit

    @property
    def spacing(self) -> float:
        """No time at all."""
        return 0.0

    def ask(self, now: float) -> None:
        """Note nothing."""

    def sent(self, now: float, in_flight: int, route: str) -> int:
        """Note nothing."""
        _ = (now, in_flight, route)
        return 0

    def observe(self, now: float, sample: Sample) -> Move | None:
        """Change nothing."""
        _ = (now, sample)
        return None

    def resume(self, limit: float) -> Move | None:
        """Change nothing."""
        _ = limit
        return None

    def try_out(self, limit: float, why: str) -> Move | None:
        """Judge nothing."""
        _ = (limit, why)
        return None

    def words(self) -> str:
        """Say the number."""
        return f"fixed at {self._limit}"
