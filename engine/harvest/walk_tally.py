"""Counts how the walks of a run end, while it runs. At its end the database is counted instead."""

from collections import Counter
from collections.abc import Iterable

from engine.model.source import Request
from engine.model.walk import NAMED, Completeness, WalkEnd, WalkReport


class WalkTally:
    """The walks that have ended so far. It holds numbers and the newest cut walks only, however many there are."""

    def __init__(self, report: WalkReport) -> None:
        self._counts: Counter[Completeness] = Counter()
        self._cut: dict[str, WalkEnd] = {}
        self.load(report)

    def load(self, report: WalkReport) -> None:
        """Begin again with what the database says."""
        self._counts = Counter({one: report.many(one) for one in Completeness})
        self._cut = {end.walk: end for end in report.named}

    def ended(self, changed: Iterable[tuple[WalkEnd, Completeness | None]]) -> None:
        """Count ends, each with what its walk was before in this run."""
        for end, before in changed:
            if before is not None:
                self._counts[before] -= 1
            self._counts[end.completeness] += 1
            self._cut.pop(end.walk, None)
            if end.completeness is Completeness.CUT:
                self._name(end)

    def failed(self, request: Request, reason: str) -> None:
        """Count a failed page. Its walk is cut, once, as long as it is among the named."""
        if request.walk and request.walk not in self._cut:
            self._counts[Completeness.CUT] += 1
            place = "" if request.page is None else f"page {request.page}"
            self._name(
                WalkEnd(
                    walk=request.walk,
                    part=request.part,
                    completeness=Completeness.CUT,
                    reason=reason,
                    place=place,
                    failed_page=True,
                )
            )

    def report(self) -> WalkReport:
        return WalkReport(
            **{one.value: max(0, self._counts[one]) for one in Completeness},
            named=tuple(reversed(self._cut.values())),
        )

    def _name(self, end: WalkEnd) -> None:
        self._cut[end.walk] = end
        if len(self._cut) > NAMED:
            del self._cut[next(iter(self._cut))]
