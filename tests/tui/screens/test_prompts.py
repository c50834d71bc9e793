"""What is typed at the bottom of a screen."""

import pytest

from tui.screens.filter import Filter, parse
from tui.screens.prompts import LONGEST, Line, Prompt, Question


def typed(line: Line, *keys: str) -> str:
    for key in keys:
        line.key(key, key if len(key) == 1 else None)
    return line.text


def test_letters_go_where_the_cursor_is() -> None:
    line = Line("ac")

    assert typed(line, "left", "b", "home", "0", "end", "d") == "0abcd"


def test_what_is_wrong_can_be_taken_away() -> None:
    assert typed(Line("abc"), "backspace") == "ab"
    assert typed(Line("abc"), "home", "delete") == "bc"
    assert typed(Line("abc"), "home", "backspace", "right", "left", "delete") == "bc"
    assert typed(Line("abc"), "ctrl+u") == ""


def test_keys_that_write_nothing_write_nothing() -> None:
    assert typed(Line("a"), "f5", "tab", "ctrl+x") == "a"


def test_what_is_pasted_is_one_line_with_its_controls_shown() -> None:
    line = Line()

    line.insert("q\n:quit\x1b[2J\x07")

    assert line.text == "q↵:quit␛[2J␇"
    assert line.text.isprintable()


def test_a_line_has_an_end() -> None:
    line = Line()

    line.insert("x" * 5000)
    line.insert("y")
    line.key("z", "z")

    assert len(line.text) == LONGEST
    assert "y" not in line.text


def test_a_long_line_shows_its_cursor() -> None:
    prompt = Prompt("/", text="a" * 50 + "z")

    assert "z▏" in prompt.row(20).text
    assert len(prompt.row(20).text) == 20


def test_a_prompt_tells_every_change_and_its_end() -> None:
    told: list[str] = []
    prompt = Prompt("/", changed=told.append, done=lambda text: told.append(f"done {text}"))

    assert [prompt.key(key, key if len(key) == 1 else None) for key in ("a", "left", "b", "enter")] == [
        *(False, False, False, True)
    ]
    assert told == ["a", "ba", "done ba"]


def test_a_prompt_can_be_left() -> None:
    told: list[str] = []

    assert Prompt("/", cancelled=lambda: told.append("left")).key("escape", None)

    assert told == ["left"]


@pytest.mark.parametrize(("key", "yes"), [("y", True), ("Y", True), ("n", False), ("enter", False), ("escape", False)])
def test_a_question_is_answered_no_by_everything_but_y(key: str, yes: bool) -> None:
    told: list[str] = []
    question = Question("sure?", lambda: told.append("yes"))

    question.paste("y")
    assert question.key(key, key)

    assert bool(told) is yes


@pytest.mark.parametrize(
    ("text", "lets", "stops"),
    [
        ("", ["", "anything"], []),
        ("!", ["anything"], []),
        ("re:", ["anything"], []),
        ("429", ["GET 429"], ["GET 42"]),
        ("Get", ["get /x"], ["put /x"]),
        ("a.c", ["a.c"], ["abc"]),
        ("[/nope]", ["[/nope]"], ["nope"]),
        ("re:4[02]9|tls", ["409", "429", "TLS reset"], ["419"]),
        ("!429", ["200"], ["429"]),
        ("!re:^2", ["429"], ["200"]),
    ],
)
def test_a_filter_is_literal_unless_it_says_otherwise(text: str, lets: list[str], stops: list[str]) -> None:
    found = parse(text)

    assert all(found.lets(line) for line in lets)
    assert not any(found.lets(line) for line in stops)


def test_a_filter_that_lets_everything_through_is_none() -> None:
    assert not parse("")
    assert not Filter()
    assert parse("x")


@pytest.mark.parametrize("text", ["re:(", "!re:[", "re:a{99999999999}", "re:" + "(" * 500])
def test_a_bad_expression_is_told_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="is no regular expression") as caught:
        parse(text)

    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("width", [0, 1, 2, 5])
def test_a_prompt_fits_where_there_is_no_room(width: int) -> None:
    assert len(Prompt("retry? ", text="abc").row(width).text) == width
