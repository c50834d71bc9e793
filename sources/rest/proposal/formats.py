"""How an answer is written: JSON, JSON Lines, CSV or XML, as its content type says or else as it looks. Pure."""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from engine.common.errors import BadBody
from engine.model.source import Response
from sources.rest.config.endpoint import Endpoint
from sources.rest.config.formats import FORMAT_NAMES, Csv, Format, format_of, problems
from sources.rest.items.checks import is_html
from sources.rest.items.formats import decode

_LOOKED_AT: Final = 1 << 16
"""Bytes that are enough to see how an answer is written."""
_LINES: Final = 50
_DELIMITERS: Final = (",", ";", "\t", "|")
_CHARSET: Final = re.compile(r"charset=\"?([\w.:-]{2,40})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An answer that was read, and how it is written."""

    format: Format
    body: Any
    """What `items` is looked for in; for JSON Lines and CSV, the items."""
    csv: Csv
    said: bool
    """Whether its content type says so; otherwise it only looks like it."""

    @property
    def of_texts(self) -> bool:
        """Whether every value is a text, be it a number."""
        return self.format in {"csv", "xml"}

    @property
    def why(self) -> str:
        name = FORMAT_NAMES[self.format]
        return f"the content type says {name}" if self.said else f"the answer looks like {name}"


def read_answer(response: Response) -> Written:
    """Read an answer in the format that it has.

    Raises:
        BadBody: it has none of the known ones.
    """
    told = response.headers.get("content-type", "").lower()
    said = format_of(told)
    looked_at = response.body[:_LOOKED_AT]
    if is_html(looked_at) or "html" in told:
        raise BadBody("the answer is a page to read")
    refused: BadBody | None = None
    for kind in dict.fromkeys(each for each in (said, *_looks(looked_at, told)) if each):
        how = _csv(response, told) if kind == "csv" else Csv()
        endpoint = Endpoint(path="/", format=kind, items="$", csv=how)
        try:
            body = decode(endpoint, response).body
        except BadBody as error:
            refused = refused or error
            continue
        return Written(format=kind, body=body, csv=how, said=kind == said)
    raise refused or BadBody("the answer is neither JSON, JSON Lines, CSV nor XML")


def _looks(content: bytes, told: str) -> Iterator[Format]:
    """Yield the formats that an answer looks like, the likeliest first."""
    start = content.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    if start in {b"{", b"["}:
        yield "json"
        yield "jsonl"
    elif start == b"<":
        yield "xml"
    elif "json" in told or "xml" in told:
        return
    elif start and _is_table(_text(content, "latin-1")):
        yield "csv"
    else:
        yield "json"


def _is_table(text: str) -> bool:
    """Say whether a text has several rows of fields, the first of which names them."""
    rows = _rows(text, _delimiter(text))
    return len(rows) > 1 and any(rows[0])


def _csv(response: Response, told: str) -> Csv:
    """Find out the delimiter and the encoding of a CSV."""
    encoding = _encoding(response.body, told)
    return Csv(delimiter=_delimiter(_text(response.body[:_LOOKED_AT], encoding)), encoding=encoding)


def _encoding(content: bytes, told: str) -> str:
    named = _CHARSET.search(told)
    if named and not list(problems("", "csv", "$", Csv(encoding=named[1]))) and _reads(content, named[1]):
        return "utf-8" if named[1] in {"utf8", "us-ascii", "ascii"} else named[1]
    return "utf-8" if _reads(content, "utf-8") else "cp1252" if _reads(content, "cp1252") else "latin-1"


def _reads(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except (UnicodeError, LookupError):
        return False
    return True


def _text(content: bytes, encoding: str) -> str:
    return content.decode(encoding, errors="replace").removeprefix("\ufeff")


def _delimiter(text: str) -> str:
    """Return what stands between fields: what gives every row the same number of fields, and the most of them."""
    found = {each: len(rows[0]) for each in _DELIMITERS if (rows := _rows(text, each))}
    return max(found, key=lambda each: found[each]) if found else ","


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """Return the first rows, if they have the same number of fields and more than one; [] otherwise."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(text.splitlines(keepends=True)[:_LINES], delimiter=delimiter, strict=True):
            rows += [row] if row else []
    except csv.Error:
        pass  # a field in quotes goes on behind the lines that are looked at, or this is no delimiter
    # The last row of many may have been cut off.
    widths = {len(row) for row in (rows[:-1] if len(rows) > 2 else rows)}
    return rows if len(widths) == 1 and widths != {1} else []
