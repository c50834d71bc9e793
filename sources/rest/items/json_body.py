"""JSON and JSON Lines as items: each value is decoded once, and the bytes of an item are kept as they came."""

import io
import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from engine.common.errors import BadBody
from engine.model.walk import Completeness
from sources.common.json_values import Row
from sources.rest.config.endpoint import Endpoint
from sources.rest.items.checks import error_line, graphql_errors
from sources.rest.items.decoded import EMPTY, Decoded, row_of, unsure
from sources.rest.items.find import find_path
from sources.rest.items.weight import ITEM, Weight, add_json
from sources.rest.json_paths import EVERY, Path, position

_ANY: Final = msgspec.json.Decoder()
_RAW: Final = msgspec.json.Decoder(msgspec.Raw)
_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ARRAY: Final = msgspec.json.Decoder(list[msgspec.Raw])
_OPEN_ARRAY, _OPEN_OBJECT = b"["[0], b"{"[0]

# Pairs and every other escape are matched too, so that a match begins where an escape does: "\\\\ud800" has none.
_ESCAPE: Final = re.compile(rb"(?is)\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|(\\ud[89a-f][0-9a-f]{2})|\\.")


def read_json(content: bytes, endpoint: Endpoint, path: Path | None) -> Decoded:
    """Read a JSON document. Without a path its list of items is looked for.

    Raises:
        BadBody: it has errors and no data.
        msgspec.DecodeError: it is no JSON.
    """
    return _readable(content, lambda text: _json(text, endpoint, path))


def read_lines(content: bytes) -> Decoded:
    """Read JSON Lines: one item a line; empty lines are none.

    Raises:
        msgspec.DecodeError: a line is no JSON.
    """
    return _readable(content, _lines)


def _lines(content: bytes) -> Decoded:
    weight = Weight(content)
    add_json(content, weight)
    # Most lines are counted without being looked at. Only where they may be too many, empty ones are told apart.
    if ITEM * content.count(b"\n") > len(content):
        weight.add(ITEM * sum(1 for line in io.BytesIO(content) if not line.isspace()))
    rows = [Row(bytes(raw), _ANY.decode(raw)) for raw in _RAW.decode_lines(content)]
    decoded = Decoded(weight, [each.value for each in rows], rows, found=True)
    if not rows:
        return unsure(decoded, EMPTY)
    if said := error_line(rows):
        decoded.at_most, decoded.doubt = Completeness.CUT, f"the last line is an error: {said}"
        del decoded.items[-1:], decoded.body[-1:]
    return decoded


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
        rows = [row_of(bytes(each), _ANY.decode(each), key) for each in elements]
        into.items += rows
        return [each.value for each in rows]
    value = _ANY.decode(raw)
    if spread and first != _OPEN_OBJECT:
        into.scalar = into.scalar or value is not None
        return value
    into.found = True
    into.items.append(row_of(bytes(raw), value, key))
    return value
