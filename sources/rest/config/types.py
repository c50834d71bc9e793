"""The types of the values in a REST configuration, with what each wants."""

from typing import Annotated, Final, Literal

from msgspec import Meta

from sources.rest.json_paths import PATTERN

PATH: Final = rf"^{PATTERN}\Z"
Type = Literal["text", "integer", "real", "boolean", "time", "unix", "unix_ms"]
TYPES: Final[tuple[Type, ...]] = ("text", "integer", "real", "boolean", "time", "unix", "unix_ms")
"""Types of columns; docs/rest.md tells what each does with a value."""
Name = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_]{0,40}\Z",
        description="lower-case letters, digits and underscores, 41 at most, a letter first",
    ),
]
JsonPath = Annotated[
    str,
    Meta(
        pattern=PATH, description='a path such as data.items, rates.* or "$" for all of it; names with dots in quotes'
    ),
]
ColumnPath = Annotated[
    str,
    Meta(
        pattern=rf"^{PATTERN}(:({'|'.join(TYPES)}))?\Z",
        description='a JSON path, with a type where it is not text, such as "stats.views:integer"',
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
