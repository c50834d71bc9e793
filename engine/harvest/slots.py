"""Numbered places: "worker 7" on the screen. A place is held only while a request is under way."""

import heapq
from dataclasses import dataclass

from engine.model.lane_state import SlotState, WorkerSlot


@dataclass(slots=True)
class _Slot:
    what: str = ""
    since: float | None = None
    canary: bool = False
    done: int = 0
    retried: int = 0


class WorkerSlots:
    """Hands out the lowest free number. Times are monotonic seconds, passed in."""

    def __init__(self) -> None:
        self._seats: list[_Slot] = []
        self._free: list[int] = []

    @property
    def taken(self) -> int:
        """How many are held."""
        return len(self._seats) - len(self._free)

    def take(self, now: float, what: str, *, canary: bool) -> int:
        """Take a place for a request."""
        if self._free:
            number = heapq.heappop(self._free)
        else:
            number = len(self._seats)
            self._seats.append(_Slot())
        seat = self._seats[number]
        seat.what, seat.since, seat.canary = what, now, canary
        return number

    def release(self, number: int) -> None:
        """Give a place back."""
        self._seats[number].since = None
        heapq.heappush(self._free, number)

    def tally(self, number: int, *, landed: bool) -> None:
        """Count a place's last request as landed or as one to be sent again."""
        if landed:
            self._seats[number].done += 1
        else:
            self._seats[number].retried += 1

    def snapshot(self, now: float) -> tuple[WorkerSlot, ...]:
        """Say what every place is doing."""
        return tuple(_view(number, seat, now) for number, seat in enumerate(self._seats))


def _view(number: int, seat: _Slot, now: float) -> WorkerSlot:
    state = SlotState.IDLE if seat.since is None else SlotState.CANARY if seat.canary else SlotState.BUSY
    elapsed = None if seat.since is None else now - seat.since
    return WorkerSlot(number=number, state=state, what=seat.what, elapsed=elapsed, done=seat.done, retried=seat.retried)
