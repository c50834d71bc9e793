"""How long to wait before a request is sent again when no server says. Pure: its chance is passed in."""

from collections.abc import Callable
from typing import Final

from tenacity import RetryCallState, Retrying, wait_exponential

_RETRYING: Final = Retrying()


class Backoff:
    """Doubles the wait with every attempt up to a longest one, and draws the upper half of it at random.

    Half of the wait is random so that requests that failed together do not come back together. The doubling is
    tenacity's; it is asked for a number only, because the waiting is done by the queue on disk.

    Args:
        first: seconds of the first wait, at most.
        longest: seconds of any wait, at most.
        chance: returns a share from 0 up to 1; a new one is drawn for each wait.
    """

    def __init__(self, *, chance: Callable[[], float], first: float = 1.0, longest: float = 60.0) -> None:
        self._chance = chance
        self._wait = wait_exponential(multiplier=first, max=longest)

    def __call__(self, attempt: int) -> float:
        """Return the seconds to wait after attempt number `attempt`, the first being 1."""
        state = RetryCallState(_RETRYING, None, (), {})
        state.attempt_number = max(1, attempt)
        return self._wait(state) * (1 + self._chance()) / 2
