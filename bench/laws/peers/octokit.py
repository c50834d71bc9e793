"""octokit's throttling plugin: 10 at once, and a refused request waits for the reset of the budget.

https://github.com/octokit/plugin-throttling.js: a primary refusal waits until `x-ratelimit-reset` by the local clock
and one second more, a secondary one for its Retry-After or 60 s. Only the refused request waits, the others go on.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

from bench.laws.peers.peer import Peer, PeerSettings
from bench.simulation.station import Sent

SECONDARY: Final = 60.0


class Octokit(Peer):
    """A fixed number in flight; it understands GitHub's headers."""

    def __init__(self, settings: PeerSettings) -> None:
        super().__init__(settings, limit=10)
        self._wall = settings.wall

    def backoff(self, now: float, request: Sent, headers: Mapping[str, Any]) -> float:
        if "secondary" in headers:
            return float(headers.get("retry-after", SECONDARY))
        if headers.get("x-ratelimit-remaining") == 0 and "x-ratelimit-reset" in headers:
            reset: float = headers["x-ratelimit-reset"]
            return max(0.0, math.ceil(reset - self._wall(now)) + 1.0)
        return super().backoff(now, request, headers)
