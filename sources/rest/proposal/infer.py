"""A configuration proposed from one answer: items, key, columns with types, paging and increment."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.common.errors import BadBody
from engine.common.text import counted
from engine.model.source import Request, Response
from sources.common.json_values import Row
from sources.rest.config.formats import Csv
from sources.rest.config.paging import Paging
from sources.rest.paging.detect import detect
from sources.rest.paging.first_page import FirstPage
from sources.rest.proposal.columns import ProposedColumn, columns_of, key_of, map_columns
from sources.rest.proposal.formats import Written, read_answer
from sources.rest.proposal.increment import PARAMS, increment_of
from sources.rest.proposal.items import FoundItems, find_items
from sources.rest.proposal.maps import FoundMap
from sources.rest.proposal.names import source_name, table_name
from sources.rest.proposal.paging_keys import paging_keys
from sources.rest.proposal.proposal import Line, Proposal, ProposedEndpoint, auth_line
from sources.rest.proposal.url import ApiUrl

_PAGES: Final = frozenset(
    {"page", "_page", "p", "offset", "skip", "start", "startAt", "cursor", "after", "page_token", "pageToken", "from",
     "page[number]", "page[offset]", "page[cursor]", "startIndex", "starting_after"}
)  # fmt: skip
"""Parameters that name one page of a list. A walk begins at the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inferred:
    """A proposal, and the items it was made from."""

    proposal: Proposal
    endpoint: str
    items: Sequence[Any]
    columns: Sequence[ProposedColumn]


def infer(url: ApiUrl, response: Response, *, name: str = "", env: str = "") -> Inferred:
    """Propose a configuration from the answer of one address.

    Args:
        url: the address.
        response: its answer.
        name: the name of the source; "" to name it after the host.
        env: the environment variable that has the secret, where one is needed.

    Raises:
        BadBody: the answer has none of the known formats.
    """
    written = read_answer(response)
    body = written.body
    table = table_name(url.path)
    found = find_items(body, url.path.rstrip("/").rpartition("/")[2], has_root=written.format == "xml")
    items = [item for item in found.items if item is not None]
    if found.path == "$" and not isinstance(body, list | dict):
        raise BadBody(f"{url.shown()}: the answer is one plain value, not a list or an object")
    own = columns_of(items, of_texts=written.of_texts)
    columns = map_columns(own, numbered=found.of.numbered) if found.of else own
    at = ("endpoints", table)
    lines = [
        *_asked(at, url),
        *_format(at, written),
        *_items(at, written, found),
        *_key(at, items, columns, table, found.of),
        *_increment(at, items, columns, url.params),
        *_paging(at, url.params, response, written, found),
        *_columns(at, columns),
    ]
    endpoint = ProposedEndpoint(name=table, lines=lines, about=f"{counted(len(items), 'item')} on the first page")
    proposal = Proposal(
        name=name or source_name(url.base_url),
        about=f"Proposed from one answer of {url.shown()}",
        lines=[Line(key=("base_url",), value=url.base_url), *_auth(url, env)],
        endpoints=[endpoint],
        notes=list(_notes(url, env)),
    )
    return Inferred(proposal=proposal, endpoint=table, items=items, columns=columns)


def _notes(url: ApiUrl, env: str) -> Iterator[str]:
    if url.secret is not None:
        yield f"{url.carrier} is a secret and is not written: put it into the variable {env}"
    for name in url.params:
        if name in _PAGES:
            yield f"{name}={url.params[name]} is left out: a walk begins at the first page"


def _auth(url: ApiUrl, env: str) -> Iterator[Line]:
    """Describe the secret that the address carried, by the place where it is found."""
    table = url.auth_table(env)
    if table is not None:
        yield auth_line(table)


def _asked(at: tuple[str, ...], url: ApiUrl) -> Iterator[Line]:
    yield Line(key=(*at, "path"), value=url.path)
    kept = {name: value for name, value in url.params.items() if name not in _PAGES and not PARAMS.match(name)}
    for name, value in kept.items():
        yield Line(key=(*at, "params", name), value=value, comment="as in the address")


