"""Answers as items: JSON, JSON Lines, CSV and XML, each decoded once. What an API sends is rows or BadBody."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from engine.common.errors import BadBody
from engine.common.text import clean
from engine.model.source import Response
from engine.model.walk import Completeness
from sources.common.json_values import Row
from sources.rest.config.endpoint import Endpoint
from sources.rest.config.formats import FORMAT_NAMES, Format, format_of
from sources.rest.items.checks import error_element, error_line, graphql_errors, is_html, lacks_fields
from sources.rest.items.find import find_path, usual
from sources.rest.items.weight import ATTRIBUTE, ELEMENT, FIELD, ITEM, Weight, add_json
from sources.rest.json_paths import EVERY, Path, compile_path, lookup, position, step, write

_ANY: Final = msgspec.json.Decoder()
_RAW: Final = msgspec.json.Decoder(msgspec.Raw)
_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ARRAY: Final = msgspec.json.Decoder(list[msgspec.Raw])
_ERRORS: Final = (msgspec.DecodeError, UnicodeError, RecursionError)
_OPEN_ARRAY, _OPEN_OBJECT = b"["[0], b"{"[0]

# Pairs and every other escape are matched too, so that a match begins where an escape does: "\\\\ud800" has none.
_ESCAPE: Final = re.compile(rb"(?is)\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|(\\ud[89a-f][0-9a-f]{2})|\\.")

MOST_FIELDS: Final = 2000
"""Fields of a CSV row: as many columns as a table of SQLite may have."""
DEEPEST: Final = 100
"""Levels of an XML document. Feeds have five, SOAP has ten."""
_NAMES_SHOWN: Final = 12
_EMPTY: Final = "the answer is empty, and an export that failed looks the same"

# The bound of a field is that of its body, which the transport keeps. csv refuses fields above 131,072 characters
# unless it is told otherwise, and that only for the whole process. So it is told once, the largest number that it takes
# everywhere (a C long of 32 bits): a bound that is set for one answer and set back could come between two threads.
# `sources.rest.proposal.formats` reads CSV too, and imports this module.
csv.field_size_limit(2**31 - 1)


class MapItem(Row, frozen=True):
    """An item that came out of a map (`rates.*`), with its key there."""

    key: str


@dataclass(slots=True)
class Decoded:
    """An answer: its whole value, and the items in it."""

    weight: Weight
    body: Any = None
    items: list[Row] = field(default_factory=list)
    found: bool = False
    """Whether there is a list or an object at the items' path, be it empty."""
    scalar: bool = False
    """Whether there is something else."""
    at_most: Completeness = Completeness.WHOLE
    """What can be said of the list at most, after this answer."""
    doubt: str = ""
    """Why it is less than whole."""


def decode(endpoint: Endpoint, response: Response) -> Decoded:
    """Return an answer and its items, each with its JSON.

    Raises:
        BadBody: it is not of its format.
    """
    path = None if endpoint.items == "auto" else compile_path(endpoint.items)
    content = response.body.removeprefix(codecs.BOM_UTF8)
    try:
        if is_html(content) and not (endpoint.format == "xml" and path and str(path[0]).lower() == "html"):
            raise BadBody(f"HTML, not the {FORMAT_NAMES[endpoint.format]} that was expected")  # noqa: TRY301 -- gets the address
        match endpoint.format:
            case "json":
                decoded = _readable(content, lambda text: _json(text, endpoint, path))
            case "jsonl":
                decoded = _readable(content, _lines)
            case "csv":
                decoded = _csv(response.body, endpoint)
            case "xml":
                decoded = _xml(response.body, path)
    except BadBody as error:
        raise BadBody(f"{response.url}: {error}") from error
    except _ERRORS as error:
        raise BadBody(f"{response.url}: {_not_of(endpoint.format, response)}: {clean(str(error), 200)}") from error
    return decoded


def items_of(decoded: Decoded, endpoint: Endpoint, response: Response) -> Sequence[Row]:
    """Return the items of an answer.

    Raises:
        BadBody: there is neither a list nor an object at their path.
    """
    if decoded.doubt and not decoded.found:
        raise BadBody(f"{response.url}: {decoded.doubt}; there are no items at {endpoint.items}")
    if decoded.scalar:
        raise BadBody(f"{response.url}: {endpoint.items} is neither a list nor an object")
    if not decoded.found:
        path = None if endpoint.items == "auto" else compile_path(endpoint.items)
        raise BadBody(f"{response.url}: there are no items at {endpoint.items}; {_what_is_there(decoded.body, path)}")
    return decoded.items


