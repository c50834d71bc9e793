"""Editing a person's configuration: what they wrote stays."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.common.errors import ConfigError
from tui.init.document import Change, edit

MINE = """\
# mine
theme = "ember"   # pretty

[http]
total_timeout = 20 # seconds

[sources.github]
# all of them
orgs = ["psf"] # psf!

[sources.rest]
base_url = "https://example.org"
[sources.rest.endpoints.things]
path = "/things"

# the end
"""
EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.toml"))
KEYS = st.sampled_from(["base_url", "year", "orgs", "endpoints.things.path", "endpoints.items.path", "a-b"])
VALUES = st.one_of(st.integers(0, 99), st.text(max_size=20), st.lists(st.text(max_size=5), max_size=3), st.booleans())


def github(key: str, value: Any, comment: str = "") -> Change:
    return Change(("sources", "github", key), value, comment)


def test_a_new_file_explains_itself_and_each_key() -> None:
    made = edit("", [Change(("sources", "github"), {}), github("orgs", ["psf"], "logins"), github("year", 2024, "UTC")])

    head, _, body = made.partition("\n\n")
    assert all(line.startswith("# ") for line in head.splitlines())
    assert body == '[sources.github]\n# logins\norgs = ["psf"]\n# UTC\nyear = 2024\n'


def test_what_is_added_leaves_every_line_as_it_was() -> None:
    made = edit(
        MINE,
        [
            Change(("database",), "rows.db", "where rows go"),
            github("year", 2024, "UTC"),
            Change(("sources", "rest", "concurrency"), 2, "at once"),
            Change(("sources", "anime", "ids"), [1], "numbers"),
        ],
    )

    remaining = iter(made.splitlines())
    assert all(line in remaining for line in MINE.splitlines())
    assert "# UTC\nyear = 2024\n\n[sources.rest]" in made
    assert '# where rows go\ndatabase = "rows.db"\n\n[http]' in made
    assert "# at once\nconcurrency = 2\n\n[sources.rest.endpoints.things]" in made
    assert "[sources.anime]\n# numbers\nids = [1]\n" in made


def test_a_changed_value_keeps_its_comment() -> None:
    made = edit(MINE, [github("orgs", ["psf", "python"], "logins")])

    assert made == MINE.replace('["psf"] #', '["psf", "python"] #')


def test_what_is_so_already_changes_nothing() -> None:
    changes = [Change(("sources", "github"), {}), github("orgs", ["psf"], "logins"), Change(("theme",), "ember")]

    assert edit(MINE, changes) == MINE


def test_a_value_where_a_table_would_have_to_be_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^theme.colour: theme is a value in your file, not a table$"):
        edit(MINE, [Change(("theme", "colour"), "red")])


def test_a_file_that_is_no_toml_is_refused() -> None:
    with pytest.raises(ConfigError, match="the configuration is no TOML"):
        edit("theme = ", [Change(("theme",), "ember")])


def test_inline_tables_and_windows_line_ends_are_left_as_they_are() -> None:
    made = edit('sources = { github = { orgs = ["psf"] } }\r\ntheme = "ember"\r\n', [github("year", 2024, "UTC")])

    assert tomllib.loads(made)["sources"]["github"] == {"orgs": ["psf"], "year": 2024}
    assert made.count("\r\n") == 2


def test_a_value_may_hold_any_character() -> None:
    made = edit("", [github("base_url", "a\x85b\u2028c\n[d]", "why")])

    assert tomllib.loads(made)["sources"]["github"]["base_url"] == "a\x85b\u2028c\n[d]"


@given(
    base=st.sampled_from(["", MINE, *(example.read_text(encoding="utf-8") for example in EXAMPLES)]),
    answers=st.dictionaries(KEYS, VALUES, max_size=4),
    name=st.sampled_from(["github", "rest", "harbour", "new-one"]),
)
def test_whatever_is_asked_for_is_what_the_file_says_then(base: str, answers: dict[str, Any], name: str) -> None:
    changes = [Change(("sources", name, *key.split(".")), value, "why") for key, value in answers.items()]

    made = tomllib.loads(edit(base, changes))

    for change in changes:
        found: Any = made
        for step in change.key:
            found = found[step]
        assert found == change.value
    untouched = {key: value for key, value in tomllib.loads(base).items() if key != "sources"}
    assert {key: value for key, value in made.items() if key != "sources"} == untouched
