"""Values from a person against a type."""

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from engine.common.errors import ConfigError
from engine.config.validation import convert

Login = Annotated[str, Meta(pattern="^[a-z]+$", description="a login")]


class Inner(msgspec.Struct):
    size: Annotated[int, Meta(ge=1)] = 1


class Options(msgspec.Struct, kw_only=True):
    year: Annotated[int, Meta(ge=2008, le=2100)] | None = None
    orgs: tuple[Login, ...] = ()
    pace: Annotated[float, Meta(gt=0)] = 1.0
    mode: Literal["fast", "slow"] = "fast"
    since: date | None = None
    deep: bool = False
    token_command: Annotated[list[str], Meta(min_length=1)] | None = None
    inner: Inner | None = None
    caps: dict[str, Annotated[int, Meta(le=9)]] = {}

    def __post_init__(self) -> None:
        if self.year and self.since:
            raise ValueError("year excludes since")


def named(key: tuple[str, ...]) -> str:
    return ".".join(("x", *key))


def refusal(**raw: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        convert(raw, Options, name=named)
    return str(caught.value)


def test_right_values_become_the_struct() -> None:
    options = convert({"year": 2024, "orgs": ["python"], "since": None}, Options, name=named)

    assert (options.year, options.orgs) == (2024, ("python",))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"year": "x"}, 'x.year: got "x", want a whole number from 2008 to 2100'),
        ({"year": 1999}, "x.year: got 1999, want a whole number from 2008 to 2100"),
        ({"year": True}, "x.year: got true, want a whole number from 2008 to 2100"),
        ({"orgs": "python"}, 'x.orgs: got "python", want a list, each text (a login)'),
        ({"orgs": ["a", "B"]}, 'x.orgs[1]: got "B", want text (a login)'),
        ({"pace": 0}, "x.pace: got 0, want a number above 0"),
        ({"mode": "quick"}, 'x.mode: got "quick", want one of "fast", "slow"'),
        ({"since": "yesterday"}, 'x.since: got "yesterday", want a date such as 2025-01-31'),
        ({"deep": "yes"}, 'x.deep: got "yes", want true or false'),
        ({"inner": 3}, "x.inner: got 3, want a table of keys and values"),
        ({"inner": {"size": 0}}, "x.inner.size: got 0, want a whole number of at least 1"),
        ({"caps": {"a": 1, "b": 10}}, "x.caps.b: got 10, want a whole number of at most 9"),
        ({"year": 2024, "since": date(2024, 1, 1)}, "x: year excludes since"),
    ],
)
def test_a_wrong_value_is_named_with_its_key_and_what_would_be_right(raw: dict[str, Any], message: str) -> None:
    assert refusal(**raw) == message


def test_an_unknown_key_leads_to_the_nearest_one() -> None:
    assert refusal(yaer=2024).startswith('x.yaer: unknown key, did you mean "year"? There are: ')


def test_an_unknown_key_further_in_is_named_with_its_path() -> None:
    assert refusal(inner={"sise": 1}).startswith('x.inner.sise: unknown key, did you mean "size"?')


def test_the_value_of_an_unknown_key_is_not_shown() -> None:
    assert "hunter2" not in refusal(orgz="hunter2")


def test_a_wrong_value_under_a_secrets_name_is_not_shown() -> None:
    message = refusal(token_command="echo hunter2")

    assert "hunter2" not in message
    assert message.endswith("want a list, at least one of them, each text in quotes")


def test_a_long_or_hostile_value_is_cut_and_made_visible() -> None:
    message = refusal(mode="\x1b[31m" + "a" * 500)

    assert "\x1b" not in message
    assert len(message) < 150


def test_a_missing_key_is_named() -> None:
    class Strict(msgspec.Struct):
        link: str

    with pytest.raises(ConfigError, match=r"x\.link: is missing"):
        convert({}, Strict, name=named)
