"""What a run over a configured API would cost. Lengths come from stored rows or a first page, or are unknown."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from engine.model.capabilities import Estimate
from engine.model.source import Memory
from sources.rest.config.endpoint import Endpoint
from sources.rest.config.options import RestOptions
from sources.rest.config.paging import Paging
from sources.rest.paging.detect import first_lengths
from sources.rest.paging.first_page import FirstPage
from sources.rest.slices.refresh import known
from sources.rest.slices.slices import walks_of_an_item
from sources.rest.slices.time_windows import windows

ITEMS, TOTAL, PAGES = "items on a page of ", "items of ", "pages of "
"""Prefixes of what a first page shows, followed by the endpoint's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """Items and requests of one endpoint, least and most; None where the upper bound is unknown."""

    items: int
    most_items: int | None
    requests: int
    most_requests: int | None
    naive: int
    naive_open: bool
    why: str


def is_open(name: str, memory: Memory, options: RestOptions) -> bool:
    """Say whether only a first page shows a list's length: it has no rows yet, or pages of unknown size."""
    endpoint = options.endpoints[name]
    if endpoint.paging.style == "none":
        return not memory.count(name) and any(one.parent == name for one in options.endpoints.values())
    return not memory.count(name) or not endpoint.paging.size


def learn(name: str, paging: Paging, page: FirstPage, *, ended: bool) -> dict[str, int]:
    """Read a list's length from its first page, as its walk does. A number that cannot be one is ignored."""
    items = len(page.items)
    probed = {ITEMS + name: items}
    if ended:
        return {**probed, TOTAL + name: items, PAGES + name: 1}
    total, pages = first_lengths(paging, page)
    if total and total >= items:
        probed[TOTAL + name] = total
    if pages and pages > 0:
        probed[PAGES + name] = pages
    return probed


def estimate(
    memory: Memory,
    probed: Mapping[str, int],
    options: RestOptions,
    since: Collection[str],
    walks: Mapping[str, int],
) -> list[Estimate]:
    """Estimate each endpoint, parents before children.

    Args:
        memory: the rows of earlier runs.
        probed: what first pages showed.
        options: the configuration.
        since: endpoints that ask only for changes since an earlier run.
        walks: the number of walks that a run makes of each endpoint with values or windows, and 0 for what is fresh.
    """
    lists: dict[str, _List] = {}
    names = list(options.endpoints)
    while waiting := [name for name in names if name not in lists]:
        for name in waiting:
            endpoint = options.endpoints[name]
            if name in walks and not endpoint.sliced:
                lists[name] = _fresh(endpoint, memory.count(name))
            elif name in walks:
                lists[name] = _sliced(name, endpoint, memory, walks[name])
            elif endpoint.parent is None:
                lists[name] = _top(name, endpoint, memory, probed, only_new=name in since)
            elif endpoint.parent in lists:
                lists[name] = _child(name, endpoint, memory, lists[endpoint.parent])
    return [_line(name, lists[name], options.endpoints[name]) for name in names]


def _top(name: str, endpoint: Endpoint, memory: Memory, probed: Mapping[str, int], *, only_new: bool) -> _List:
    rows, most_pages = memory.count(name), endpoint.paging.page_limit
    size = endpoint.paging.size or probed.get(ITEMS + name) or 0
    if only_new:
        naive = _pages(rows, size)
        why = f"what changed since the last run, at most {most_pages:,} pages (max_pages)"
        return _List(
            items=0, most_items=None, requests=1, most_requests=most_pages, naive=naive, naive_open=not size, why=why
        )
    if endpoint.paging.style == "none":
        items = probed.get(TOTAL + name, rows)
        most = items if TOTAL + name in probed else None
        return _List(
            items=items, most_items=most, requests=1, most_requests=1, naive=1, naive_open=False, why="one page"
        )
    if TOTAL + name in probed or PAGES + name in probed:
        return _from_probe(name, probed, size, most_pages, rows)
    if rows and size:
        pages = min(most_pages, _pages(rows, size))
        most = min(most_pages, pages + 1)
        why = f"{rows:,} rows last time, {size:,} on a page, perhaps a page more by now"
        return _List(
            items=rows,
            most_items=rows + size,
            requests=pages,
            most_requests=most,
            naive=pages,
            naive_open=False,
            why=why,
        )
    least = 1 if not size or probed.get(ITEMS + name, size) < size else min(2, most_pages)
    why = f"its length is not told, at most {most_pages:,} pages (max_pages)"
    return _List(
        items=max(rows, probed.get(ITEMS + name, 0)),
        most_items=most_pages * size if size else None,
        requests=least,
        most_requests=most_pages,
        naive=least,
        naive_open=True,
        why=why,
    )