# Texts in JSON may name half of a pair (\ud800): some APIs cut a text in the middle of an emoji. No UTF-8 can hold it,
# so that the decoder refuses the whole answer. U+FFFD takes its place then, in `raw` as well.


def _readable(content: bytes, read: Callable[[bytes], Decoded]) -> Decoded:
    try:
        return read(content)
    except msgspec.DecodeError:
        mended = _ESCAPE.sub(_mend, content)
        if mended == content:
            raise
        return read(mended)


def _mend(escape: re.Match[bytes]) -> bytes:
    return b"\\ufffd" if escape[1] else escape[0]


# JSON: a level at a time down to the items, whose bytes are kept as they came. Each value is decoded once.


def _json(content: bytes, endpoint: Endpoint, path: Path | None) -> Decoded:
    decoded = Decoded(weight=Weight(content))
    add_json(content, decoded.weight)
    raw = looked_at = _RAW.decode(content)
    if b'"errors"' in content and content.lstrip()[:1] == b"{":
        body = _OBJECT.decode(raw)
        errors = {name: _ANY.decode(body[name]) for name in ("errors",) if name in body}
        has_data = bytes(body.get("data", b"null")) != b"null"
        if said := graphql_errors(errors | ({"data": True} if "data" in body else {}), endpoint):
            if not has_data:
                raise BadBody(f"the answer has errors and no data: {said}")
            decoded.at_most, decoded.doubt = Completeness.CUT, f"the answer has errors beside its data: {said}"
            # Else `auto` could take the errors for the items.
            looked_at = msgspec.Raw(msgspec.json.encode({name: body[name] for name in body if name != "errors"}))
    if path is None:
        path = find_path(looked_at, endpoint)
    decoded.body = _descend(raw, path, decoded, None)
    return decoded


def _descend(raw: msgspec.Raw, path: Path, into: Decoded, key: str | None, *, spread: bool = True) -> Any:
    """Decode a value, and collect the items below it. `spread` says that a list here is a list of items."""
    first = memoryview(raw)[0]
    if not path:
        return _collect(raw, first, into, key, spread=spread)
    segment, rest = path[0], path[1:]
    if first == _OPEN_OBJECT:
        named = _OBJECT.decode(raw)
        if segment is EVERY:
            into.found = True
            into.weight.add(ITEM * len(named))
            return {name: _descend(each, rest, into, name, spread=False) for name, each in named.items()}
        return {
            name: _descend(each, rest, into, key) if name == segment else _ANY.decode(each)
            for name, each in named.items()
        }
    if first == _OPEN_ARRAY:
        elements = _ARRAY.decode(raw)
        if segment is EVERY:
            into.found = True
            into.weight.add(ITEM * len(elements))
            return [_descend(each, rest, into, key, spread=False) for each in elements]
        at = position(segment)
        at = None if at is None else at % len(elements) if -len(elements) <= at < len(elements) else None
        return [
            _descend(each, rest, into, key) if number == at else _ANY.decode(each)
            for number, each in enumerate(elements)
        ]
    return _ANY.decode(raw)


def _collect(raw: msgspec.Raw, first: int, into: Decoded, key: str | None, *, spread: bool) -> Any:
    if spread and first == _OPEN_ARRAY:
        into.found = True
        elements = _ARRAY.decode(raw)
        into.weight.add(ITEM * len(elements))
        rows = [_row(bytes(each), _ANY.decode(each), key) for each in elements]
        into.items += rows
        return [each.value for each in rows]
    value = _ANY.decode(raw)
    if spread and first != _OPEN_OBJECT:
        into.scalar = into.scalar or value is not None
        return value
    into.found = True
    into.items.append(_row(bytes(raw), value, key))
    return value


def _row(raw: bytes, value: Any, key: str | None) -> Row:
    return Row(raw, value) if key is None else MapItem(raw, value, key)


# JSON Lines: one item a line; empty lines are none.


def _lines(content: bytes) -> Decoded:
    weight = Weight(content)
    add_json(content, weight)
    # Most lines are counted without being looked at. Only where they may be too many, empty ones are told apart.
    if ITEM * content.count(b"\n") > len(content):
        weight.add(ITEM * sum(1 for line in io.BytesIO(content) if not line.isspace()))
    rows = [Row(bytes(raw), _ANY.decode(raw)) for raw in _RAW.decode_lines(content)]
    decoded = Decoded(weight, [each.value for each in rows], rows, found=True)
    if not rows:
        return _unsure(decoded, _EMPTY)
    if said := error_line(rows):
        decoded.at_most, decoded.doubt = Completeness.CUT, f"the last line is an error: {said}"
        del decoded.items[-1:], decoded.body[-1:]
    return decoded


