"""Counts how the walks of a run end, while it runs. At its end the database is counted instead."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from engine.model.source import Request
from engine.model.walk import NAMED, Completeness, WalkEnd, WalkReport

REMEMBERED: Final = 1_000
"""Walks that ended, of which a page may still fail: more than can be in flight."""


class WalkTally:
    """The walks that have ended so far. It holds numbers and the newest cut walks only, however many there are."""

    def __init__(self, report: WalkReport) -> None:
        self._counts: Counter[Completeness] = Counter()
        self._cut: dict[str, WalkEnd] = {}
        self._ended: dict[str, Completeness] = {}
        """How the newest walks ended, for pages of theirs that fail afterwards."""
        self.load(report)

    def load(self, report: WalkReport) -> None:
        """Begin again with what the database says."""
        self._counts = Counter({one: report.many(one) for one in Completeness})
        self._cut = {end.walk: end for end in report.named}

    def ended(self, changed: Iterable[tuple[WalkEnd, Completeness | None]]) -> None:
        """Count ends, each with what its walk was before in this run. A walk with a failed page stays cut."""
        for end, before in changed:
            if (known := self._cut.get(end.walk)) and known.failed_page:
                continue  # its page is still failed: the walk is cut whether its last page landed before or after that
            if before is not None:
                self._counts[before] -= 1
            self._counts[end.completeness] += 1
            self._remember(end)
            self._cut.pop(end.walk, None)
            if end.completeness is Completeness.CUT:
                self._name(end)

    def failed(self, request: Request, reason: str) -> None:
        """Count a failed page. Its walk is cut, once, as long as it is among the named."""
        if request.walk and request.walk not in self._cut:
            if (before := self._ended.pop(request.walk, None)) is not None:
                self._counts[before] -= 1
            self._counts[Completeness.CUT] += 1
            self._name(WalkEnd.of_failed_page(walk=request.walk, part=request.part, page=request.page, reason=reason))

    def report(self) -> WalkReport:
        return WalkReport(
            **{one.value: max(0, self._counts[one]) for one in Completeness},
            named=tuple(reversed(self._cut.values())),
        )

    def _remember(self, end: WalkEnd) -> None:
        self._ended.pop(end.walk, None)
        self._ended[end.walk] = end.completeness
        if len(self._ended) > REMEMBERED:
            del self._ended[next(iter(self._ended))]

    def _name(self, end: WalkEnd) -> None:
        self._cut[end.walk] = end
        if len(self._cut) > NAMED:
            del self._cut[next(iter(self._cut))]
