"""How an error message names the type that an option must have."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta

from engine.config.validation import describe


class Mode(StrEnum):
    FAST = "fast"
    SLOW = "slow"


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        (bool, "true or false"),
        (int, "a whole number"),
        (Annotated[int, Meta(le=3)], "a whole number of at most 3"),
        (Annotated[float, Meta(gt=0)], "a number above 0"),
        (str, "text in quotes"),
        (Annotated[str, Meta(pattern="^a+$")], "text that matches ^a+$"),
        (Annotated[str, Meta(pattern="^a+$", description="some a")], "text (some a)"),
        (Annotated[int, Meta(ge=1, description="a year")], "a whole number of at least 1 (a year)"),
        (Annotated[int, Meta(title="x")], "a whole number"),
        (date, "a date such as 2025-01-31"),
        (datetime, "a date and time such as 2025-01-31T12:00:00Z"),
        (Literal["a", "b"], 'one of "a", "b"'),
        (Mode, 'one of "fast", "slow"'),
        (int | str | None, "a whole number or text in quotes"),
        (list[int], "a list, each a whole number"),
        (dict[str, int], "a table of keys and values"),
        (Any, "any value"),
        (bytes, "another kind of value"),
    ],
)
def test_a_type_is_said_in_words(hint: Any, words: str) -> None:
    assert describe(hint) == words
