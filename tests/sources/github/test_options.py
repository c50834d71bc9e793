"""The keys of the GitHub source."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from sources.github.options import GitHubOptions, is_repository
from tests.sources.driver import STARTED


def _options(**keys: Any) -> GitHubOptions:
    return msgspec.convert(keys, GitHubOptions)


def test_lists_come_as_toml_arrays_and_days_as_toml_dates_or_text() -> None:
    options = _options(orgs=["harbour"], since=date(2024, 3, 1), until="2024-04-01")

    assert options.orgs == ("harbour",)
    assert str(options.window(STARTED)) == "2024-03-01..2024-04-01"


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ({"org": ["harbour"]}, "unknown field `org`"),
        ({"orgs": ["../x"]}, r"\$.orgs"),
        ({"orgs": ["a\n"]}, r"\$.orgs"),
        ({"repos": ["crane"]}, r"\$.repos"),
        ({"repos": ["harbour/.."]}, r"\$.repos"),
        ({"year": 1969}, r"\$.year"),
        ({"year": 2024, "since": "2024-01-01"}, "year excludes since and until"),
        ({"since": "2024-02-01", "until": "2024-02-01"}, "must be later than since"),
        ({"base_url": "ftp://h"}, r"\$.base_url"),
        ({"base_url": "https://h/"}, r"\$.base_url"),
        ({"base_url": "https://me:secret@h"}, r"\$.base_url"),
    ],
)
def test_a_wrong_key_or_value_is_named(keys: dict[str, Any], complaint: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=complaint):
        _options(**keys)


@pytest.mark.parametrize("base_url", ["https://api.github.com", "http://127.0.0.1:8080", "https://ghe.example/api/v3"])
def test_a_base_url_may_have_a_port_and_a_path(base_url: str) -> None:
    assert _options(base_url=base_url).base_url == base_url


def test_the_default_is_the_year_in_which_the_run_began() -> None:
    assert str(_options().window(STARTED)) == "2025-01-01..2026-01-01"


def test_one_bound_leaves_the_other_side_open() -> None:
    since, until = _options(since="2024-03-01").window(STARTED), _options(until="2024-03-01").window(STARTED)

    assert (str(since), since.until) == ("2024-03-01..", None)
    assert str(until) == "1970-01-01..2024-03-01"


def test_the_window_holds_its_start_and_not_its_until() -> None:
    window = _options(year=2024).window(STARTED)

    assert not window.before(datetime(2024, 1, 1, tzinfo=UTC))
    assert window.before(datetime(2023, 12, 31, 23, 59, 59, tzinfo=UTC))
    assert window.after(datetime(2025, 1, 1, tzinfo=UTC))
    assert not window.after(datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC))
    assert not window.before(None)
    assert not window.after(None)


def test_a_repository_name_is_two_plain_parts() -> None:
    assert is_repository("harbour/.github")
    assert not is_repository("harbour")
    assert not is_repository("harbour/crane/pulls")
    assert not is_repository("harbour/crane?x=1")
