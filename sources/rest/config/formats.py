"""The keys `format` and `csv` of an endpoint: how its answers are written."""

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

Format = Literal["json", "jsonl", "csv", "xml"]
ACCEPT: Final = {
    "jsonl": "application/x-ndjson, application/jsonl, */*;q=0.5",
    "csv": "text/csv, */*;q=0.5",
    "xml": "application/xml, text/xml, */*;q=0.5",
}
"""What a request for each format asks for, besides JSON."""


FORMAT_NAMES: Final[Mapping[Format, str]] = {"json": "JSON", "jsonl": "JSON Lines", "csv": "CSV", "xml": "XML"}
_CONTENT_TYPES: Final[Sequence[tuple[Format, re.Pattern[str]]]] = (
    ("jsonl", re.compile(r"ndjson|jsonl|json-?lines|json-seq|application/stream\+json")),
    ("json", re.compile(r"json")),
    ("csv", re.compile(r"csv|comma-separated|tab-separated|\btsv\b")),
    ("xml", re.compile(r"(/|\+)(xml|rss|atom)\b")),
)


def format_of(content_type: str) -> Format | None:
    """Return the format that a content type names; None if it names none of these."""
    said = content_type.lower()
    return next((kind for kind, pattern in _CONTENT_TYPES if pattern.search(said)), None)


class Csv(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, omit_defaults=True):
    """How a CSV is written. Its first row names the fields."""

    delimiter: Annotated[str, Meta(min_length=1, max_length=1, description="one character")] = ","
    encoding: str = "utf-8"
    """A byte order mark at the beginning is removed."""


def problems(at: str, kind: str, items: str, csv: Csv) -> Iterator[str]:
    """Yield what contradicts itself."""
    if kind in {"jsonl", "csv"} and items not in {"auto", "$"}:
        what = "line" if kind == "jsonl" else "row"
        yield f'{at}.items: "{items}" has no use with format = "{kind}", where each {what} is an item; leave it out'
    if kind != "csv" and csv != Csv():
        yield f'{at}.csv: has no use with format = "{kind}"; set format = "csv", or leave it out'
    if csv.delimiter in {'"', "\r", "\n"}:
        yield f'{at}.csv.delimiter: {csv.delimiter!r} cannot stand between fields; choose another, such as ";"'
    if not _is_text_encoding(csv.encoding):
        yield f'{at}.csv.encoding: "{csv.encoding}" is no known encoding; want utf-8, latin-1 or cp1252, say'


def _is_text_encoding(name: str) -> bool:
    try:
        # Some codecs, such as zlib, are no encodings of text, and would inflate what an API sends.
        return bool(codecs.lookup(name)._is_text_encoding)  # noqa: SLF001 -- the only place that tells them apart
    except (LookupError, ValueError):
        return False
