"""What a run over pr0gramm would cost: the ids not known yet, and how many items are among them."""

import math
from collections.abc import Mapping

import msgspec

from engine.model.capabilities import Estimate
from engine.model.source import Memory, Request, Response
from sources.common.json_values import members, row
from sources.pr0gramm.gaps import gaps, known
from sources.pr0gramm.options import Pr0grammOptions
from sources.pr0gramm.stream import PAGE, StreamStep, list_request, position

NEWEST, SPAN, ITEMS = "newest", "span", "items"


def probes(memory: Memory, options: Pr0grammOptions) -> list[Request]:
    """Request the newest page, if a run would. Nothing else shows the newest id, or how dense ids are."""
    if not any(gap.high is None for gap in gaps(memory, options)):
        return []
    return [list_request(StreamStep(kind="list"), options)]


def learn(response: Response, options: Pr0grammOptions) -> dict[str, int]:
    """Read the newest id, and the range of ids that the items of the page are spread over."""
    answer = row(response.json(msgspec.Raw), response.url)
    places = [place for each in members(answer.value, "items", answer.raw) if (place := position(each, options))]
    if not places:
        return {}
    return {NEWEST: max(places), SPAN: max(places) - min(places) + 1, ITEMS: len(places)}


def estimate(memory: Memory, probed: Mapping[str, int], options: Pr0grammOptions) -> list[Estimate]:
    """Estimate the list pages of each gap, and the details of all of them."""
    ranges = known(memory, options)
    top = probed.get(NEWEST, ranges[-1][1] if ranges else options.start_from or 0)
    share = probed[ITEMS] / probed[SPAN] if probed.get(SPAN) else 1.0
    open_ended = NEWEST not in probed
    left = [(gap.low, top if gap.high is None else gap.high) for gap in gaps(memory, options)]
    ids = [max(0, high - low + 1) for low, high in left]
    pages_low = sum(max(1, math.ceil(many * share / PAGE)) for many in ids)
    pages_high = sum(max(1, math.ceil(many / PAGE) + 1) for many in ids)
    whole = max(0, (options.start_from or top) - options.floor + 1)
    unknown = open_ended and any(gap.high is None for gap in gaps(memory, options))
    high = None if unknown else pages_high
    naive_pages = max(1, math.ceil(whole * share / PAGE))
    found = [
        Estimate(
            resource=options.list_resource(),
            requests_low=pages_low,
            requests_high=high,
            naive_requests=naive_pages,
            naive_open=unknown,
            why=f"list pages: {_gaps(len(left))} with {sum(ids):,} ids, {PAGE} items a page",
        )
    ]
    if options.details:
        items = round(sum(ids) * share)
        why = f"details: about {items:,} items, if ids are as dense as on the newest page; with holes elsewhere, fewer"
        found.append(
            Estimate(
                requests_low=items if sum(ids) else 0,
                requests_high=None if unknown else sum(ids) + PAGE * bool(left),
                naive_requests=round(whole * share),
                naive_open=unknown,
                why=why,
            )
        )
    return found


def _gaps(many: int) -> str:
    return "1 gap" if many == 1 else f"{many:,} gaps"
