"""One page of a walk: how the walk goes on, or how it ends, and how a walk that makes no progress is detected. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Final

import msgspec

from engine.model.source import Record, Request, Response
from engine.model.walk import PAGE_REFUSED, Completeness, Counted, WalkEnd, compare_with_total
from sources.common.json_values import Row, instant
from sources.rest.auth import secret_param
from sources.rest.config.endpoint import Endpoint
from sources.rest.config.options import RestOptions
from sources.rest.config.paging import Paging
from sources.rest.endpoint_step import EndpointStep
from sources.rest.paging.detect import complement, detect, first_total, is_round, unfollowed
from sources.rest.paging.first_page import FirstPage
from sources.rest.paging.gaps import came, rest_of
from sources.rest.paging.page_windows import at_page, reread, window
from sources.rest.paging.styles import (
    NO_SIGN,
    End,
    NextPage,
    Seen,
    cut,
    next_page,
    page_at,
    told_total,
    unconfirmed,
    whole,
    without,
)
from sources.rest.slices.incremental import newest

_KEYS: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What a page means for its walk: the pages to read next, or the end. Neither for a page inside of a window."""

    step: EndpointStep
    pages: Sequence[tuple[EndpointStep, NextPage]] = ()
    """Each with the state that its request carries."""
    end: End | None = None
    total: int | None = None
    """Items that the API says there are."""
    counted: Counted | None = None
    """The items of the page, where later pages may be read at the same time."""


def walk(
    request: Request,
    response: Response,
    step: EndpointStep,
    endpoint: Endpoint,
    body: Any,
    found: Sequence[Row],
    options: RestOptions,
    records: Sequence[Record] = (),
) -> Walked:
    """Update a walk with a page, and decide where it continues."""
    first = FirstPage(request=request, response=response, body=body, items=found)
    digest = _digest(endpoint, found, records)
    if step.trial:
        if _is_wrong_guess(step, found, digest):
            return _next_guess(step, first, options)
        step = msgspec.structs.replace(step, trial=False, untried=())
    step = msgspec.structs.replace(step, newest=_newest(endpoint, step, found))
    if step.page == 1 and not step.again:
        begun = _begin(step, endpoint, first)
        if isinstance(begun, Walked):
            return begun
        step = begun
    paging = step.paging or endpoint.paging
    seen = _seen(step, first, options.base_url)
    repeats = bool(step.filled) and digest == step.digest
    many = came(step, paging, seen, repeats=repeats)
    if seen.arrived is not None and step.arrived is not None:
        seen = replace(seen, arrived=step.arrived + many - step.filled)
    total = told_total(paging, response, body)
    after = msgspec.structs.replace(
        step,
        digest=digest,
        widest=seen.widest,
        arrived=seen.arrived,
        empty_pages=seen.empty_pages,
        window=0,
        tail=False,
        total=step.total if total is None else total,
    )
    if step.tail and (again := reread(step, paging, seen)):
        # The page is counted when it is read again.
        return Walked(step=after, pages=[again], total=total)
    counted = Counted(
        items=many,
        pages=step.page,
        digest="" if step.filled else digest,
        # The headers of a stored answer may be those of an earlier list.
        total=None if response.unchanged and paging.total_header else total,
        missing=paging.numbered and not many and step.page > 1,
        settled=step.settled,
    )
    if rest := rest_of(step, after, paging, seen, many, repeats=repeats):
        return Walked(step=after, pages=[rest], total=total, counted=counted)
    return replace(_later(step, after, paging, seen, first, options), total=total, counted=counted)


def refused(step: EndpointStep, endpoint: Endpoint, status: int) -> bool:
    """Say whether a status means that a list has no such page, or that a guess at its paging was wrong."""
    paging = step.paging or endpoint.paging
    behind_the_end = paging.numbered and step.page > 1 and not step.sure
    return status in PAGE_REFUSED and (step.trial or behind_the_end)


def walk_refused(step: EndpointStep, request: Request, response: Response, options: RestOptions) -> Walked:
    """Decide how a walk continues after a page that the API refuses; see `refused`."""
    if step.trial:
        return _next_guess(step, FirstPage(request=request, response=response, body=None, items=()), options)
    reason = f"the API refuses the page after the last one ({response.status}) and did not say that it was the last"
    return Walked(step=step, end=unconfirmed(reason), total=step.total)


