"""Say in words what a type wants: `a whole number from 2008 to 2100`, `a list of texts`."""

from functools import singledispatch
from typing import Any

import msgspec
from msgspec import inspect


def describe(hint: Any) -> str:
    """Describe one value of the type `hint`."""
    return _one(inspect.type_info(hint))


@singledispatch
def _one(_: inspect.Type) -> str:
    return "another kind of value"


@_one.register
def _described(info: inspect.Metadata) -> str:
    words = (info.extra_json_schema or {}).get("description")
    if words is None:
        return _one(info.type)
    return f"{'text' if isinstance(info.type, inspect.StrType) else _one(info.type)} ({words})"


@_one.register
def _bool(_: inspect.BoolType) -> str:
    return "true or false"


@_one.register(inspect.IntType)
@_one.register(inspect.FloatType)
def _number(info: inspect.IntType | inspect.FloatType) -> str:
    return ("a whole number" if isinstance(info, inspect.IntType) else "a number") + _range(info)


@_one.register
def _text(info: inspect.StrType) -> str:
    return f"text that matches {info.pattern}" if info.pattern else "text in quotes"


@_one.register
def _date(_: inspect.DateType) -> str:
    return "a date such as 2025-01-31"


@_one.register
def _moment(_: inspect.DateTimeType) -> str:
    return "a date and time such as 2025-01-31T12:00:00Z"


@_one.register
def _literal(info: inspect.LiteralType) -> str:
    return "one of " + ", ".join(msgspec.json.encode(value).decode() for value in info.values)


@_one.register
def _choice(info: inspect.EnumType) -> str:
    return "one of " + ", ".join(msgspec.json.encode(member.value).decode() for member in info.cls)


@_one.register
def _union(info: inspect.UnionType) -> str:
    return " or ".join(_one(one) for one in info.types if not isinstance(one, inspect.NoneType))


@_one.register(inspect.ListType)
@_one.register(inspect.SetType)
@_one.register(inspect.FrozenSetType)
@_one.register(inspect.VarTupleType)
def _many(info: inspect.CollectionType) -> str:
    least = "at least one of them, " if info.min_length else ""
    return f"a list, {least}each {_one(info.item_type)}"


@_one.register(inspect.DictType)
@_one.register(inspect.StructType)
def _table(_: inspect.Type) -> str:
    return "a table of keys and values"


@_one.register
def _anything(_: inspect.AnyType) -> str:
    return "any value"


def _range(info: inspect.IntType | inspect.FloatType) -> str:
    low, high = info.ge, info.le
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    if low is not None:
        return f" of at least {low:g}"
    if high is not None:
        return f" of at most {high:g}"
    return " above 0" if info.gt == 0 else ""
