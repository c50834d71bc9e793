"""The types of the values in a REST configuration, with what each wants."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from sources.rest.json_paths import PATTERN, quoted

PATH: Final = rf"^{PATTERN}\Z"
Type = Literal["text", "integer", "real", "boolean", "time", "unix", "unix_ms"]
TYPES: Final[tuple[Type, ...]] = ("text", "integer", "real", "boolean", "time", "unix", "unix_ms")
"""Types of columns; docs/rest.md tells what each does with a value."""
_NAME: Final = r"^[a-z][a-z0-9_]{0,40}\Z"
_ALSO_CALLED: Final[Mapping[str, Type]] = {
    "int": "integer", "int64": "integer", "bigint": "integer", "long": "integer", "number": "real", "float": "real",
    "double": "real", "decimal": "real", "bool": "boolean", "str": "text", "string": "text", "datetime": "time",
    "date": "time", "timestamp": "time", "epoch": "unix",
}  # fmt: skip
"""Types as other tools call them."""


def _advise_path(value: Any) -> str:
    """Return how a path is written that is none as it stands; "" if it is not known."""
    return _written(quoted(value)) if isinstance(value, str) else ""


def _advise_column(value: Any) -> str:
    """Return how a column is written whose type is unknown, or whose path wants quotes."""
    path, _, kind = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    known = _ALSO_CALLED.get(kind.lower(), kind.lower())
    if path and known in TYPES and known != kind:
        path = path if re.fullmatch(PATTERN, path) else quoted(path)
        also = f": {_written(f'{path}:{known}')}" if path else ""
        return f'the type "{kind}" is called {known}{also}'
    name = _written(quoted(value, TYPES)) if isinstance(value, str) else ""
    types = f"the types are {', '.join(TYPES)}; if the colon is part of a name, " if path and name else ""
    return f"{types}{name}"


def _advise_key(value: Any) -> str:
    """Return how a member of the item becomes a column of the key; "" if its name makes none."""
    name = re.sub(r"[^a-z0-9]+", "_", value.lower()).strip("_") if isinstance(value, str) else ""
    path = value if name and re.fullmatch(PATTERN, value) else quoted(value) if name else ""
    if not path or not re.match(_NAME, name):
        return ""
    return f'write key = ["{name}"] and, in columns, {name} = {msgspec.json.encode(path).decode()}'


def _written(path: str) -> str:
    return f"write it as {msgspec.json.encode(path).decode()}" if path else ""


Name = Annotated[
    str, Meta(pattern=_NAME, description="lower-case letters, digits and underscores, 41 at most, a letter first")
]
KeyColumn = Annotated[
    str,
    Meta(
        pattern=_NAME,
        description="the name of a column: lower-case letters, digits and underscores, 41 at most, a letter first",
        extra={"advise": _advise_key},
    ),
]
JsonPath = Annotated[
    str,
    Meta(
        pattern=PATH,
        description='a path such as data.items, rates.* or "$" for all of it; names with dots in quotes',
        extra={"advise": _advise_path},
    ),
]
ColumnPath = Annotated[
    str,
    Meta(
        pattern=rf"^{PATTERN}(:({'|'.join(TYPES)}))?\Z",
        description='a JSON path, with a type where it is not text, such as "stats.views:integer"',
        extra={"advise": _advise_column},
    ),
]
UrlPath = Annotated[
    str,
    Meta(
        pattern=r"^/[^\s?#\\\u0000-\u001f\u007f-\u009f]*(\?[^\s#\\\u0000-\u001f\u007f-\u009f]*)?\Z",
        description="a path below base_url, beginning with a slash",
    ),
]
_HEADER_NAME: Final = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z"
HeaderName = Annotated[str, Meta(pattern=_HEADER_NAME, description="the name of a header")]
CookieName = Annotated[str, Meta(pattern=_HEADER_NAME, description="the name of a cookie")]
HeaderValue = Annotated[
    str,
    Meta(
        # What `engine.transport.http.headers` sends, less the control characters of Latin-1.
        pattern=r"^([!-~\u00a0-\u00ff]+([ \t]+[!-~\u00a0-\u00ff]+)*)?\Z",
        description="the value of a header: printable Latin-1 without line breaks, no space at its ends",
    ),
]
RESERVED_HEADERS: Final = frozenset(
    {"authorization", "cookie", "proxy-authorization", "host", "content-length", "transfer-encoding", "connection"}
)
"""Headers that never carry a place in a list: they hold a secret, or belong to the connection."""
Word = Annotated[str, Meta(pattern=r"^[^\s&=?#]+\Z", description="the name of a query parameter")]
Status = Annotated[int, Meta(ge=300, le=599, description="an HTTP status")]
Many = Annotated[int, Meta(ge=1, le=1_000_000)]
Scalar = str | int | float | bool
ParamValue = Scalar | Annotated[tuple[Scalar, ...], Meta(min_length=1)]
"""A list is sent as one parameter for each of its values."""