def _unsure(decoded: Decoded, why: str) -> Decoded:
    decoded.at_most, decoded.doubt = Completeness.UNCONFIRMED, why
    return decoded


# CSV: the first row names the fields. Values are texts; columns cast them.


def _csv(content: bytes, endpoint: Endpoint) -> Decoded:
    delimiter, encoding = endpoint.csv.delimiter, endpoint.csv.encoding
    weight = Weight(content)
    text = content.decode(encoding).removeprefix("\ufeff")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        first = text[: text.find("\n")] if "\n" in text else text
        # Counted before it is read: a header of a million fields would take a second and 100 MB.
        if first.count(delimiter) > 10 * MOST_FIELDS:
            raise BadBody(f"the first row of the CSV has more than {MOST_FIELDS} fields")
        names = next((each for each in reader if each), [])
        if len(names) > MOST_FIELDS:
            raise BadBody(f"the first row of the CSV has {len(names):,} fields; {MOST_FIELDS} are read")
        names = _distinct(names)
        if names and (lacks := lacks_fields(names, endpoint)):
            raise BadBody(lacks)
        values = []
        for each in reader:
            if each:
                weight.add(ITEM + FIELD * len(each))
                values.append(_fields(names, each, reader.line_num))
    except csv.Error as error:
        raise BadBody(f"line {reader.line_num} of the CSV: {error}") from error
    decoded = Decoded(weight, values, [_encoded(value) for value in values], found=True)
    return decoded if names else _unsure(decoded, _EMPTY)


def _distinct(names: Sequence[str]) -> list[str]:
    """Name fields that have no name or that of another: column_3, name_4."""
    taken: dict[str, None] = {}
    for number, name in enumerate((each.strip() for each in names), 1):
        own = name or f"column_{number}"
        taken[own if own not in taken else f"{own}_{number}"] = None
    # A header that is written to collide even so ("a,a_3,a") loses no field in silence: it has too few names.
    return list(taken)


def _fields(names: Sequence[str], values: Sequence[str], line: int) -> dict[str, str]:
    if len(values) != len(names):
        raise BadBody(f"line {line} of the CSV has {len(values):,} fields, and the first row names {len(names):,}")
    return dict(zip(names, values, strict=True))


# XML: as xmltodict writes it (https://github.com/martinblech/xmltodict): elements by name, several of one name as a
# list, attributes as "@name", and text beside them as "#text". Namespaces are left out. A document type is refused,
# because entities are declared there.


def _xml(content: bytes, path: Path | None) -> Decoded:
    weight = Weight(content)
    try:
        body = _document(content, weight)
    except DefusedXmlException as error:
        raise BadBody("the XML has a document type, which is refused: it could declare entities") from error
    except (ParseError, ValueError, LookupError) as error:
        raise BadBody(f"not the XML that was expected: {clean(str(error), 200)}") from error
    decoded = Decoded(weight, body)
    path = _guess_xml(body) if path is None else path
    _pick(body, path, decoded, None)
    if not decoded.found and decoded.scalar:
        # A list of one bare value looks like no list: `<ids><id>7</id></ids>`.
        decoded.found, decoded.scalar = True, False
        decoded.items.append(_encoded(lookup(body, path)))
    if decoded.found or not path or (container := _container(body, path)) is None:
        return decoded
    # An empty list is no element at all in XML. What else is there may be the reason.
    if said := error_element(container):
        raise BadBody(f"the answer says {said!r}")
    decoded.found = True
    beside = [name for name in container if not name.startswith("@")]
    return _unsure(decoded, f"there is no {write(path)}, but {', '.join(beside[:3])}") if beside else decoded


class _Chunks(io.BytesIO):
    """Hands out a document by 1 MiB, not by the 16 KiB that are asked for.

    An expat before 2.6 begins each chunk of an unfinished tag or comment anew, which takes quadratic time: minutes for
    one of 50 MB (CVE-2023-52425).
    """

    def read(self, _size: int | None = -1, /) -> bytes:
        return super().read(1 << 20)


