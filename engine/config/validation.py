"""Checks user-provided values against a type; an error names the key and says what would be right."""

import math
import re
import types
from collections.abc import Callable, Mapping
from datetime import date, time
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
_PRIVATE: Final = re.compile(r"token|secret|passw|cookie|credential|authorization|(api|private).?key", re.IGNORECASE)
_BELOW_AUTH: Final = frozenset({"env", "file", "command", "body", "params"})
"""Keys of a table `auth` that name the place of a secret, or may hold one by mistake."""
_SECRET_TEXT: Final = re.compile(
    r"\b(bearer|basic) +\S"
    r"|(token|secret|passw\w*|cookie|authorization|\bkey|(api|private).?key|\bsig(nature)?)\W{0,3}[:=]",
    re.IGNORECASE,
)
"""A secret in a text whose key promises none: `"Authorization: Bearer ..."`, `"?api_key=..."`."""
_HIDDEN: Final = "a value that is not shown here"

# Descriptions of types: `a whole number from 2008 to 2100`, `a list of texts`.


def describe(hint: Any) -> str:
    """Describe a value of the type `hint`."""
    return _one(inspect.type_info(hint))


def advise(hint: Any, value: Any) -> str:
    """Return what a wrong value was likely meant to be; "" if that is not known.

    A type says so by a function from the value to a text: `Meta(extra={"advise": function})`.
    """
    return _advice(inspect.type_info(hint), value)


def _advice(info: inspect.Type, value: Any) -> str:
    if isinstance(info, inspect.UnionType):
        return next(filter(None, (_advice(one, value) for one in info.types)), "")
    if not isinstance(info, inspect.Metadata):
        return ""
    function = (info.extra or {}).get("advise")
    return str(function(value)) if function else _advice(info.type, value)


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
    return _either([msgspec.json.encode(value).decode() for value in info.values])


@_one.register
def _choice(info: inspect.EnumType) -> str:
    return _either([msgspec.json.encode(member.value).decode() for member in info.cls])


@_one.register
def _union(info: inspect.UnionType) -> str:
    # Each once: a number is a whole number too, and all tables are described alike.
    kinds = dict.fromkeys(_one(one) for one in info.types if not isinstance(one, inspect.NoneType))
    return " or ".join(kind for kind in kinds if kind != "a whole number" or "a number" not in kinds)


@_one.register(inspect.ListType)
@_one.register(inspect.SetType)
@_one.register(inspect.FrozenSetType)
@_one.register(inspect.VarTupleType)
def _many(info: inspect.CollectionType) -> str:
    least = ", at least one of them" if info.min_length else ""
    each = "" if isinstance(info.item_type, inspect.AnyType) else f", each {_one(info.item_type)}"
    return f"a list{least}{each}"


@_one.register(inspect.DictType)
@_one.register(inspect.StructType)
def _table(_: inspect.Type) -> str:
    return "a table of keys and values"


@_one.register
def _anything(_: inspect.AnyType) -> str:
    return "any value"


def _either(values: list[str]) -> str:
    return values[0] if len(values) == 1 else f"one of {', '.join(values)}"


def _range(info: inspect.IntType | inspect.FloatType) -> str:
    low, above, high = info.ge, info.gt, info.le
    if low is not None and high is not None:
        return f" from {_plain(low)} to {_plain(high)}"
    bounds = [
        f"{words} {_plain(bound)}"
        for words, bound in (("of at least", low), ("above", above), ("of at most", high))
        if bound is not None
    ]
    return f" {' and '.join(bounds)}" if bounds else ""


def _plain(bound: float) -> str:
    # Years and ports have no comma. A large bound in the form of `g` would be 1e+06.
    return f"{bound:,.0f}" if bound == int(bound) and abs(bound) >= 100_000 else f"{bound:g}"


def convert(raw: Mapping[str, Any], shape: type[T], *, name: Naming, finite: bool = True) -> T:
    """Convert `raw`, as TOML gave it, to the struct `shape`. No value is coerced to another type.

    Args:
        raw: a table.
        shape: the struct.
        name: how a message names a key.
        finite: whether `nan` and `inf` are refused where a type takes any number or any value, too.

    Raises:
        ConfigError: a key is unknown or missing, or a value has the wrong type or range.
    """
    _check(raw, shape, (), name)
    if finite:
        _check_finite(raw, (), name)
    return _made(raw, shape, (), name)


def _made(value: Any, shape: type[T], at: Key, name: Naming) -> T:
    """Convert what has no wrong value in it. What still fails is a rule of the struct itself.

    Its message begins with the key, as in "endpoints.items.form: ...".
    """
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        key, _, words = str(error).partition(": ")
        below = tuple(key.split(".")) if words and _DOTTED.fullmatch(key) else ()
        raise ConfigError(f"{name((*at, *below))}: {clean(words if below else str(error), 500)}") from error


def show(value: Any, key: Key = ()) -> str:
    """Return a value as TOML would write it, shortened.

    A value under a secret's name or with one in it is not shown, nor the user and password of an address.
    """
    if _is_private(key):
        return _HIDDEN
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no such numbers
    if isinstance(value, date | time):
        return value.isoformat()  # in quotes it would look like the text that is wanted
    text = msgspec.json.encode(value).decode()
    return _HIDDEN if _SECRET_TEXT.search(text) else clean(_USERINFO.sub("//…@", text), 60)


def _is_private(key: Key) -> bool:
    names = [part.partition("[")[0] for part in key]
    below_auth = names[names.index("auth") + 1 :] if "auth" in names else ["-"]
    return any(map(_PRIVATE.search, names)) or not below_auth or not _BELOW_AUTH.isdisjoint(below_auth)


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
    wanted = _either([f'"{tag}"' for tag in shapes])
    if field not in value:
        raise ConfigError(f"{name((*at, field))}: is missing, want {wanted}")
    tag = value[field]
    if not isinstance(tag, str) or tag not in shapes:
        raise ConfigError(f"{name((*at, field))}: got {show(tag, (*at, field))}, want {wanted}")
    _check_keys({key: inner for key, inner in value.items() if key != field}, shapes[tag], at, name)
    _made(value, shapes[tag], at, name)


def _check_struct(value: Mapping[str, Any], shape: type[msgspec.Struct], at: Key, name: Naming) -> None:
    _check_keys(value, shape, at, name)
    _made(value, shape, at, name)


def _check_keys(value: Mapping[str, Any], shape: type[msgspec.Struct], at: Key, name: Naming) -> None:
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
        shown = show(value, at)
        # Advice repeats the value. A value that is not shown as it is may hold a secret.
        whole = isinstance(value, str) and shown == msgspec.json.encode(value).decode()
        advice = advise(hint, value) if whole else ""
        said = f"got {shown}, want {describe(hint)}{f'; {clean(advice, 200)}' if advice else ''}"
        raise ConfigError(f"{name(at)}: {said}") from error


def _check_finite(value: Any, at: Key, name: Naming) -> None:
    """Refuse the numbers that TOML can write, and that neither JSON nor an address can carry."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _check_finite(inner, (*at, key), name)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _check_finite(inner, (*at[:-1], f"{at[-1]}[{number}]"), name)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(f"{name(at)}: got {show(value, at)}, want a finite number")


def bare(hint: Any) -> Any:
    """Return a type without `Annotated` and `| None`."""
    if get_origin(hint) is Annotated:
        return bare(get_args(hint)[0])
    if get_origin(hint) in {Union, types.UnionType}:
        others = [one for one in get_args(hint) if one is not type(None)]
        return bare(others[0]) if len(others) == 1 else hint
    return hint
