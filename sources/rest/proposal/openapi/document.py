"""An OpenAPI document (3.0, 3.1) or a Swagger 2.0 one: read, checked for what can be refused early, and its references.

PyYAML reads YAML and `referencing`, the library below jsonschema, resolves `$ref`. It is given no way to retrieve
anything, so a document never causes a request.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from engine.common.errors import UsageError
from engine.common.extras import OPENAPI, PYYAML
from engine.common.text import clean

MOST_BYTES: Final = 64 << 20
_DEEPEST: Final = 60
"""References followed one after another. A chain that is longer is a circle."""
_HEADS: Final = (b"{", b"[")


class Document:
    """A document whose references are resolved when they are met."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        """Check the version and the references.

        Raises:
            UsageError: it is no document of a known version, or refers to other files.
        """
        OPENAPI.require()
        from referencing import Registry, Resource  # noqa: PLC0415 -- an extra
        from referencing.exceptions import Unresolvable  # noqa: PLC0415 -- likewise

        self.content = content
        self.version = _version(content)
        for ref in _references(content):
            if not ref.startswith("#"):
                raise UsageError(
                    f"the document refers to another one, {clean(ref, 100)}: bundle it into one file first,"
                    " as `redocly bundle` does"
                )
        self._unresolvable = Unresolvable
        self._resolver = Registry().with_resource("", Resource.opaque(content)).resolver()
        self._found: dict[str, Any] = {}

    @property
    def is_swagger(self) -> bool:
        return self.version.startswith("2")

    def resolve(self, value: Any) -> Mapping[str, Any]:
        """Follow references until an object without one. What leads nowhere or in a circle is an empty object."""
        for _ in range(_DEEPEST):
            if not isinstance(value, dict):
                return {}
            ref = value.get("$ref")
            if not isinstance(ref, str):
                return value
            value = self._look_up(ref)
        return {}

    def _look_up(self, ref: str) -> Any:
        if ref not in self._found:
            try:
                self._found[ref] = self._resolver.lookup(ref).contents
            except (self._unresolvable, LookupError, TypeError, ValueError):
                self._found[ref] = {}
        return self._found[ref]


def read_document(text: bytes, where: str) -> Document:
    """Read a document from JSON or YAML.

    Raises:
        UsageError: it is neither, is too large, or is no OpenAPI document.
    """
    if len(text) > MOST_BYTES:
        raise UsageError(f"{where}: has more than {MOST_BYTES >> 20} MiB: is it an OpenAPI document?")
    content = _json(text) if text.lstrip()[:1] in _HEADS else _yaml(text, where)
    if not isinstance(content, dict):
        raise UsageError(f"{where}: is neither JSON nor YAML with an object: want an OpenAPI document")
    try:
        return Document(content)
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from error


def list_of(value: Any) -> list[Any]:
    """Return a list; an empty one in place of anything else."""
    return value if isinstance(value, list) else []


def _json(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _yaml(text: bytes, where: str) -> Any:
    PYYAML.require()
    import yaml  # noqa: PLC0415 -- an extra

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # PyYAML has no types
        """Reads JSON's types only: a day in an example stays a text."""

        yaml_implicit_resolvers: Mapping[str, Any] = {
            first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
            for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    try:
        return yaml.load(text, Loader=Loader)  # noqa: S506 -- derived from SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        said = getattr(error, "problem", None) or type(error).__name__
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark is not None else ""
        raise UsageError(f"{where}: {line}is no YAML: {clean(str(said), 100)}") from error


def _version(content: Mapping[str, Any]) -> str:
    version = str(content.get("openapi") or content.get("swagger") or "")
    if not version.startswith(("3.", "2.")) or not isinstance(content.get("paths", {}), dict):
        said = f'version "{clean(version, 20)}"' if version else "no version"
        raise UsageError(f"has {said}: want an OpenAPI document of version 3, or of Swagger 2.0")
    return version


def _references(content: Any) -> Iterator[str]:
    """Yield every reference. YAML may hold one object at many places, so each is looked at once."""
    seen: set[int] = set()
    waiting: list[Any] = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict | list):
            if id(value) in seen:
                continue
            seen.add(id(value))
            waiting.extend(value.values() if isinstance(value, dict) else value)
        if isinstance(value, dict) and isinstance(value.get("$ref"), str):
            yield value["$ref"]
