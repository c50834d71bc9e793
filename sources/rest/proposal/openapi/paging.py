"""The paging of an operation, by its parameters and the schema of its answer."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from engine.model.source import Request, Response
from sources.common.json_values import Row
from sources.rest.config.paging import Paging
from sources.rest.paging.detect import detect
from sources.rest.paging.first_page import FirstPage
from sources.rest.proposal.openapi.operations import Operation, Parameter
from sources.rest.proposal.paging_keys import paging_keys
from sources.rest.proposal.proposal import Key, Line

_PAGES: Final = ("page", "_page", "pageNumber", "page_number", "page[number]", "p")
_OFFSETS: Final = ("offset", "skip", "start", "startAt", "startIndex", "$skip", "page[offset]")
_CURSORS: Final = (
    "cursor", "page_token", "pageToken", "after", "next_token", "nextToken", "starting_after", "page[cursor]",
    "continuation_token", "continuationToken", "next_cursor", "marker",
)  # fmt: skip
_SIZES: Final = (
    "per_page", "perPage", "page_size", "pageSize", "limit", "size", "page[size]", "page[limit]", "maxResults",
    "max_results", "count", "$top", "_limit", "first",
)  # fmt: skip
PARAMS: Final = frozenset((*_PAGES, *_OFFSETS, *_CURSORS, *_SIZES))
_BIGGEST: Final = 1000
_MOST: Final = re.compile(r"(?i)\bmax(?:imum)?\b[^\d]{0,20}(\d{1,5})\b")


def paging_lines(at: Key, operation: Operation, sample: Any, items: Sequence[Any]) -> Iterator[Line]:
    """Propose the table `paging` of an endpoint; `items` are those of the sample."""
    names = {one.name: one for one in operation.query()}
    size = next((names[name] for name in _SIZES if name in names), None)
    found, why = _style(operation, names, sample, items, size)
    told = paging_keys(found, sample)
    yield Line(key=(*at, "paging", "style"), value=told.pop("style", "auto"), comment=why, guess=True)
    for key, value in told.items():
        yield Line(key=(*at, "paging", key), value=value, guess=True)
    if size is not None and _size(size) is not None:
        yield Line(key=(*at, "paging", "size_param"), value=size.name, comment="it is named like a size", guess=True)
        in_text = _most(size) is not None and _told_most(size) is None
        comment = "the document's most" if _most(size) else "the document's default"
        comment = "the most that its description names" if in_text else comment
        yield Line(key=(*at, "paging", "size"), value=_size(size), comment=comment, guess=in_text)


def _style(
    operation: Operation, names: Mapping[str, Parameter], sample: Any, items: Sequence[Any], size: Parameter | None
) -> tuple[Paging, str]:
    shown = _shown(sample, items)
    page, offset, cursor = (_first(names, each) for each in (_PAGES, _OFFSETS, _CURSORS))
    if "link" in operation.headers:
        return Paging(style="link_header"), "the answer has a Link header"
    if "x-next-page" in operation.headers:
        return Paging(
            style="page_number", header="X-Next-Page", param=_unless(page, "page")
        ), "the answer has X-Next-Page"
    if cursor and shown.style == "cursor":
        return msgspec.structs.replace(shown, param=cursor), f"the answer has {shown.next}, and there is {cursor}"
    if page:
        kept = shown if shown.style == "page_number" else Paging()
        signs = [sign for sign in (kept.last, kept.pages, kept.more, kept.total) if sign]
        also = f", and the answer {' and '.join(signs)}" if signs else ""
        return msgspec.structs.replace(kept, style="page_number", param=_unless(page, "page")), f"there is {page}{also}"
    if offset and size is not None and _size(size) is not None:
        return Paging(
            style="offset", total=shown.total, more=shown.more, end=shown.end, param=_unless(offset, "offset")
        ), f"there are {offset} and {size.name}"
    return Paging(), "the document tells no paging"


def _shown(sample: Any, items: Sequence[Any]) -> Paging:
    """Return the paging that `auto` would recognise in a sample of the answer."""
    response = Response(status=200, headers={}, body=b"", url="", elapsed=0.0)
    rows = [Row(raw=b"", value=item) for item in items]
    page = FirstPage(request=Request(key="", url=""), response=response, body=sample, items=rows)
    found = next(iter(detect(Paging(), page).candidates), Paging())
    return msgspec.structs.replace(found, start=None)  # a sample's number of the page says nothing


def _first(names: Mapping[str, Parameter], usual: Sequence[str]) -> str:
    return next((name for name in usual if name in names), "")


def _unless(name: str, usual: str) -> str | None:
    return None if name == usual else name


def _size(parameter: Parameter) -> int | None:
    """Return the most items that a page may have, or else the usual number; None where the document tells neither."""
    most = _most(parameter)
    usual = parameter.example
    if most is not None:
        return min(most, _BIGGEST)
    return usual if isinstance(usual, int) and not isinstance(usual, bool) and 0 < usual <= _BIGGEST else None


def _most(parameter: Parameter) -> int | None:
    said = _MOST.search(parameter.text)
    return _told_most(parameter) or (int(said[1]) if said else 0) or None


def _told_most(parameter: Parameter) -> int | None:
    most = parameter.schema.get("maximum")
    return most if isinstance(most, int) and not isinstance(most, bool) and most > 0 else None
