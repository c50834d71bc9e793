"""The JSON Schema of the whole configuration, made from the types that check it.

An editor completes and checks a file with it. It says what types can say; rules between several keys are checked when
the file is read.
"""

import ast
import inspect
import textwrap
from collections.abc import Collection, Mapping
from itertools import pairwise
from types import ModuleType
from typing import Any, Final

import msgspec
import msgspec.inspect

from engine.config.tables import Common, HttpSettings, ScreenSettings

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
INSTANCE: Final = "^[a-z][a-z0-9-]{0,30}$"
"""The name of a table with a `kind`."""
_REF: Final = "#/$defs/{name}"


def schema_of(options: Mapping[str, type[Any]], several: Collection[str]) -> dict[str, Any]:
    """Return the schema.

    Args:
        options: the struct of each source's own keys, by the source's name.
        several: the sources that other tables can be instances of, by `kind`.
    """
    shapes: list[type[Any]] = [HttpSettings, ScreenSettings, Common, *options.values()]
    referred, components = msgspec.json.schema_components(shapes, ref_template=_REF)
    defs = {name: _tidied(component) for name, component in components.items()}
    for shape in _structs(shapes):
        properties = defs.get(shape.__name__, {}).get("properties", {})
        for key, words in _attribute_words(shape).items():
            if key in properties:
                properties[key]["description"] = words
    http, screen, common, *own = ({"$ref": one["$ref"]} for one in referred)
    shared = _named(defs, common)
    tables = {name: _together(shared, _named(defs, ref)) for name, ref in zip(options, own, strict=True)}
    kept = _reachable(defs, [http, screen, *tables.values()])
    return {
        "$schema": DIALECT,
        "title": "The configuration of fetchdeck",
        "type": "object",
        "properties": {
            "database": {"type": "string", "description": "The file that rows go to."},
            "theme": {"type": "string"},
            "patience": {"type": "string"},
            "http": http,
            "screen": screen,
            "keys": {"type": "object", "additionalProperties": {"type": "string"}},
            "sources": _sources(tables, several),
        },
        "additionalProperties": False,
        "$defs": {
            **{name: kept[name] for name in sorted(kept)},
            **{f"sources.{name}": table for name, table in tables.items()},
        },
    }


def _sources(tables: Mapping[str, Any], several: Collection[str]) -> dict[str, Any]:
    def table(name: str, kind: dict[str, Any]) -> dict[str, Any]:
        return {"$ref": f"#/$defs/sources.{name}", "properties": {"kind": kind}}

    instances = [table(name, {"const": name}) | {"required": ["kind"]} for name in sorted(several)]
    return {
        "type": "object",
        "properties": {name: table(name, {"const": name}) for name in tables},
        "propertyNames": {"anyOf": [{"enum": list(tables)}, {"pattern": INSTANCE}]},
        "additionalProperties": instances[0] if len(instances) == 1 else {"oneOf": instances} if instances else False,
    }


def _together(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": own.get("title", ""),
        "type": "object",
        "properties": {**common["properties"], **own["properties"]},
        "required": sorted({*common.get("required", ()), *own.get("required", ())}),
        "additionalProperties": False,
    }


def _named(defs: Mapping[str, Any], ref: Mapping[str, str]) -> Any:
    return defs[ref["$ref"].removeprefix(_REF.format(name=""))]


def _reachable(defs: Mapping[str, Any], roots: Collection[Any]) -> dict[str, Any]:
    """Return the definitions that something refers to."""
    found: dict[str, Any] = {}
    left: list[Any] = list(roots)
    while left:
        match left.pop():
            case {"$ref": str(ref), **rest}:
                name = ref.removeprefix(_REF.format(name=""))
                if name not in found:
                    found[name] = defs[name]
                    left.append(defs[name])
                left.append(rest)
            case dict() as inner:
                left.extend(inner.values())
            case list() as items:
                left.extend(items)
    return found


def _tidied(schema: Any) -> Any:
    """Leave out what TOML does not have (null), refuse unknown keys, and write patterns as JSON Schema has them."""
    if isinstance(schema, list):
        return [_tidied(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    tidy = {name: _tidied(value) for name, value in schema.items() if not (name == "default" and value is None)}
    if "anyOf" in tidy:
        others = [one for one in tidy["anyOf"] if one != {"type": "null"}]
        tidy = {**tidy, "anyOf": others} if len(others) > 1 else {**_without(tidy, "anyOf"), **others[0]}
    if isinstance(tidy.get("enum"), list):
        tidy["enum"] = [one for one in tidy["enum"] if one is not None]
    if isinstance(tidy.get("pattern"), str):
        tidy["pattern"] = tidy["pattern"].replace(r"\Z", "$")
    if isinstance(tidy.get("properties"), dict) and tidy.get("type") == "object":
        tidy.setdefault("additionalProperties", False)
    return tidy


def _without(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != name}


def _structs(shapes: Collection[type[Any]]) -> Collection[type[Any]]:
    """Return the structs that some types are made of, themselves included."""
    found: dict[type[Any], None] = {}
    left: list[Any] = [msgspec.inspect.type_info(shape) for shape in shapes]
    while left:
        info = left.pop()
        if isinstance(info, msgspec.inspect.StructType):
            if info.cls in found:
                continue
            found[info.cls] = None
            left += [field.type for field in info.fields]
        elif isinstance(info, msgspec.inspect.Type):
            parts = (getattr(info, name) for name in info.__struct_fields__)
            left += [one for part in parts for one in (part if isinstance(part, tuple) else (part,))]
    return list(found)


def _attribute_words(shape: type[Any]) -> Mapping[str, str]:
    """Return the texts below the attributes of a class and of those it is derived from."""
    found: dict[str, str] = {}
    for each in reversed(shape.__mro__):
        module: ModuleType | None = inspect.getmodule(each)
        if module is None or each.__module__ in {"builtins", "msgspec"}:
            continue
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(each)))
        except (OSError, TypeError, SyntaxError):  # no source, as in a frozen program
            continue
        body = tree.body[0].body if tree.body and isinstance(tree.body[0], ast.ClassDef) else []
        for one, below in pairwise(body):
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and isinstance(below, ast.Expr):
                words = below.value.value if isinstance(below.value, ast.Constant) else None
                if isinstance(words, str):
                    found[one.target.id] = inspect.cleandoc(words)
    return found
