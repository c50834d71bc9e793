"""Pages of one list that are requested at the same time, where the API tells how many there are. Pure.

They are requested in windows, so that a list of a million pages does not become a million requests at once. The last
page of a window is its tail: it is sent when all other pages of the walk have been answered, and decides how the walk
goes on. docs/decisions/0024 has the reasons.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from sources.rest.config.paging import Paging
from sources.rest.endpoint_step import EndpointStep
from sources.rest.paging.styles import NextPage, Seen, page_at, pages_of, told_pages, told_total

WINDOW: Final = 100
"""Pages that are queued together. Each window ends with a page that waits for the others."""
_FEWEST: Final = 2
"""Pages from which a window is worth while."""


def told(paging: Paging, seen: Seen) -> tuple[int | None, int | None]:
    """Return the numbers of pages and of items that an answer tells."""
    return told_pages(paging, seen.response, seen.body), told_total(paging, seen.response, seen.body)


def following(paging: Paging, seen: Seen) -> int:
    """Return how many pages are known to follow."""
    pages, total = told(paging, seen)
    if pages is not None:
        many = pages - seen.number
    elif total is not None and paging.style == "offset":
        many = pages_of(total - (seen.offset - (paging.start or 0)), seen.widest) - 1
    else:
        many = pages_of(total or 0, seen.widest) - seen.number
    return max(0, min(many, paging.page_limit - seen.number))


def window(step: EndpointStep, paging: Paging, seen: Seen) -> Iterator[tuple[EndpointStep, NextPage]]:
    """Yield the pages that may be requested at the same time after this one; nothing where they are too few."""
    many = min(following(paging, seen), WINDOW)
    if not paging.numbered or not paging.parallel or step.again or not seen.widest or many < _FEWEST:
        return
    first, last = seen.number + 1, seen.number + many
    for number in range(first, last + 1):
        going = page_at(paging, number, seen.offset + (number - seen.number) * seen.widest, sure=True)
        state = msgspec.structs.replace(
            step, window=first, tail=number == last, told=told(paging, seen), arrived=None, empty_pages=0
        )
        yield at_page(state, number, going), going


def reread(step: EndpointStep, paging: Paging, seen: Seen) -> tuple[EndpointStep, NextPage] | None:
    """Return the page from which a window is read again, one page after another; None where it need not be.

    Where the length of the list has changed, items have moved between pages: some to a page that had been read before.
    After a removal they may have moved to the pages before the window as well.
    """
    lengths = [(old, new) for old, new in zip(step.told, told(paging, seen), strict=True) if None not in (old, new)]
    if all(old == new for old, new in lengths):
        return None
    pages, items = (max(0, (old or 0) - (new or 0)) for old, new in zip(step.told, told(paging, seen), strict=True))
    number = max(1, step.window - max(pages, pages_of(items, step.widest)))
    going = page_at(paging, number, max(paging.start or 0, step.offset - (step.page - number) * step.widest), sure=True)
    state = msgspec.structs.replace(
        step, window=0, tail=False, again=step.page, digest="", mark="", landmark="", settled=number
    )
    return at_page(state, number, going), going


def at_page(step: EndpointStep, number: int, going: NextPage) -> EndpointStep:
    """Return the state of a walk as the request of a page carries it."""
    again = step.again if number <= step.again else 0
    return msgspec.structs.replace(
        step, page=number, cursor=going.cursor, offset=going.offset, sure=going.sure, again=again, filled=0
    )
