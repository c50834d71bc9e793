"""Numbered worker slots: "worker 7" on the screen. A slot is taken only while a request is in flight."""

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
        self._slots: list[_Slot] = []
        self._free: list[int] = []

    @property
    def taken(self) -> int:
        """How many slots are in use."""
        return len(self._slots) - len(self._free)

    def take(self, now: float, what: str, *, canary: bool) -> int:
        """Take the lowest free slot for a request, or a new one; return its number."""
        if self._free:
            number = heapq.heappop(self._free)
        else:
            number = len(self._slots)
            self._slots.append(_Slot())
        slot = self._slots[number]
        slot.what, slot.since, slot.canary = what, now, canary
        return number

    def release(self, number: int) -> None:
        """Give a slot back."""
        self._slots[number].since = None
        heapq.heappush(self._free, number)

    def tally(self, number: int, *, landed: bool) -> None:
        """Count the last request of a slot as landed, or as one that brought nothing.

        The slot was given back when the answer came, so it may already carry another request. Its counts are totals,
        so it does not matter which request it carries now.
        """
        if landed:
            self._slots[number].done += 1
        else:
            self._slots[number].retried += 1

    def snapshot(self, now: float) -> tuple[WorkerSlot, ...]:
        """Return the state of every slot."""
        return tuple(_view(number, slot, now) for number, slot in enumerate(self._slots))


def _view(number: int, slot: _Slot, now: float) -> WorkerSlot:
    state = SlotState.IDLE if slot.since is None else SlotState.CANARY if slot.canary else SlotState.BUSY
    elapsed = None if slot.since is None else now - slot.since
    return WorkerSlot(number=number, state=state, what=slot.what, elapsed=elapsed, done=slot.done, retried=slot.retried)
