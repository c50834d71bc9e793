"""The questions about a source, and how an answer becomes a value of its options."""

import tomllib
import types
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from engine.common.text import clean
from engine.config.validation import bare, describe, show
from engine.model.capabilities import Question
from tui.wiring.registry import SourceClass

_WORDS = {"yes": True, "true": True, "y": True, "no": False, "false": False, "n": False}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the type its answer must have."""

    question: Question
    hint: Any


def asked_of(source: SourceClass) -> Sequence[Asked]:
    """Return the questions of a source's class: those it declares, otherwise its keys without a default."""
    declared: Sequence[Question] | None = getattr(source, "questions", None)
    if declared is None:
        fields = msgspec.structs.fields(source.Options)
        declared = [
            Question(key=each.encode_name, ask=each.encode_name, help=describe(each.type), unset="required")
            for each in fields
            if each.required
        ]
    return [Asked(each, _hint(source.Options, each.key)) for each in declared]


def read(text: str, hint: Any) -> Any:
    """Parse a typed answer as a value of a type: a list with commas, yes and no, or TOML.

    Raises:
        ValueError: the text is no such value; the message says what the key accepts.
    """
    value = _read(text.strip(), hint)
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        raise ValueError(f"got {show(value)}, want {clean(describe(hint), 160)}") from error
    return value


def written(value: Any) -> str:
    """Return a value as a person would type it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(written(each) for each in value)
        case dict():
            return show(value)
    return str(value)


def _read(text: str, hint: Any) -> Any:
    kind = bare(hint)
    if text.startswith(("[", "{", '"')):
        return _toml(text)
    if get_origin(kind) in {list, tuple, set, frozenset}:
        element = get_args(kind)[0]
        return [_read(part.strip(), element) for part in text.split(",") if part.strip()]
    if kind is bool:
        return _WORDS.get(text.lower(), text)
    return _scalar(text, _kinds(kind))


def _scalar(text: str, kinds: set[Any]) -> Any:
    if int in kinds and text.lstrip("-").isdigit() and text.isascii():
        return int(text)
    try:
        if float in kinds:
            return float(text)
        if date in kinds:
            return date.fromisoformat(text)
    except ValueError:
        return text
    return text


def _kinds(kind: Any) -> set[Any]:
    """Return the plain types that a value may have: each type of a union, the types of the values of a Literal."""
    if get_origin(kind) in {Union, types.UnionType}:
        return {each for one in get_args(kind) for each in _kinds(bare(one))}
    if get_origin(kind) is Literal:
        return {type(value) for value in get_args(kind)}
    return {kind}


def _toml(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{clean(text, 60)} is no TOML: {str(error).partition(' (at ')[0].lower()}") from error


def _hint(shape: Any, key: str) -> Any:
    """Return the type of a key; a step into a dict may have any name."""
    hint = shape
    for step in key.split("."):
        kind = bare(hint)
        if get_origin(kind) is dict:
            hint = get_args(kind)[1]
        else:
            names = dict(zip(kind.__struct_encode_fields__, kind.__struct_fields__, strict=True))
            hint = get_type_hints(kind, include_extras=True)[names[step]]
    return hint
