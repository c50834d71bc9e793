"""Checks user-provided values against a type; an error names the key and says what would be right."""

import math
import re
import types
from collections.abc import Callable, Mapping
from functools import singledispatch
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import inspect

from engine.common.errors import ConfigError
from engine.common.text import clean, suggestion

T = TypeVar("T")
Key = tuple[str, ...]
Naming = Callable[[Key], str]
"""Names a key as the user finds it: `config.toml: sources.github.year`."""
_USERINFO: Final = re.compile(r"//[^/?#\s\"]*@")
_DOTTED: Final = re.compile(r"[\w\[\]-]+(\.[\w\[\]-]+)*")
_PRIVATE: Final = re.compile(r"token|secret|passw|cookie|credential|authorization", re.IGNORECASE)

# Descriptions of types: `a whole number from 2008 to 2100`, `a list of texts`.


def describe(hint: Any) -> str:
    """Describe a value of the type `hint`."""
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
        return f" from {_plain(low)} to {_plain(high)}"
    if low is not None:
        return f" of at least {_plain(low)}"
    if high is not None:
        return f" of at most {_plain(high)}"
    return " above 0" if info.gt == 0 else ""


def _plain(bound: float) -> str:
    # Years and ports have no comma. A large bound in the form of `g` would be 1e+06.
    return f"{bound:,.0f}" if bound == int(bound) and abs(bound) >= 100_000 else f"{bound:g}"


def convert(raw: Mapping[str, Any], shape: type[T], *, name: Naming) -> T:
    """Convert `raw`, as TOML gave it, to the struct `shape`. No value is coerced to another type.

    Raises:
        ConfigError: a key is unknown or missing, or a value has the wrong type or range.
    """
    _check(raw, shape, (), name)
    try:
        return msgspec.convert(raw, shape)
    except msgspec.ValidationError as error:
        # A rule of the struct itself: its message begins with the key, as in "endpoints.items.form: ...".
        key, _, words = str(error).partition(": ")
        at = tuple(key.split(".")) if words and _DOTTED.fullmatch(key) else ()
        raise ConfigError(f"{name(at)}: {clean(words if at else str(error), 500)}") from error


def show(value: Any, key: Key = ()) -> str:
    """Return a value as TOML would write it, shortened.

    A value under a secret's name is not shown, nor the user and password of an address.
    """
    if any(_PRIVATE.search(part) for part in key):
        return "a value that is not shown here"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no such numbers
    return clean(_USERINFO.sub("//…@", msgspec.json.encode(value).decode()), 60)


def _check(value: Any, hint: Any, at: Key, name: Naming) -> None:
    """Descend to the deepest wrong value, so that the message names exactly that key."""
    plain = bare(hint)
    if isinstance(value, Mapping) and isinstance(plain, type) and issubclass(plain, msgspec.Struct):
        _check_struct(value, plain, at, name)
    elif isinstance(value, Mapping) and tagged(plain):
        _check_tagged(value, tagged(plain), at, name)
    elif isinstance(value, Mapping) and get_origin(plain) in {dict, Mapping}:
        _check_dict(value, hint, at, name)
    elif isinstance(value, Mapping) and len(structs := _structs(plain)) == 1:
        _check_struct(value, structs[0], at, name)
    else:
        if isinstance(value, list) and get_origin(plain) in {list, tuple, set, frozenset}:
            for number, inner in enumerate(value):
                _check(inner, get_args(plain)[0], (*at[:-1], f"{at[-1]}[{number}]"), name)
        _check_leaf(value, hint, at, name)


def tagged(plain: Any) -> Mapping[str, type[msgspec.Struct]]:
    """Return the structs of a union by the value of the key that tells them apart; nothing for another type."""
    return {str(one.__struct_config__.tag): one for one in _structs(plain) if one.__struct_config__.tag is not None}


def _structs(plain: Any) -> list[type[msgspec.Struct]]:
    """Return the structs of a union; none for another type."""
    shapes = get_args(plain) if get_origin(plain) in {Union, types.UnionType} else ()
    return [shape for shape in shapes if isinstance(shape, type) and issubclass(shape, msgspec.Struct)]


def _check_tagged(value: Mapping[str, Any], shapes: Mapping[str, type[msgspec.Struct]], at: Key, name: Naming) -> None:
    field = str(next(iter(shapes.values())).__struct_config__.tag_field)
    wanted = "one of " + ", ".join(f'"{tag}"' for tag in shapes)
    if field not in value:
        raise ConfigError(f"{name((*at, field))}: is missing, want {wanted}")
    tag = value[field]
    if not isinstance(tag, str) or tag not in shapes:
        raise ConfigError(f"{name((*at, field))}: got {show(tag, (*at, field))}, want {wanted}")
    _check_struct({key: inner for key, inner in value.items() if key != field}, shapes[tag], at, name)


def _check_struct(value: Mapping[str, Any], shape: type[msgspec.Struct], at: Key, name: Naming) -> None:
    hints = get_type_hints(shape, include_extras=True)
    known = {
        key: hints[field] for key, field in zip(shape.__struct_encode_fields__, shape.__struct_fields__, strict=True)
    }
    for key, inner in value.items():
        if key not in known:
            raise ConfigError(f"{name((*at, key))}: unknown key, {suggestion(key, known)}")
        _check(inner, known[key], (*at, key), name)
    for one in msgspec.structs.fields(shape):
        if one.required and one.encode_name not in value:
            raise ConfigError(f"{name((*at, one.encode_name))}: is missing, want {describe(known[one.encode_name])}")


def _check_dict(value: Mapping[str, Any], hint: Any, at: Key, name: Naming) -> None:
    names, inner_hint = get_args(bare(hint))
    for key, inner in value.items():
        try:
            msgspec.convert(key, names)
        except msgspec.ValidationError as error:
            raise ConfigError(f"{name(at)}: got the name {show(key)}, want {describe(names)}") from error
        _check(inner, inner_hint, (*at, key), name)
    if not value:
        try:
            msgspec.convert(value, hint)
        except msgspec.ValidationError as error:
            raise ConfigError(f"{name(at)}: is empty, want at least one entry") from error


def _check_leaf(value: Any, hint: Any, at: Key, name: Naming) -> None:
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{name(at)}: got {show(value, at)}, want {describe(hint)}") from error


def bare(hint: Any) -> Any:
    """Return a type without `Annotated` and `| None`."""
    if get_origin(hint) is Annotated:
        return bare(get_args(hint)[0])
    if get_origin(hint) in {Union, types.UnionType}:
        others = [one for one in get_args(hint) if one is not type(None)]
        return bare(others[0]) if len(others) == 1 else hint
    return hint
