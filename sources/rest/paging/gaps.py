"""Pages that bring fewer items than their place in the list lets expect, with style "offset". Pure.

Some servers cut a page by its size in bytes, and others leave out items that may not be seen. In the first case the
next offset would skip what was cut. So the rest of such a page is asked for, at the offset behind what came of it. It
is a part of the same page of the walk.
"""

import msgspec

from sources.rest.config.paging import Paging
from sources.rest.endpoint_step import EndpointStep
from sources.rest.paging.styles import End, NextPage, Seen, flags, page_at, told_total


def expected(step: EndpointStep, paging: Paging, seen: Seen) -> int:
    """Return how many items a page should bring by its place in the list; 0 where that is not known."""
    total = told_total(paging, seen.response, seen.body)
    if paging.style != "offset" or total is None:
        return 0
    return max(0, min(step.widest, total - (seen.offset - (paging.start or 0))))


def came(step: EndpointStep, paging: Paging, seen: Seen, *, repeats: bool) -> int:
    """Return how many items have come of a page, with its earlier parts. A part that repeats another brings nothing."""
    if not step.filled:
        return len(seen.items)
    wanted = max(step.filled, expected(step, paging, seen))
    return step.filled if repeats else min(step.filled + len(seen.items), wanted)


def rest_of(
    step: EndpointStep, after: EndpointStep, paging: Paging, seen: Seen, many: int, *, repeats: bool
) -> tuple[EndpointStep, NextPage] | None:
    """Return the rest of a page that brought too few items; None where it brought all, or nothing at all.

    `step` is the state before the page, `after` the one behind it, and `many` what has come of it.
    """
    if not seen.items or repeats or many >= expected(step, paging, seen) or isinstance(flags(paging, seen), End):
        return None
    going = page_at(paging, seen.number, seen.offset + many, sure=True)
    state = msgspec.structs.replace(
        after,
        page=seen.number,
        cursor=going.cursor,
        offset=going.offset,
        sure=True,
        filled=many,
        # It is what they were of the page, of which this is a part.
        window=step.window,
        tail=step.tail,
        widest=step.widest,
        again=step.again,
    )
    return state, going