def _document(content: bytes, weight: Weight) -> Any:
    # Attributes are counted before: all of one element are made at once.
    weight.add(ATTRIBUTE * content.count(b"="))
    root: dict[str, Any] = {}
    open_elements: list[dict[str, Any]] = [root]
    above: list[Any] = []
    # What follows a child is its "tail", and is complete when its parent or the next child ends.
    children: list[list[Any]] = []
    for event, element in iterparse(_Chunks(content), events=("start", "end"), forbid_dtd=True):
        if event == "start":
            if len(open_elements) > DEEPEST:
                raise BadBody(f"the XML is deeper than {DEEPEST} levels")
            weight.add(ELEMENT)
            attributes = {f"@{_local(name)}": value for name, value in element.attrib.items()}
            open_elements.append(attributes)
            above.append(element)
            children.append([])
            continue
        mine = open_elements.pop()
        tails = [each if isinstance(each, str) else each.tail for each in children.pop()]
        text = " ".join(stripped for each in (element.text, *tails) if (stripped := (each or "").strip()))
        _add(open_elements[-1], _local(element.tag), _content(mine, text))
        above.pop()
        if above:
            _leave(children[-1], element)
            del above[-1][:]  # else the library keeps every element until the end
    return root


def _leave(siblings: list[Any], element: Any) -> None:
    """Keep the last child of an element, and of those before it only the texts that follow them."""
    if siblings and not isinstance(siblings[-1], str):
        before = siblings.pop()
        siblings += [before.tail] if (before.tail or "").strip() else []
    siblings.append(element)


def _content(mine: dict[str, Any], text: str) -> Any:
    if not mine:
        return text or None
    return {**mine, "#text": text} if text else mine


def _add(into: dict[str, Any], name: str, value: Any) -> None:
    if name not in into:
        into[name] = value
    elif isinstance(into[name], list):
        into[name].append(value)
    else:
        into[name] = [into[name], value]


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _guess_xml(body: Any) -> Path:
    """Find the list, level by level: rss.channel.item. A document without one is one item."""
    level: list[Path] = [()]
    for _ in range(4):
        below: list[Path] = []
        for path in level:
            here: Any = body
            for segment in path:
                here = step(here, segment) if isinstance(segment, str) else None
            if isinstance(here, dict):
                listed = usual([name for name, value in here.items() if isinstance(value, list)])
                if listed:
                    return (*path, *listed)
                below += [(*path, name) for name, value in here.items() if isinstance(value, dict)]
        level = below
    return tuple(body)[:1]


def _container(body: Any, path: Path) -> dict[str, Any] | None:
    """Return the element that would hold the items; None where it is missing or holds them."""
    here = body
    for segment in path[:-1]:
        if segment is EVERY or not isinstance(here, dict) or segment not in here:
            return None
        here = here[segment]
    if here is None:
        return {}
    return here if isinstance(here, dict) and path[-1] not in here else None


def _pick(value: Any, path: Path, into: Decoded, key: str | None, *, spread: bool = True) -> None:
    """Collect the items of a decoded value, as `_descend` does of JSON."""
    if path:
        segment, rest = path[0], path[1:]
        if segment is not EVERY:
            _pick(step(value, segment), rest, into, key)
            return
        into.found = into.found or isinstance(value, dict | list)
        for name, each in _members(value):
            _pick(each, rest, into, name or key, spread=False)
    elif spread and isinstance(value, list):
        into.found = True
        into.weight.add(ITEM * len(value))
        into.items += [_encoded(each, key) for each in value]
    elif not spread or isinstance(value, dict):
        into.found = True
        into.items.append(_encoded(value, key))
    else:
        into.scalar = into.scalar or value is not None


def _members(value: Any) -> Iterator[tuple[str | None, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from ((None, each) for each in value)


def _encoded(value: Any, key: str | None = None) -> Row:
    return _row(msgspec.json.encode(value), value, key)


# Messages.


def _not_of(kind: Format, response: Response) -> str:
    said = response.headers.get("content-type", "")
    other = format_of(said)
    hint = f' (it is said to be {clean(said, 60)}: set format = "{other}")' if other not in {None, kind} else ""
    return f"not the {FORMAT_NAMES[kind]} that was expected{hint}"


def _what_is_there(body: Any, path: Path | None) -> str:
    """Say how far a path leads, and which keys there are."""
    here, passed = body, 0
    for segment in path or ():
        below = None if segment is EVERY else step(here, segment)
        if below is None:
            break
        here, passed = below, passed + 1
    where = f"{write((path or ())[:passed])} has" if passed else "there are"
    if isinstance(here, dict):
        names = [clean(str(name), 40) for name in list(here)[:_NAMES_SHOWN]]
        more = f" and {len(here) - _NAMES_SHOWN:,} more" if len(here) > _NAMES_SHOWN else ""
        return f"{where} the keys {', '.join(names)}{more}" if names else f"{where} no keys"
    if isinstance(here, list):
        return f"{where} a list of {len(here):,}"
    return f"{write((path or ())[:passed])} is {clean(str(msgspec.json.encode(here), errors='replace'), 60)}"
