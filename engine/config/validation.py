"""Check values from a person against a type, and say of a wrong one where it stands and what would be right."""

import re
import types
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from engine.common.errors import ConfigError
from engine.common.text import clean
from engine.nearest import suggestion
from engine.wants import describe

T = TypeVar("T")
Key = tuple[str, ...]
Naming = Callable[[Key], str]
"""Says of a key where the person finds it: `config.toml: sources.github.year`."""

_PRIVATE: Final = re.compile(r"token|secret|passw|cookie|credential|authorization", re.IGNORECASE)
_MISSING: Final = re.compile(r"Object missing required field `(.+?)`")


def convert(raw: Mapping[str, Any], shape: type[T], *, name: Naming) -> T:
    """Turn `raw`, as TOML gave it, into the struct `shape`; nothing is coerced from one type to another.

    Raises:
        ConfigError: a key is unknown or missing, or a value is not what it must be.
    """
    _check(raw, shape, (), name)
    try:
        return msgspec.convert(raw, shape)
    except msgspec.ValidationError as error:
        missing = _MISSING.match(str(error))
        if missing:
            raise ConfigError(f"{name((missing[1],))}: is missing") from error
        raise ConfigError(f"{name(())}: {clean(str(error))}") from error


def show(value: Any, key: Key = ()) -> str:
    """Write a value as it stands in TOML, shortened; a value under a secret's name is not shown."""
    if any(_PRIVATE.search(part) for part in key):
        return "a value that is not shown here"
    return clean(msgspec.json.encode(value).decode(), 60)


def _check(value: Any, hint: Any, at: Key, name: Naming) -> None:
    """Descend to the deepest wrong value, so that the message names exactly that key."""
    plain = bare(hint)
    if isinstance(value, Mapping) and isinstance(plain, type) and issubclass(plain, msgspec.Struct):
        _check_struct(value, plain, at, name)
    elif isinstance(value, Mapping) and get_origin(plain) in {dict, Mapping}:
        for key, inner in value.items():
            _check(inner, get_args(plain)[1], (*at, key), name)
    else:
        if isinstance(value, list) and get_origin(plain) in {list, tuple, set, frozenset}:
            for number, inner in enumerate(value):
                _check(inner, get_args(plain)[0], (*at[:-1], f"{at[-1]}[{number}]"), name)
        _check_leaf(value, hint, at, name)


def _check_struct(value: Mapping[str, Any], shape: type[msgspec.Struct], at: Key, name: Naming) -> None:
    hints = get_type_hints(shape, include_extras=True)
    known = {
        key: hints[field] for key, field in zip(shape.__struct_encode_fields__, shape.__struct_fields__, strict=True)
    }
    for key, inner in value.items():
        if key not in known:
            raise ConfigError(f"{name((*at, key))}: unknown key, {suggestion(key, known)}")
        _check(inner, known[key], (*at, key), name)


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
