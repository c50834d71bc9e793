"""The end of a walk, judged by all of its pages. Pure.

Pages may be read at the same time. Only together they show that one repeats another, how many items arrived, and that
the list changed meanwhile.
"""

from collections.abc import Sequence
from dataclasses import replace

from engine.common.text import counted
from engine.model.walk import Completeness, Counted, WalkEnd, compare_with_total

_READ = frozenset({Completeness.WHOLE, Completeness.UNCONFIRMED})
"""Ends that claim that the list was read."""


def judge(end: WalkEnd, landed: Sequence[Counted]) -> tuple[WalkEnd, str]:
    """Return the end of a walk as its pages show it, and a note.

    Args:
        end: what its last page says.
        landed: what is known of its pages. The last one is that of the end; of two with one number the later counts.
    """
    pages, last = _latest(landed), landed[-1]
    if end.arrived is None and len(pages) == last.pages:
        end = replace(end, arrived=sum(page.items for page in pages))
    if end.completeness not in _READ:
        return end, ""
    if reason := repeats(landed):
        return replace(end, completeness=Completeness.CUT, reason=reason), ""
    end, note = compare_with_total(end)
    compared = _compared(pages, last)
    changed = _change(compared)
    if end.completeness in _READ and changed:
        reason = f"{end.reason}; {changed} while the list was read"
        end = replace(end, completeness=Completeness.UNCONFIRMED, reason=reason)
        note = note or f"{end.walk}: {changed} while the list was read, so that items may be missing"
    # A page behind the last one has none either, and where all items of the total arrived, none is missing.
    missing = 0 if end.arrived == end.total is not None else sum(page.missing for page in compared[:-1])
    if end.completeness is Completeness.WHOLE and missing:
        reason = f"{end.reason}, but {counted(missing, 'page')} before it had no items"
        end = replace(end, completeness=Completeness.UNCONFIRMED, reason=reason)
        note = note or f"{end.walk}: {reason}"
    return end, note


def repeats(landed: Sequence[Counted]) -> str:
    """Say which page of a walk repeats another one; "" for none."""
    seen: dict[str, int] = {}
    found = []
    for page in _compared(_latest(landed), landed[-1]):
        first = seen.setdefault(page.digest, page.pages) if page.items and page.digest else page.pages
        if first != page.pages:
            found.append((page.pages, first))
    if not found:
        return ""
    others = f" ({len(found):,} pages repeat an earlier one)" if len(found) > 1 else ""
    return f"page {found[0][0]:,} of the walk repeats page {found[0][1]:,}{others}"


def _latest(landed: Sequence[Counted]) -> Sequence[Counted]:
    """Return the pages up to the last one, each as it was read last, by number."""
    by_number = {page.pages: page for page in landed if page.pages <= landed[-1].pages}
    return [by_number[number] for number in sorted(by_number)]


def _compared(pages: Sequence[Counted], last: Counted) -> Sequence[Counted]:
    return [page for page in pages if page.pages >= last.settled]


def _change(pages: Sequence[Counted]) -> str:
    """Say how the total changed from one page to another; "" if it did not."""
    told = [page.total for page in pages if page.total is not None]
    other = next((total for total in told if total != told[0]), None)
    return "" if other is None else f"the API's total went from {told[0]:,} to {other:,}"
