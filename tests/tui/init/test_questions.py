"""What `fetchdeck init` asks, and how it reads an answer."""

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from engine.model.capabilities import Question
from tests.test_docs import SHIPPED, declared
from tui.init.questions import asked_of, read, written


class Options(msgspec.Struct, kw_only=True):
    name: str
    size: int = 3


class Stranger:
    """A source that declares no questions."""

    Options = Options


@pytest.mark.parametrize(
    ("text", "hint", "value"),
    [
        ("psf, python ,", tuple[str, ...], ["psf", "python"]),
        ('["a, b"]', tuple[str, ...], ["a, b"]),
        ("3, docks/boats", tuple[int | str, ...], [3, "docks/boats"]),
        ("7", int | None, 7),
        ("2.5", Annotated[float, Meta(gt=0)], 2.5),
        ("yes", bool, True),
        ("No", bool, False),
        ("2024-03-01", date | None, date(2024, 3, 1)),
        ("missing", Literal["none", "missing"], "missing"),
        (" some words ", str, "some words"),
    ],
)
def test_an_answer_becomes_a_value(text: str, hint: Any, value: object) -> None:
    assert read(text, hint) == value


@pytest.mark.parametrize(
    ("text", "hint", "said"),
    [
        ("many", int, 'got "many", want a whole number'),
        ("0", Annotated[int, Meta(ge=1)], "got 0, want a whole number"),
        ("1, two", tuple[int, ...], 'got [1,"two"], want a list'),
        ("perhaps", bool, 'got "perhaps", want true or false'),
        ("all", Literal["none", "missing"], 'got "all", want one of "missing", "none"'),
        ('["open', tuple[str, ...], '["open is no TOML'),
        ("2024-13-01", date, 'got "2024-13-01", want a date'),
    ],
)
def test_a_wrong_answer_says_what_would_be_right(text: str, hint: Any, said: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 -- its words are looked at below
        read(text, hint)

    assert said in str(caught.value)


@pytest.mark.parametrize(("value", "text"), [(["psf", 3], "psf, 3"), (True, "yes"), (2024, "2024"), ("a b", "a b")])
def test_a_value_is_written_as_it_would_be_typed(value: object, text: str) -> None:
    assert written(value) == text


def test_a_source_that_declares_nothing_is_asked_for_what_it_cannot_do_without() -> None:
    (asked,) = asked_of(Stranger)  # type: ignore[arg-type]  # only its options are looked at

    assert asked.question == Question(key="name", ask="name", help="text in quotes", unset="required")
    assert asked.hint is str


@pytest.mark.parametrize("source", SHIPPED)
def test_every_question_is_about_an_option_there_is(source: str) -> None:
    asked = asked_of(declared().load(source))

    assert asked
    assert all(len(each.question.ask) <= 14 and len(each.question.help) <= 110 for each in asked)
