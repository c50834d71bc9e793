"""Names that no column of a configured table can have."""

from collections.abc import Collection, Iterator
from typing import Final

OWN: Final = frozenset({"raw", "raw_page", "added_at", "changed_at", "seen_at", "digest"})
"""Columns that every table has of its own."""
KEYWORDS: Final = frozenset(
    (
        "add", "all", "alter", "and", "as", "autoincrement", "between", "case", "cast", "check", "collate",
        "commit", "constraint", "create", "current_date", "current_time", "current_timestamp", "default",
        "deferrable", "delete", "distinct", "drop", "else", "escape", "except", "exists", "foreign", "from",
        "group", "having", "in", "index", "insert", "intersect", "into", "is", "isnull", "join", "limit", "not",
        "nothing", "notnull", "null", "on", "or", "order", "primary", "raise", "references", "returning",
        "select", "set", "table", "then", "to", "transaction", "union", "unique", "update", "using", "values",
        "when", "where",
    )
)  # fmt: skip
"""Words of SQL that SQLite takes for no name. It takes its other keywords: https://sqlite.org/lang_keywords.html."""


def problem(column: str, own: Collection[str] = OWN) -> str:
    """Say why a column cannot have its name; "" if it can."""
    if column in own:
        return f'every table has a column "{column}" of its own; choose another name'
    return f'"{column}" is a word of SQL; choose another name, such as "{column}_"' if column in KEYWORDS else ""


def problems(at: str, columns: Collection[str], key: Collection[str], own: Collection[str] = OWN) -> Iterator[str]:
    """Yield the columns, named or only in the key, that cannot have their names."""
    for column in columns:
        if why := problem(column, own):
            yield f"{at}.columns.{column}: {why}"
    for column in key:
        if column not in columns and (why := problem(column, own)):
            yield f"{at}.key: {why}, and give its path in columns"
