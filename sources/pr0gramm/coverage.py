"""The coverage map of a stream: the ranges of ids known completely, and the gaps between and around them."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace

import msgspec

from engine.model.coverage import CoverageReader, Part, PartState
from engine.model.source import Request
from sources.pr0gramm.gaps import Gap, gaps, known
from sources.pr0gramm.options import Pr0grammOptions
from sources.pr0gramm.stream import StreamStep, list_request

_TOP = 1 << 62


def parts(reader: CoverageReader, options: Pr0grammOptions) -> Iterable[Part]:
    """Yield ranges and gaps, highest ids first."""
    ranges = [*known(reader.memory, options)]
    whole = msgspec.structs.replace(options, fill_gaps=True, start_from=None)
    bare = [*(_range(low, high, reader, options) for low, high in ranges)]
    bare += [(gap.low, _gap(gap, reader, options, known_any=bool(ranges))) for gap in gaps(reader.memory, whole)]
    bare.sort(key=lambda one: one[0])
    lows = [low for low, _ in bare]

    def part_of(request: Request) -> str:
        place = _place(request, options)
        if place is None:
            return "details"
        return bare[max(0, bisect_right(lows, place) - 1)][1].key if bare else ""

    unfinished = reader.by_part(part_of)
    for _, part in reversed(bare):
        yield part.with_open_requests(unfinished.get(part.key, ()))
    if left := unfinished.get("details"):
        bottom = Part(key="details", name="details of promoted items", state=PartState.UNKNOWN, fillable=False)
        yield bottom.with_open_requests(left)


def refill(key: str, reader: CoverageReader, options: Pr0grammOptions) -> Iterator[Request]:
    """Request the page at the top of a gap; the walk ends at its bottom."""
    whole = msgspec.structs.replace(options, fill_gaps=True, start_from=None)
    for gap in gaps(reader.memory, whole):
        if _key(gap.low, gap.high) == key:
            yield list_request(StreamStep(kind="list", older=gap.high + 1 if gap.high else 0, low=gap.low), options)


def _range(low: int, high: int, reader: CoverageReader, options: Pr0grammOptions) -> tuple[int, Part]:
    rows = reader.between("item", _column(options), low, high)
    name = f"{_noun(options)} {low:,} to {high:,}"
    return low, Part(key=_key(low, high), name=name, state=PartState.COMPLETE, rows=rows, fillable=False)


def _gap(gap: Gap, reader: CoverageReader, options: Pr0grammOptions, *, known_any: bool) -> Part:
    key, noun = _key(gap.low, gap.high), _noun(options)
    if gap.high is not None:
        count = gap.high - gap.low + 1
        detail = f"at most {count:,} items: {noun} have holes"
        name = f"{noun} {gap.low:,} to {gap.high:,}"
        return Part(key=key, name=name, state=PartState.MISSING, detail=detail, rows=_rows(gap, reader, options))
    part = Part(
        key=key, name=f"{noun} {gap.low:,} and above", state=PartState.MISSING, rows=_rows(gap, reader, options)
    )
    if not known_any:
        return replace(part, detail="nothing was listed yet")
    looked = reader.landed("list newest")
    detail = "what came since the newest one that is known"
    return replace(part, state=PartState.STALE, detail=detail, updated=looked)


def _rows(gap: Gap, reader: CoverageReader, options: Pr0grammOptions) -> int:
    return reader.between("item", _column(options), gap.low, _TOP if gap.high is None else gap.high)


def _place(request: Request, options: Pr0grammOptions) -> int | None:
    """Return a request's position in the stream; None where it is unknown."""
    try:
        step = msgspec.convert(request.context, StreamStep)
    except msgspec.ValidationError:
        return None
    if step.kind == "list":
        return step.older - 1 if step.older else _TOP
    return None if options.promoted else step.item


def _key(low: int, high: int | None) -> str:
    return f"{low}-{'newest' if high is None else high}"


def _noun(options: Pr0grammOptions) -> str:
    return "promoted numbers" if options.promoted else "ids"


def _column(options: Pr0grammOptions) -> str:
    return "promoted" if options.promoted else "id"