def walk_end(walked: Walked, request: Request, endpoint: str, place: str) -> WalkEnd:
    """Return the end of a walk as it is stored."""
    assert walked.end is not None
    return WalkEnd(
        walk=request.walk,
        part=request.part or endpoint,
        completeness=walked.end.completeness,
        reason=walked.end.reason,
        place=place,
        arrived=walked.step.arrived,
        total=walked.total,
    )


def moves_cursors(end: WalkEnd) -> bool:
    """Say whether a later run may ask only for what came after this walk."""
    compared, _ = compare_with_total(end)
    return compared.completeness in {Completeness.WHOLE, Completeness.UNCONFIRMED}


# The first page, and guesses at the second.


def _begin(step: EndpointStep, endpoint: Endpoint, first: FirstPage) -> EndpointStep | Walked:
    """Find out the paging of a list, if it is not configured."""
    configured = endpoint.paging
    if configured.style != "auto":
        paging = complement(configured, first)
        offset = (paging.start or 0) if paging.style == "offset" else 0
        return msgspec.structs.replace(step, paging=None if paging == configured else paging, offset=offset)
    found = detect(configured, first)
    if found.candidates:
        paging, *others = found.candidates
        offset = (paging.start or 0) if paging.style == "offset" else 0
        return msgspec.structs.replace(
            step, paging=paging, untried=tuple(others), sign=found.sign, trial=True, offset=offset
        )
    end = found.end or cut(f"{found.sign}, and how to ask for it is not known; configure paging")
    total = None if first.is_object else first_total(first)
    return Walked(step=msgspec.structs.replace(step, arrived=len(first.items)), end=end, total=total)


def _first_end(end: End, paging: Paging, first: FirstPage) -> End:
    """Judge a list that ends with its first page: an answer may show more than its configuration follows."""
    silent = end.completeness is Completeness.UNCONFIRMED and end.reason == NO_SIGN
    if not silent and paging.style != "none":
        return end
    sign = unfollowed(first)
    if paging.style == "none":
        return (
            End(completeness=Completeness.BOUNDED, reason=f'{sign}, but style = "none" reads one page') if sign else end
        )
    if sign:
        return cut(f'{sign}, which style = "{paging.style}" does not follow')
    if paging.style == "link_header" and not is_round(len(first.items)) and len(first.items) != paging.size:
        return whole("the answer has no Link header, which names the next page of longer lists")
    return end


def _is_wrong_guess(step: EndpointStep, found: Sequence[Row], digest: str) -> bool:
    """Say whether a second page shows that the server does not know its parameter.

    It repeats the first page, or it is empty though there is more.
    """
    paging = step.paging or Paging()
    return digest == step.digest if found else paging.numbered and bool(step.sign)


def _next_guess(step: EndpointStep, first: FirstPage, options: RestOptions) -> Walked:
    """Ask for the second page in the next way that is left."""
    after = msgspec.structs.replace(step, page=1)
    untried = list(step.untried)
    while untried:
        paging = untried.pop(0)
        going = _second_page(paging, step, first, options)
        if going is not None:
            state = msgspec.structs.replace(after, paging=paging, untried=tuple(untried))
            return Walked(step=after, pages=[(at_page(state, 2, going), going)])
    if step.sign:
        tried = "the API does not answer to any way of asking for it that is known; configure paging"
        return Walked(step=after, end=cut(f"{step.sign}, but {tried}"))
    return Walked(step=after, end=unconfirmed(f"{NO_SIGN}; it has {step.arrived or 0:,} items, a usual size of a page"))


def _second_page(paging: Paging, step: EndpointStep, first: FirstPage, options: RestOptions) -> NextPage | None:
    if paging.numbered:
        return page_at(paging, 2, (paging.start or 0) + step.widest)
    if not first.items:
        return None
    # The second page repeats the first, so it names the same cursor.
    state = msgspec.structs.replace(step, page=1, cursor="", arrived=0, widest=0)
    going = next_page(paging, _seen(state, first, options.base_url))
    return None if isinstance(going, End) else going


# Later pages.


