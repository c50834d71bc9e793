"""Templates: texts of a configuration with values of the items above ("/users/{parent.id}"). `{{` is a brace."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

import msgspec

from sources.rest.json_paths import PARENT

SLICE: Final = "slice"
_PLACE: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")


def places(template: str) -> list[str]:
    """List the names in a template's braces."""
    return [match[1] for match in _PLACE.finditer(template) if match[1] is not None]


def pieces(template: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a template in order, each with whether it is a placeholder."""
    end = 0
    for match in _PLACE.finditer(template):
        yield template[end : match.start()], False
        yield (match[0][0], False) if match[1] is None else (match[1], True)
        end = match.end()
    yield template[end:], False


def stray_brace(template: str) -> bool:
    """Say whether a template has a brace that neither encloses a name nor is doubled."""
    return not {"{", "}"}.isdisjoint(_PLACE.sub("", template))


def fits_in_address(value: Any) -> bool:
    """Say whether a value can be part of an address. "." and ".." would change the path."""
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value not in {"", ".", ".."}


def fill_path(template: str, values: Mapping[str, Any]) -> str:
    """Fill in a path. Whatever a value contains, it stays one segment."""
    return _fill(template, lambda name: quote(_word(values[name]), safe=""))


def fill_param(template: str, values: Mapping[str, Any]) -> str:
    """Fill in the value of a parameter, a header or a form field; the engine encodes it."""
    return _fill(template, lambda name: _word(values[name]))


def plain_param(value: str | float) -> str | int:
    """Format a configured value as a parameter."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str | int) else f"{value:g}"


# JSON bodies. Texts in them are often GraphQL or another language with braces. So a text there is a template only if it
# names a value of the items above or of a slice; any other text is sent as it is written.


def texts(body: Any, at: str) -> Iterator[tuple[str, str]]:
    """Yield the templates in a JSON body, each with its place in the configuration."""
    if isinstance(body, str):
        if _is_template(body):
            yield at, body
    elif isinstance(body, Mapping):
        for name, value in body.items():
            yield from texts(value, f"{at}.{name}")
    elif isinstance(body, list | tuple):
        for number, value in enumerate(body):
            yield from texts(value, f"{at}[{number}]")


def fill_json(body: Any, values: Mapping[str, Any]) -> Any:
    """Fill in a JSON body. A text that is nothing but one placeholder becomes the value itself, with its type."""
    if isinstance(body, str):
        if not _is_template(body):
            return body
        whole = _PLACE.fullmatch(body)
        return values[whole[1]] if whole else fill_param(body, values)
    if isinstance(body, Mapping):
        return {name: fill_json(value, values) for name, value in body.items()}
    return [fill_json(value, values) for value in body] if isinstance(body, list | tuple) else body


def _is_template(text: str) -> bool:
    return any(name.startswith((PARENT, f"{SLICE}.")) or name == SLICE for name in places(text))


def _fill(template: str, value_of: Any) -> str:
    return _PLACE.sub(lambda match: match[0][0] if match[1] is None else value_of(match[1]), template)


def _word(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