def _format(at: tuple[str, ...], written: Written) -> Iterator[Line]:
    if written.format == "json":
        return
    yield Line(key=(*at, "format"), value=written.format, comment=written.why, guess=not written.said)
    if written.csv.delimiter != Csv().delimiter:
        comment = "it gives every row the same number of fields"
        yield Line(key=(*at, "csv", "delimiter"), value=written.csv.delimiter, comment=comment, guess=True)
    if written.csv.encoding != Csv().encoding:
        comment = "the answer can be read so, and not as utf-8"
        yield Line(key=(*at, "csv", "encoding"), value=written.csv.encoding, comment=comment, guess=True)


def _items(at: tuple[str, ...], written: Written, found: FoundItems) -> Iterator[Line]:
    if written.format in {"jsonl", "csv"}:
        return  # each line or row is an item
    comment = "" if found.sure else found.why
    yield Line(key=(*at, "items"), value=found.path, comment=comment, guess=not found.sure)


def _key(
    at: tuple[str, ...], items: Sequence[Any], columns: Sequence[ProposedColumn], table: str, of: FoundMap | None
) -> Iterator[Line]:
    if of:
        yield Line(key=(*at, "key"), value=[columns[0].name], comment="the names of the items", guess=True)
        return
    key = key_of(items, columns, table)
    if key is not None:
        yield Line(key=(*at, "key"), value=list(key.columns), comment=key.why, guess=True)
    elif items:
        comment = "no member differs in every item; without a key, equal items are one row"
        yield Line(key=(*at, "key"), value=["id"], comment=comment, unused=True)
    else:
        comment = "there is no item to judge by; name the column that identifies one"
        yield Line(key=(*at, "key"), value=["id"], comment=comment, unused=True)


def _increment(
    at: tuple[str, ...], items: Sequence[Any], columns: Sequence[ProposedColumn], params: Mapping[str, str]
) -> Iterator[Line]:
    found = increment_of(items, columns, params)
    if found is None:
        return
    if found.param:
        comment = f"{found.item} is a time of change, and {found.param} asks for later ones"
        yield Line(key=(*at, "since"), value=found.table(), comment=comment, guess=True)
        return
    comment = f"{found.item} is a time of change: name the parameter that asks for later ones, if there is one"
    yield Line(key=(*at, "since"), value=found.table(), comment=comment, unused=True)


def _paging(
    at: tuple[str, ...], params: Mapping[str, str], response: Response, written: Written, found: FoundItems
) -> Iterator[Line]:
    body = written.body
    items = [Row(raw=b"", value=item) for item in found.items]
    request = Request(key="", url="", params={name: value for name, value in params.items() if name not in _PAGES})
    shown = detect(Paging(), FirstPage(request=request, response=response, body=body, items=items))
    first = next(iter(shown.candidates), Paging())
    # An offset needs the number of items to ask for, which an address need not tell: `auto` counts those that arrive.
    sure = (len(shown.candidates) == 1 and first.style != "offset") or first.style == "cursor"
    if sure:
        told = paging_keys(first, body)
        yield Line(key=(*at, "paging", "style"), value=told.pop("style"), comment="as the answer shows", guess=True)
        for key, value in told.items():
            yield Line(key=(*at, "paging", key), value=value, guess=True)
        return
    if written.format == "csv" and not shown.sign and not params:
        # A file. With paging "auto", one whose number of rows looks like a full page is asked for again.
        comment = "a CSV without a sign of a further page, from an address without parameters"
        yield Line(key=(*at, "paging", "style"), value="none", comment=comment, guess=True)
        return
    number = len(found.items)
    comment = shown.sign or "the answer shows no further page"
    if shown.sign:
        comment += "; how to ask for it is tried" if shown.candidates else "; how to ask for it is not known"
    elif found.path == "$" and isinstance(body, dict):
        comment = "one object"
    elif shown.candidates:
        comment += f"; {number} items look like a full page, so the API's documentation is worth a look"
    yield Line(key=(*at, "paging", "style"), value="auto", comment=comment, guess=True)


def _columns(at: tuple[str, ...], columns: Sequence[ProposedColumn]) -> Iterator[Line]:
    for column in columns:
        yield Line(key=(*at, "columns", column.name), value=column.said, comment=column.comment, guess=column.guess)
