"""Values given on the command line."""

from typing import Any

import pytest

from engine.common.errors import UsageError
from engine.config.overrides import merge, parse_override


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("github.year=2024", 2024),
        ("github.year = 2024", 2024),
        ('github.year=["a", "b"]', ["a", "b"]),
        ("github.year=true", True),
        ("github.year=python", "python"),
        ("github.year=https://host/api?a=b", "https://host/api?a=b"),
        ('github.year="quoted"', "quoted"),
        ("github.year=1\nother = 2", "1\nother = 2"),
        ("github.year=", ""),
    ],
)
def test_a_value_is_toml_or_the_bare_text(text: str, value: Any) -> None:
    assert parse_override(text) == (("sources", "github", "year"), value)


def test_a_key_of_the_top_level_stays_there() -> None:
    assert parse_override("http.total_timeout=10") == (("http", "total_timeout"), 10)
    assert parse_override("database=x.db") == (("database",), "x.db")


@pytest.mark.parametrize("text", ["github", "year=2024", "=1", "github.=1", ".year=1"])
def test_what_is_no_key_and_value_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match=r"want source\.option=value, as in --set github\.year=2024"):
        parse_override(text)


def test_a_value_that_begins_like_toml_and_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match=r"--set github\.orgs: the value is no TOML"):
        parse_override("github.orgs=[python")


def test_overrides_are_put_into_the_document_in_their_order() -> None:
    document = {"sources": {"github": {"year": 2020, "deep": True}}}

    merge(document, [parse_override("github.year=2024"), parse_override("github.year=2025")])

    assert document == {"sources": {"github": {"year": 2025, "deep": True}}}


def test_what_is_theirs_begins_where_the_document_ends() -> None:
    document: dict[str, Any] = {"sources": {"github": {}}}

    theirs = merge(document, [parse_override("github.year=1"), parse_override("gitlab.deep=1")])

    assert theirs == {("sources", "github", "year"), ("sources", "gitlab")}


def test_an_override_through_a_value_is_refused() -> None:
    with pytest.raises(UsageError, match="database is a value, not a table"):
        merge({"database": "x"}, [(("database", "path"), 1)])
