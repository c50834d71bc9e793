"""How long to wait before trying again when nobody says. The one place in the engine where chance lives."""

import random
from typing import Final

from tenacity import RetryCallState, Retrying, wait_exponential, wait_random_exponential

_RETRYING: Final = Retrying()


class Backoff:
    """Doubles the wait with every attempt, up to a longest one; half of it is random, so requests never march in step.

    The strategies are tenacity's. They are asked for a number only: the waiting is done by the queue, on disk.

    Args:
        first: seconds of the first wait, at most.
        longest: seconds of any wait, at most.
    """

    def __init__(self, *, first: float = 1.0, longest: float = 60.0) -> None:
        half, top = first / 2, longest / 2
        self._wait = wait_exponential(multiplier=half, max=top) + wait_random_exponential(multiplier=half, max=top)

    def __call__(self, attempt: int) -> float:
        """Return the seconds to wait after attempt number `attempt`, the first being 1."""
        state = RetryCallState(_RETRYING, None, (), {})
        state.attempt_number = max(1, attempt)
        return self._wait(state)


def jitter() -> float:
    """Return a share between 0 and 1, for a decision that is pure and takes its chance as an argument."""
    return random.random()  # noqa: S311 - spreads requests over time; nothing secret depends on it