def _fresh(endpoint: Endpoint, rows: int) -> _List:
    """Return the size of a list that is not asked for, because it is not older than its `max_age`."""
    naive = _pages(rows, endpoint.paging.size or 0)
    why = "read lately, and asked for again when it is older (max_age)"
    return _List(
        items=0, most_items=0, requests=0, most_requests=0, naive=naive, naive_open=not endpoint.paging.size, why=why
    )


def _sliced(name: str, endpoint: Endpoint, memory: Memory, walks: int) -> _List:
    """Return the size of a list that is walked for values or windows: a page or more for each walk that is left."""
    every = len(endpoint.values) if endpoint.values else 1
    if endpoint.windows:
        spans = len(windows(endpoint.windows, memory.started))
        left = f"{walks:,} of {every * spans:,}" if every * spans > walks else f"{walks:,}"
        why = f"{left} windows of a {endpoint.windows.every} from {endpoint.windows.start}"
        why += f" for {every:,} values" if endpoint.values else ""
    else:
        spans, why = 1, f"{every:,} values"
    single = endpoint.paging.style == "none"
    each = "one page" if single else f"a page or more, at most {endpoint.paging.page_limit:,} (max_pages)"
    return _List(
        # Which rows the walks that are left will bring again is not known.
        items=memory.count(name) if walks == every * spans else 0,
        most_items=None if walks else 0,
        requests=walks,
        most_requests=walks if single else walks * endpoint.paging.page_limit,
        naive=every * spans,
        naive_open=not single,
        why=f"{why}: {each}",
    )


def _from_probe(name: str, probed: Mapping[str, int], size: int, most_pages: int, rows: int) -> _List:
    """Return a list's size from its first page. Where that shows only pages, the rows of last time bound the items."""
    items = probed.get(TOTAL + name)
    pages = probed.get(PAGES + name) or _pages(items or 0, size)
    cut = min(pages, most_pages)
    words = f"{items:,} items" if items is not None else f"{pages:,} pages"
    words += f", {size:,} on a page" if size else ""
    words += f", cut after {most_pages:,} pages (max_pages)" if cut < pages else ""
    most = items if items is not None else pages * size or None
    held = items if items is not None else max((pages - 1) * size, min(rows, most or rows))
    if cut < pages and size:
        held, most = min(held, cut * size), min(most or cut * size, cut * size)
    # Some lists show their end only by an empty page after the last one.
    return _List(
        items=held,
        most_items=most,
        requests=cut,
        most_requests=min(most_pages, cut + 1) if PAGES + name not in probed else cut,
        naive=cut,
        naive_open=False,
        why=words,
    )


def _child(name: str, endpoint: Endpoint, memory: Memory, parent: _List) -> _List:
    """Return the size of a child list: one request or more per item of the parent."""
    single = endpoint.paging.style == "none"
    least, most_walks = walks_of_an_item(name, endpoint, memory)
    sure = most_walks is not None and parent.most_items is not None and (single or not parent.most_items)
    most = (most_walks or 0) * (parent.most_items or 0) if sure else None
    size = endpoint.paging.size or 0
    rows = memory.count(name) if parent.items else 0
    requests = least * parent.items
    naive = max(requests, _pages(rows, size) if size and rows else 0)
    fresh = 0 if memory.full or not endpoint.refresh else known(name, memory)
    return _List(
        items=rows,
        most_items=0 if parent.most_items == 0 else None,
        requests=max(0, requests - fresh),
        most_requests=most,
        naive=naive,
        naive_open=most is None,
        why=_why_child(endpoint, parent, fresh),
    )


def _why_child(endpoint: Endpoint, parent: _List, fresh: int) -> str:
    many = f"{parent.items:,}" if parent.most_items == parent.items else f"{parent.items:,} or more"
    single = endpoint.paging.style == "none"
    each = "one page" if single else f"a page or more, at most {endpoint.paging.page_limit:,} (max_pages)"
    if isinstance(endpoint.values, str):
        each = f"{each} for each entry of {endpoint.values}"
    elif endpoint.values:
        each = f"{each} for each of {len(endpoint.values):,} values"
    if endpoint.windows:
        each = f"{each} for each {endpoint.windows.every} from {endpoint.windows.start} that is not whole yet"
    if endpoint.recursive:
        each = f"{each}, and for each of its own items"
    spared = min(fresh, parent.items)
    moved = f"; {spared:,} of them only if they moved or are old (refresh)" if spared else ""
    return f"for each of {many} items of {endpoint.parent}: {each}{moved}"


def _line(name: str, one: _List, endpoint: Endpoint) -> Estimate:
    return Estimate(
        resource=endpoint.resource,
        cost=endpoint.cost,
        requests_low=one.requests,
        requests_high=one.most_requests,
        naive_requests=one.naive,
        naive_open=one.naive_open,
        why=f"{name}: {one.why}",
    )


def _pages(items: int, size: int) -> int:
    return max(1, math.ceil(items / size)) if size else 1
