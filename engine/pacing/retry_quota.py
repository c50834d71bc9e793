"""The retry quota of a limit domain: how many retries a storm of failures may cost. Pure.

The token bucket of the AWS SDKs (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html, "retry
quota"). There, a request that finds it empty fails at once. Here nothing is given up for it: in a storm one request at
a time asks whether it is over, and what fails now and then is sent again later than usual.
"""

from typing import Final

CAPACITY: Final = 500.0
TRANSIENT_COST: Final = 14.0
"""Tokens that a retry after a failure costs. A success of that retry gives them back."""
THROTTLED_COST: Final = 5.0
"""Tokens that a retry after a refusal for the rate costs."""
FIRST_TRY_GAIN: Final = 1.0
"""Tokens that a request gives back which succeeds at once."""
MEMORY: Final = 50.0
"""Results over which the share of failures is averaged."""
STORM: Final = 0.5
"""The share of failures from which on they are a storm."""


class RetryQuota:
    """Counts tokens, and the share of requests that fail."""

    def __init__(self) -> None:
        self._tokens = CAPACITY
        self._failing = 0.0

    def __repr__(self) -> str:
        return f"<RetryQuota {self._tokens:.0f} of {CAPACITY:.0f}, {self._failing:.0%} fail>"

    @property
    def tokens(self) -> float:
        """What is left."""
        return self._tokens

    @property
    def storm(self) -> bool:
        """Whether most of the last requests failed."""
        return self._failing >= STORM

    def failed(self) -> bool:
        """Take the tokens of a retry after a failure. Return whether there were enough; if not, none are taken."""
        self._failing += (1.0 - self._failing) / MEMORY
        return self._take(TRANSIENT_COST)

    def throttled(self) -> None:
        """Take the tokens of a retry after a refusal. What is allowed then is the penalty's matter."""
        self._take(THROTTLED_COST)

    def succeeded(self, *, retried: bool) -> None:
        """Give tokens back: those of the retry that succeeded, or one for a request that succeeded at once."""
        self._failing -= self._failing / MEMORY
        self._tokens = min(CAPACITY, self._tokens + (TRANSIENT_COST if retried else FIRST_TRY_GAIN))

    def _take(self, cost: float) -> bool:
        enough = self._tokens >= cost
        self._tokens -= cost if enough else 0.0
        return enough
