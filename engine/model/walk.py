"""The end of a walk: how a list that is read page by page ended, and so whether its rows are all of it. Pure."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from engine.common.text import counted

NAMED: Final = 20
"""Cut walks that a report names. The others are counted only."""


class Completeness(StrEnum):
    """What is known about a list after the last page that was read of it."""

    WHOLE = "whole"
    """The API said that it was the end: no next page, the last page, `has_more` false, or its total was reached."""
    UNCONFIRMED = "unconfirmed"
    """The end was inferred from a short or empty page; the API told nothing."""
    BOUNDED = "bounded"
    """A bound that a person wrote ended it."""
    CUT = "cut"
    """It ended before the end: a guard, no progress, a refused link, a default bound, or a page that failed."""


WORST_FIRST: Final = (Completeness.CUT, Completeness.BOUNDED, Completeness.UNCONFIRMED, Completeness.WHOLE)
"""What says the least comes first."""
PAGE_REFUSED: Final = frozenset({400, 404, 410, 416, 422})
"""What APIs answer to a page that is not there: behind the last one (WordPress sends 400, Django 404), or at a cursor
that has expired. A wrong parameter is refused with the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkEnd:
    """How one walk ended. It is stored with the last page of the walk, in the same transaction."""

    walk: str
    """The name of the list. Unique within the source and the same in every run ("comments /posts/17/comments")."""
    part: str = ""
    """The key of the part of the coverage map that it belongs to; "" for none."""
    completeness: Completeness
    reason: str
    """Why it ended there, in words, without a full stop ("the API names no next page")."""
    place: str = ""
    """Where it ended, as the API counts ("page 31", "offset 3,000")."""
    arrived: int | None = None
    """Items that arrived, before any filter and before doubles were dropped; None if they were not counted."""
    total: int | None = None
    """Items that the API says there are; None if it does not say."""
    failed_page: bool = False
    """A page that failed for good cut it. Its request is listed with the failed ones."""

    @classmethod
    def of_failed_page(cls, *, walk: str, part: str, page: str | int | None, reason: str) -> "WalkEnd":
        """Return the end of a walk that is cut by a page that failed for good."""
        return cls(
            walk=walk,
            part=part,
            completeness=Completeness.CUT,
            reason=reason,
            place="" if page is None else f"page {page}",
            failed_page=True,
        )

    def __str__(self) -> str:
        """Say it in one line: "comments /posts/17/comments at page 31: the API names the same page again"."""
        return f"{self.walk}{f' at {self.place}' if self.place else ''}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What one page of a walk brought. Pages may be read at the same time, so that no page knows those of the others.

    It is stored with its page, and the engine judges the end of the walk by all of them: see `engine.model.walk_pages`.
    """

    items: int
    pages: int
    """Pages of the walk up to this one. A page that is read again takes the place of the one with the same number."""
    digest: str = ""
    """What two pages with the same items share; "" if the page is not to be compared."""
    total: int | None = None
    """Items of the whole list, as this page tells."""
    missing: bool = False
    """The page should have had items and has none."""
    settled: int = 1
    """The first page that is compared with the others. The list had changed, and was read again from here."""


def compare_with_total(end: WalkEnd) -> tuple[WalkEnd, str]:
    """Compare the items that arrived with the total that the API tells. Return the end, and a note on a difference.

    Fewer than the total cut a walk whose end was only inferred. More than it confirm nothing: the number is then no
    total, but perhaps the size of a page. Where the API said that it was the end they are a note,
    because totals are estimates in some APIs and lists move while they are read. A bounded walk has fewer by intention.
    """
    if end.arrived is None or end.total is None:
        return end, ""
    arrived, total = f"{end.arrived:,}", f"{end.total:,}"
    if end.completeness is Completeness.UNCONFIRMED:
        if end.arrived > end.total:
            return replace(end, reason=f"{end.reason}; {arrived} arrived, more than the API's total of {total}"), ""
        if end.arrived == end.total:
            return replace(end, completeness=Completeness.WHOLE, reason=f"the API's total of {total} is reached"), ""
        reason = f"{arrived} of {total} arrived: {end.reason}"
        return replace(end, completeness=Completeness.CUT, reason=reason), ""
    if end.completeness is Completeness.WHOLE and end.arrived < end.total:
        return end, f"{end.walk}: {end.reason}, but {arrived} of its total of {total} arrived"
    return end, ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkReport:
    """How many walks of a run, a source or a part ended in which way. A walk with a failed page is cut."""

    whole: int = 0
    unconfirmed: int = 0
    bounded: int = 0
    """Walks with a written bound, and those that a run has not ended because it was stopped."""
    cut: int = 0
    named: tuple[WalkEnd, ...] = ()
    """The newest walks that are cut, at most `NAMED`."""

    @property
    def total(self) -> int:
        return self.whole + self.unconfirmed + self.bounded + self.cut

    @property
    def worst(self) -> Completeness | None:
        """What can be said of all of them together; None if there are none."""
        return next((one for one in WORST_FIRST if self.many(one)), None)

    def many(self, which: Completeness) -> int:
        """Return how many walks ended in this way."""
        return {
            Completeness.WHOLE: self.whole,
            Completeness.UNCONFIRMED: self.unconfirmed,
            Completeness.BOUNDED: self.bounded,
            Completeness.CUT: self.cut,
        }[which]

    def __str__(self) -> str:
        """Say it in a few words; "" if there are no walks."""
        worst = self.worst
        if worst is None:
            return ""
        if worst is Completeness.WHOLE:
            return f"complete ({counted(self.whole, 'walk')})"
        parts = [(self.cut, "cut"), (self.bounded, "bounded"), (self.unconfirmed, "end not confirmed")]
        of = f" of {counted(self.total, 'walk')}"
        said = [f"{many:,}{of if at == 0 else ''} {what}" for at, (many, what) in enumerate(p for p in parts if p[0])]
        return ", ".join(said)
