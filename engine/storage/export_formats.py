"""Rows as JSON Lines, CSV or Parquet, written batch by batch. Text from an API stays inert in each format.

JSON Lines lose nothing: characters that a terminal would act on are written as escapes. CSV has no escapes, so they
become visible marks there, and a text that a spreadsheet would take for a formula gets an apostrophe in front
(https://owasp.org/www-community/attacks/CSV_Injection).
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, BinaryIO, Final, Protocol

import msgspec

from engine.common.extras import PYARROW
from engine.common.text import clean

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
                   "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip
_JSON: Final = ("raw", "raw_page")
"""Columns that hold the JSON of a row, and the page of the list that brought it."""
ROW_GROUP: Final = 5000
"""Rows buffered for one Parquet row group: smaller groups compress badly."""
Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of one table."""

    source: str
    table: str
    """The source's name for it, without the source prefix."""
    columns: Mapping[str, str]
    """Column names and SQLite types, in the order of the table."""


class Writer(Protocol):
    """A sink for batches of rows."""

    def write(self, rows: Sequence[Row]) -> None: ...

    def close(self) -> None:
        """Write what the format needs at its end, such as a footer. The sink stays open."""


def writer(name: str, shape: Shape, sink: BinaryIO, *, raw: bool = False) -> Writer:
    """Make the writer of a format.

    Args:
        name: one of `engine.common.extras.FORMATS`.
        shape: the columns of the rows.
        sink: where the bytes go.
        raw: for JSON lines, write each row's JSON as its API sent it.

    Raises:
        UsageError: pyarrow is needed and not installed.
    """
    makers: Mapping[str, Callable[[], Writer]] = {
        "jsonl": lambda: _RawLines(shape, sink) if raw else _Lines(shape, sink),
        "csv": lambda: _Csv(shape, sink),
        "parquet": lambda: _Parquet(shape, sink),
    }
    return makers[name]()


class _Lines:
    """One JSON object per line, made of the columns, without the raw JSON."""

    def __init__(self, shape: Shape, sink: BinaryIO) -> None:
        self._names = list(shape.columns)
        self._sink = sink

    def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            columns = dict(zip(self._names, row, strict=True))
            self._sink.write(_line({name: value for name, value in columns.items() if name not in _JSON}))

    def close(self) -> None:
        """Do nothing: JSON Lines have no footer."""


class _RawLines:
    """One `{"source", "endpoint", "data", "page"}` object per line. `page` is null where the list had no pages."""

    def __init__(self, shape: Shape, sink: BinaryIO) -> None:
        self._shape = shape
        self._places = {name: place for place, name in enumerate(shape.columns) if name in _JSON}
        self._sink = sink

    def write(self, rows: Sequence[Row]) -> None:
        page = self._places.get("raw_page")  # only present once a current fetchdeck has opened the database for writing
        for row in rows:
            line = {
                "source": self._shape.source,
                "endpoint": self._shape.table,
                "data": _decoded(row[self._places["raw"]]),
                "page": None if page is None else row[page],
            }
            self._sink.write(_line(line))

    def close(self) -> None:
        """Do nothing: JSON Lines have no footer."""


class _Csv:
    """RFC 4180 with a header line, UTF-8, without the raw JSON."""

    def __init__(self, shape: Shape, sink: BinaryIO) -> None:
        self._places = [place for place, name in enumerate(shape.columns) if name not in _JSON]
        self._text = io.TextIOWrapper(sink, encoding="utf-8", newline="", write_through=True)
        self._csv = csv.writer(self._text)
        self._csv.writerow([name for name in shape.columns if name not in _JSON])

    def write(self, rows: Sequence[Row]) -> None:
        self._csv.writerows([[inert(row[place]) for place in self._places] for row in rows])

    def close(self) -> None:
        """Detach from the sink without closing it."""
        self._text.detach()


class _Parquet:
    """Parquet with ROW_GROUP rows per group. The raw JSON and its page are text columns."""

    def __init__(self, shape: Shape, sink: BinaryIO) -> None:
        PYARROW.require()
        self._waiting: list[Row] = []
        self._arrow: Any = import_module("pyarrow")
        types = {"integer": self._arrow.int64(), "real": self._arrow.float64()}
        kinds = {name: types.get(kind.lower(), self._arrow.string()) for name, kind in shape.columns.items()}
        self._casts = [_CASTS.get(kind.lower(), _as_text) for kind in shape.columns.values()]
        self._schema = self._arrow.schema(list(kinds.items()))
        self._writer: Any = import_module("pyarrow.parquet").ParquetWriter(sink, self._schema, compression="zstd")

    def write(self, rows: Sequence[Row]) -> None:
        self._waiting += rows
        if len(self._waiting) >= ROW_GROUP:
            self._flush()

    def close(self) -> None:
        """Write the last rows and the footer."""
        if self._waiting:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        rows, self._waiting = self._waiting, []
        columns = [
            self._arrow.array(map(cast, column), type=field.type)
            for cast, column, field in zip(self._casts, zip(*rows, strict=True), self._schema, strict=True)
        ]
        self._writer.write_table(self._arrow.Table.from_arrays(columns, schema=self._schema))


def inert(value: Any) -> Any:
    """Return a cell that neither a spreadsheet nor a terminal acts on. Numbers stay numbers."""
    if not isinstance(value, str):
        return value
    marked = clean(value, max(1, len(value)))
    return f"'{marked}" if value.lstrip(" ").startswith(_FORMULA) else marked


def _line(value: Mapping[str, Any]) -> bytes:
    text = msgspec.json.encode(value).decode()
    return ((text if text.isprintable() else text.translate(_ESCAPES)) + "\n").encode()


def _escapes() -> dict[int, str]:
    """Build the table of JSON escapes for the characters that `clean` would mark.

    JSON itself escapes those below 32.
    """
    codes = [code for code in (*range(0x7F, 0xE000), *range(0xF900, 0x10000)) if clean(chr(code)) != chr(code)]
    # Tag characters lie above U+FFFF: JSON writes them as a surrogate pair (RFC 8259, 7).
    tags = {code: f"\\udb40\\u{0xDC00 + code - 0xE0000:04x}" for code in range(0xE0000, 0xE0080)}
    return {code: f"\\u{code:04x}" for code in codes} | tags


def _decoded(raw: str | None) -> Any:
    try:
        return None if raw is None else msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return raw


def _as_text(value: Any) -> str | None:
    return None if value is None else str(value)


def _as_integer(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _as_real(value: Any) -> float | None:
    # SQLite columns are typed loosely (https://sqlite.org/flextypegood.html), Arrow columns are not.
    return float(value) if isinstance(value, int | float) else None


_CASTS: Final[Mapping[str, Callable[[Any], Any]]] = {"integer": _as_integer, "real": _as_real}
_ESCAPES: Final = _escapes()
