"""Counters of one API since the start or the last reset."""

from collections import Counter
from typing import Any


class Stats:
    """Counters of one API; the control endpoint returns their `snapshot`."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.routes: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.violations: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.unchanged = 0
        self.body_bytes = 0
        self.max_concurrency = 0
        self.crashes = 0

    def snapshot(self) -> dict[str, Any]:
        """Return all counters as JSON values."""
        return {
            "requests": self.routes.total(),
            "routes": dict(self.routes),
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "unchanged": self.unchanged,
            "violations": dict(self.violations),
            "refused": dict(self.refused),
            "faults": dict(self.faults),
            "bytes": self.body_bytes,
            "max_concurrency": self.max_concurrency,
            "crashes": self.crashes,
        }