def _later(
    step: EndpointStep, after: EndpointStep, paging: Paging, seen: Seen, page: FirstPage, options: RestOptions
) -> Walked:
    """Decide how a walk continues. `step` is its state before a page, `after` the one behind it."""
    if step.window and not step.tail:
        return Walked(step=after)
    if step.page > 1 and page.items and after.digest == step.digest and not step.filled:
        return Walked(step=after, end=cut(f"the page repeats the one before{_advice(step, paging)}"))
    going = next_page(paging, seen)
    if isinstance(going, End):
        if _is_stale(step, paging, seen):
            return Walked(step=after, pages=[_fresh(step, page.response)])
        return Walked(step=after, end=going if step.page > 1 else _first_end(going, paging, page))
    return _go_on(after, paging, seen, going, options, trial=step.trial)


def _advice(step: EndpointStep, paging: Paging) -> str:
    """Say what makes a server send the first page again: it does not know the parameter that names the second."""
    if step.page != 2 and step.window != 2:
        return ""
    if paging.in_header or paging.in_body:
        return f": the API does not seem to look at {paging.in_header or paging.in_body}; check paging"
    if paging.param is None and not paging.numbered:
        return ""
    name = paging.param or ("offset" if paging.style == "offset" else "page")
    return f': the API does not seem to know the parameter "{name}"; check paging.param'


def _seen(step: EndpointStep, page: FirstPage, base_url: str) -> Seen:
    return Seen(
        request=page.request,
        response=page.response,
        body=page.body,
        items=page.items,
        number=step.page,
        cursor=step.cursor,
        base_url=base_url,
        offset=step.offset - step.filled,
        filled=step.filled,
        widest=max(step.widest, len(page.items)),
        arrived=None if step.arrived is None else step.arrived + len(page.items),
        empty_pages=0 if page.items else step.empty_pages + 1,
    )


def _go_on(
    after: EndpointStep,
    paging: Paging,
    seen: Seen,
    going: NextPage,
    options: RestOptions,
    *,
    trial: bool,
) -> Walked:
    here = _hash(repr((without(going.url, secret_param(options)), going.cursor)).encode())
    circle = bool(seen.items) and after.digest == after.landmark
    if here == after.mark or circle:
        return Walked(step=after, end=cut("the pages go in circles"))
    # The marks move at pages 1, 2, 4, 8, ... (Brent's algorithm, https://en.wikipedia.org/wiki/Cycle_detection): they
    # find a cycle of any length with one stored value.
    if seen.number & (seen.number - 1) == 0:
        after = msgspec.structs.replace(after, mark=here, landmark=after.digest)
    if going.sure and not trial and (pages := list(window(after, paging, seen))):
        return Walked(step=after, pages=pages)
    return Walked(step=after, pages=[(at_page(after, seen.number + 1, going), going)])


def _is_stale(step: EndpointStep, paging: Paging, seen: Seen) -> bool:
    """Say whether a stored Link header may no longer hold for an unchanged page that was the last one.

    New items leave a full page as it is and change only its Link header, which is not part of what an ETag stands for.
    On a page that was not full they would have changed the body.
    """
    if paging.style != "link_header" or not seen.response.unchanged or step.again:
        return False
    number = len(seen.items)
    if step.page == 1:
        return number == paging.size or (paging.size is None and is_round(number))
    return number == seen.widest


def _fresh(step: EndpointStep, response: Response) -> tuple[EndpointStep, NextPage]:
    """Ask for a page again, without the stored answer."""
    going = NextPage(url=response.url)
    return at_page(msgspec.structs.replace(step, again=step.page), step.page, going), going


def _newest(endpoint: Endpoint, step: EndpointStep, found: Sequence[Row]) -> float | None:
    high, started = step.newest, instant(step.started)
    if endpoint.since and started:
        for item in found:
            high = newest(endpoint.since, item.value, high, started)
    return high


def _digest(endpoint: Endpoint, found: Sequence[Row], records: Sequence[Record]) -> str:
    """Return a digest that two pages share if they have the same items.

    Items are told apart by their keys, whose order does not count: other values may change from one answer to the next.
    """
    if endpoint.key and records:
        # Encoded JSON has no line breaks, so that a line is a key.
        lines = _KEYS.encode_lines([[record.data[column] for column in endpoint.key] for record in records])
        return _hash(b"\n".join(sorted(lines.splitlines())))
    return _hash(b"\n".join(item.raw for item in found))


def _hash(content: bytes) -> str:
    return blake2b(content, digest_size=8).hexdigest()
