"""CSV as items. The first row names the fields; values are texts, and columns cast them."""

import csv
import io
from collections.abc import Sequence
from typing import Final

from engine.common.errors import BadBody
from sources.rest.config.endpoint import Endpoint
from sources.rest.items.checks import lacks_fields
from sources.rest.items.decoded import EMPTY, Decoded, encoded, unsure
from sources.rest.items.weight import FIELD, ITEM, Weight

MOST_FIELDS: Final = 2000
"""Fields of a CSV row: as many columns as a table of SQLite may have."""

# The bound of a field is that of its body, which the transport keeps. csv refuses fields above 131,072 characters
# unless it is told otherwise, and that only for the whole process. So it is told once, the largest number that it takes
# everywhere (a C long of 32 bits): a bound that is set for one answer and set back could come between two threads.
# `sources.rest.proposal.formats` reads CSV too, and loads this module.
csv.field_size_limit(2**31 - 1)


def read_csv(content: bytes, endpoint: Endpoint) -> Decoded:
    """Read a CSV document.

    Raises:
        BadBody: it has too many fields, lacks those of the key, or is no CSV.
        UnicodeError: it is not of its encoding.
    """
    delimiter, encoding = endpoint.csv.delimiter, endpoint.csv.encoding
    weight = Weight(content)
    text = content.decode(encoding).removeprefix("\ufeff")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        first = text[: text.find("\n")] if "\n" in text else text
        # Counted before it is read: a header of a million fields would take a second and 100 MB.
        if first.count(delimiter) > 10 * MOST_FIELDS:
            raise BadBody(f"the first row of the CSV has more than {MOST_FIELDS} fields")
        names = next((each for each in reader if each), [])
        if len(names) > MOST_FIELDS:
            raise BadBody(f"the first row of the CSV has {len(names):,} fields; {MOST_FIELDS} are read")
        names = _distinct(names)
        if names and (lacks := lacks_fields(names, endpoint)):
            raise BadBody(lacks)
        values = []
        for each in reader:
            if each:
                weight.add(ITEM + FIELD * len(each))
                values.append(_fields(names, each, reader.line_num))
    except csv.Error as error:
        raise BadBody(f"line {reader.line_num} of the CSV: {error}") from error
    decoded = Decoded(weight, values, [encoded(value) for value in values], found=True)
    return decoded if names else unsure(decoded, EMPTY)


def _distinct(names: Sequence[str]) -> list[str]:
    """Name fields that have no name or that of another: column_3, name_4."""
    taken: dict[str, None] = {}
    for number, name in enumerate((each.strip() for each in names), 1):
        own = name or f"column_{number}"
        taken[own if own not in taken else f"{own}_{number}"] = None
    # A header that is written to collide even so ("a,a_3,a") loses no field in silence: it has too few names.
    return list(taken)


def _fields(names: Sequence[str], values: Sequence[str], line: int) -> dict[str, str]:
    if len(values) != len(names):
        raise BadBody(f"line {line} of the CSV has {len(values):,} fields, and the first row names {len(names):,}")
    return dict(zip(names, values, strict=True))
