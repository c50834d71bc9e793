"""Names that a column cannot have."""

import sqlite3
from typing import Any

import msgspec
import pytest

from sources.rest.config import column_names
from sources.rest.config.options import RestOptions

WORDS = (
    "abort", "action", "add", "after", "all", "alter", "always", "analyze", "and", "as", "asc", "attach",
    "autoincrement", "before", "begin", "between", "by", "cascade", "case", "cast", "check", "collate",
    "column", "commit", "conflict", "constraint", "create", "cross", "current", "current_date", "current_time",
    "current_timestamp", "database", "default", "deferrable", "deferred", "delete", "desc", "detach",
    "distinct", "do", "drop", "each", "else", "end", "escape", "except", "exclude", "exclusive", "exists",
    "explain", "fail", "filter", "first", "following", "for", "foreign", "from", "full", "generated", "glob",
    "group", "groups", "having", "if", "ignore", "immediate", "in", "index", "indexed", "initially", "inner",
    "insert", "instead", "intersect", "into", "is", "isnull", "join", "key", "last", "left", "like", "limit",
    "match", "materialized", "natural", "no", "not", "nothing", "notnull", "null", "nulls", "of", "offset",
    "on", "or", "order", "others", "outer", "over", "partition", "plan", "pragma", "preceding", "primary",
    "query", "raise", "range", "recursive", "references", "regexp", "reindex", "release", "rename", "replace",
    "restrict", "returning", "right", "rollback", "row", "rows", "savepoint", "select", "set", "table", "temp",
    "temporary", "then", "ties", "to", "transaction", "trigger", "unbounded", "union", "unique", "update",
    "using", "vacuum", "values", "view", "virtual", "when", "where", "window", "with", "without",
)  # fmt: skip


def test_every_word_that_sqlite_takes_for_no_name_is_refused() -> None:
    refused = {word for word in WORDS if not taken(word)}

    assert {"default", "order", "group", "current_date"} <= refused
    assert [word for word in sorted(refused) if not column_names.problem(word)] == []


def test_usual_names_are_not_refused() -> None:
    usual = ["key", "first", "last", "filter", "query", "action", "end", "plan", "row", "match", "name", "date", "type"]

    assert [word for word in usual if column_names.problem(word)] == []


def taken(word: str) -> bool:
    """Say whether SQLite takes a word as the name of a column wherever the store writes one."""
    database = sqlite3.connect(":memory:")
    try:
        database.execute(f"create table t({word} text, primary key({word}))")
        database.execute(f"insert into t({word}) values(1) on conflict({word}) do update set {word} = excluded.{word}")
        database.execute(f"select {word} from t where {word} is not null").fetchall()
    except sqlite3.OperationalError:
        return False
    finally:
        database.close()
    return word not in {"current_date", "current_time", "current_timestamp"}  # taken as values


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        ({"columns": {"default": "default"}}, 'endpoints.items.columns.default: "default" is a word of SQL; choose'),
        ({"key": ["order"]}, 'endpoints.items.key: "order" is a word of SQL; choose another name, such as "order_"'),
        ({"key": ["raw"]}, 'endpoints.items.key: every table has a column "raw" of its own'),
    ],
)
def test_such_a_name_is_refused_with_a_way_out_instead_of_crashing_the_store(
    endpoint: dict[str, Any], said: str
) -> None:
    table = {"base_url": "https://x.example", "endpoints": {"items": {"path": "/", **endpoint}}}

    with pytest.raises(msgspec.ValidationError, match=r"of SQL|of its own") as refused:
        msgspec.convert(table, RestOptions)

    assert said in str(refused.value)
