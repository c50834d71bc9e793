"""What a page means for its walk once the earlier pages are known: the source sees one answer at a time. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from engine.model.source import Page, Request
from engine.model.walk import Completeness, Counted, WalkEnd, compare_with_total
from engine.model.walk_pages import judge, repeats


def judged(page: Page, request: Request, before: Sequence[Counted]) -> Page:
    """Return a page with the ends of walks as all pages show them. `before` is what the earlier ones brought.

    The source moves its cursors where a walk ends. Where the pages show that it was cut, they stay where they were.
    """
    landed = [*before, page.counted] if page.counted else []
    ended = any(end.walk == request.walk for end in page.ends)
    if request.behind and landed and not ended and (reason := repeats(landed)):
        page = _stopped(page, request, reason)
    ends, notes = [], [page.note]
    for end in page.ends:
        found, note = judge(end, landed) if landed and end.walk == request.walk else compare_with_total(end)
        ends.append(found)
        notes.append(note)
    pairs = zip(page.ends, ends, strict=True)
    is_cut = any(new.completeness is Completeness.CUT is not old.completeness for old, new in pairs)
    return replace(
        page,
        ends=ends,
        note="; ".join(filter(None, notes)),
        cursors={} if is_cut else page.cursors,
        covered=() if is_cut else page.covered,
    )


def _stopped(page: Page, request: Request, reason: str) -> Page:
    """End a walk behind a window of pages that repeat each other, instead of reading the next window."""
    end = WalkEnd(
        walk=request.walk,
        part=request.part,
        completeness=Completeness.CUT,
        reason=reason,
        place="" if request.page is None else f"page {request.page}",
        total=page.counted.total if page.counted else None,
    )
    return replace(page, more=[one for one in page.more if one.walk != request.walk], ends=[*page.ends, end])
