"""What a browser may say."""

import pytest

from tui.serve.wire import FocusChanged, Message, Pinged, Resized, Typed, read, side


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('["stdin", "q"]', Typed("q")),
        ('["resize", {"width": 120, "height": 40}]', Resized(120, 40)),
        ('["resize", {"width": -3, "height": 1e300}]', Resized(1, 1000)),
        ('["resize", {"width": null, "height": "x"}]', Resized(80, 24)),
        ('["ping", "1700000000000"]', Pinged("1700000000000")),
        ('["focus"]', FocusChanged(focused=True)),
        ('["blur"]', FocusChanged(focused=False)),
    ],
)
def test_what_the_front_end_says_is_understood(text: str, said: Message) -> None:
    assert read(text) == said


@pytest.mark.parametrize(
    "text", ["", "{", "null", "[]", '["stdin"]', '["stdin", 3]', '["resize", 3]', '["exec", "x"]', "[" * 100_000]
)
def test_anything_else_is_ignored(text: str) -> None:
    assert read(text) is None


def test_a_side_of_the_window_is_within_bounds() -> None:
    assert [side(value, 80) for value in ("120", "0", "99999999", None, "wide", float("inf"))] == [
        120,
        1,
        1000,
        80,
        80,
        80,
    ]
