"""Values of an item as the columns of a row. Columns are compiled once an endpoint; a page has thousands of values."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, Final

import msgspec

from engine.model.source import Column
from sources.common.json_values import instant, stamp
from sources.rest.config.columns import Rule
from sources.rest.config.slices import is_slice
from sources.rest.json_paths import MAP_KEY, PARENT, compile_path, lookup, step

_INT64: Final = 1 << 63
_LOWEST: Final = -_INT64
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STAMP: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}Z")
_TRUE: Final = frozenset({"true", "yes", "1"})
_FALSE: Final = frozenset({"false", "no", "0"})

Known = Mapping[str, Any]
"""What is known beside an item, by placeholder: values of the items above, of the slice, and the key in a map."""
Reader = Callable[[Any, Known], Any]


class Columns:
    """The columns of one table, ready to read items."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.declared: Sequence[Column] = tuple(Column(rule.name, rule.stored_as) for rule in rules)
        self._readers: Sequence[tuple[str, Reader]] = tuple((rule.name, _reader(rule)) for rule in rules)
        self._nothing: dict[str, Any] = dict.fromkeys(rule.name for rule in rules)
        # Nearly every column is a member of the item, or of an object in it. They are read without a call a value.
        members = [(rule, _member(rule)) for rule in rules]
        own = [(rule.name, one[0], _converter(rule)) for rule, one in members if len(one) == 1]
        self._texts = tuple((name, at) for name, at, convert in own if convert is text)
        self._integers = tuple((name, at) for name, at, convert in own if convert is integer)
        self._own = tuple(each for each in own if each[2] not in {text, integer})
        self._inner = tuple((rule.name, *one, _converter(rule)) for rule, one in members if len(one) == 2)
        self._others = tuple(
            (name, reader) for (name, reader), (_, one) in zip(self._readers, members, strict=True) if not one
        )

    def read(self, item: Any, known: Known) -> dict[str, Any]:
        """Return an item's values by column. A value of another type than its column's becomes None."""
        if not isinstance(item, dict):
            return {name: reader(item, known) for name, reader in self._readers}
        data = self._nothing.copy()
        member = item.get
        for name, own in self._texts:
            value = member(own)
            data[name] = value if value.__class__ is str else text(value)
        for name, own in self._integers:
            value = member(own)
            data[name] = value if value.__class__ is int and _LOWEST <= value < _INT64 else integer(value)
        for name, own, convert in self._own:
            data[name] = convert(member(own))
        for name, outer, inner, convert in self._inner:
            held = member(outer)
            data[name] = convert(held.get(inner) if held.__class__ is dict else step(held, inner))
        for name, reader in self._others:
            data[name] = reader(item, known)
        return data


def _reader(rule: Rule) -> Reader:
    if rule.value is not None:
        constant = int(rule.value) if isinstance(rule.value, bool) else rule.value
        return lambda _item, _known: constant
    convert = _converter(rule)
    name, path = rule.path, compile_path(rule.path)
    if name.startswith(PARENT):
        return lambda _item, known: convert(known.get(name))
    if is_slice(name) or name == MAP_KEY:
        # An item's own field may have such a name too, where the endpoint has no slices.
        return lambda item, known: convert(known[name] if name in known else lookup(item, path))
    return lambda item, _known: convert(lookup(item, path))


def _member(rule: Rule) -> tuple[str, ...]:
    """Return the one or two names that lead to a column's value from the item itself; () if it is read otherwise."""
    if rule.value is not None or rule.path.startswith(PARENT) or is_slice(rule.path) or rule.path == MAP_KEY:
        return ()
    path = compile_path(rule.path)
    names = tuple(one for one in path if isinstance(one, str))
    return names if len(names) == len(path) <= 2 else ()


def _converter(rule: Rule) -> Callable[[Any], Any]:
    match rule.type:
        case "text":
            return text
        case "integer":
            return integer
        case "real":
            return real
        case "boolean":
            return boolean
        case "time":
            return partial(time, written=rule.format) if rule.format else time
        case "unix":
            return unix
        case "unix_ms":
            return partial(unix, unit=1000.0)


# Conversions. Each returns None for what is no such value.


def text(value: Any) -> str | None:
    """Format any JSON value as text: a string as it is, anything else as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return msgspec.json.encode(value).decode()


def integer(value: Any) -> int | None:
    """Return an integer that fits 64 bits. A boolean counts as 0 or 1, a string of digits as its number."""
    if value.__class__ is int:
        return value if _LOWEST <= value < _INT64 else None
    if isinstance(value, str):
        value = int(value) if len(value) < 20 and value.isascii() and value.removeprefix("-").isdigit() else None
    return int(value) if isinstance(value, int) and -_INT64 <= value < _INT64 else None


def real(value: Any) -> float | None:
    """Return a finite number. Many APIs send prices as strings ("12.50")."""
    if value.__class__ is float and _LOWEST <= value <= _INT64:  # which "not a number" is not
        return value
    if isinstance(value, str) and len(value) < 40 and value.isascii() and "_" not in value:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _INT64:
        return None
    return float(value) if math.isfinite(value) else None


def boolean(value: Any) -> int | None:
    """Return 1 or 0. The words for it count too."""
    if value.__class__ is bool:
        return int(value)
    if isinstance(value, str):
        word = value.strip().lower()
        return 1 if word in _TRUE else 0 if word in _FALSE else None
    return int(value) if isinstance(value, int) and value in {0, 1} else None


def time(value: Any, written: str | None = None) -> str | None:
    """Return a time as ISO 8601 in UTC. It may be ISO 8601, the format of mails and feeds (RFC 5322), or `written`."""
    if not isinstance(value, str) or len(value) > 100:
        return None
    if written is None:
        if _STAMP.fullmatch(value):  # written as we write it, unless there is no such day
            return value if instant(value) else None
        moment = instant(value.strip())
        return stamp(moment) if moment else _mail_time(value)
    try:
        return _utc(datetime.strptime(value.strip(), written))  # noqa: DTZ007  # _utc adds the zone where there is none
    except ValueError:
        return None


def unix(value: Any, unit: float = 1.0) -> str | None:
    """Return seconds (or a smaller unit) since 1970 as ISO 8601."""
    seconds = real(value)
    try:
        return None if seconds is None else stamp(_EPOCH + timedelta(seconds=seconds / unit))
    except OverflowError:
        return None


def _mail_time(value: str) -> str | None:
    try:
        return _utc(parsedate_to_datetime(value))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _utc(moment: datetime) -> str | None:
    try:
        return stamp(moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))
    except OverflowError:
        return None
