import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.common.text import ELLIPSIS, MARK, NEWLINE, clean, span


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("\x9b2J", MARK + "2J"),
        ("a\u202eb", f"a{MARK}b"),
        ("zero\u200bwidth", f"zero{MARK}width"),
        ("filled\u3164\u115fname", f"filled{MARK}{MARK}name"),
        ("tab\there", "tab here"),
        ("line\r\nline", f"line{NEWLINE}line"),
        ("\ud800", MARK),
        ("del\x7f", "del\u2421"),
        ("[red]markup[/nope]", "[red]markup[/nope]"),
    ],
)
def test_what_a_terminal_would_act_on_becomes_visible(hostile: str, shown: str) -> None:
    assert clean(hostile) == shown


def test_plain_text_of_any_language_is_left_alone() -> None:
    text = "Übung, 日本語, emoji 🎉"

    assert clean(text) is text


def test_a_long_text_is_cut_and_says_so() -> None:
    assert clean("a" * 1_000_000, limit=10) == "a" * 9 + ELLIPSIS


@given(st.text())
def test_nothing_that_is_left_is_a_control_character(text: str) -> None:
    assert not any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in clean(text))


@pytest.mark.parametrize(
    ("long", "words"),
    [(38.2, "38 s"), (240.0, "4 min"), (7200.0, "2 h"), (-3.0, "0 s"), (0.5, "0.5 s"), (0.01, "0.1 s"), (0.97, "1 s")],
)
def test_durations_are_said_in_words(long: float, words: str) -> None:
    assert span(long) == words
