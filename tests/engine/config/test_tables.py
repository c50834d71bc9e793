"""Durations as people write them."""

import pytest

from engine.config.tables import Common, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("20s", 20), ("5m", 300), ("2h", 7200), ("1h30m", 5400), ("1d", 86_400), ("0.5s", 0.5), (" 1H ", 3600)],
)
def test_a_duration_is_read_in_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "20", "m", "5m1h", "1h 30m", "-5s", "1.5h", "٣s", "1e3s", "5s5s"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="want a duration such as 20s"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0s", "0h0m", "366d"])
def test_a_duration_out_of_bounds_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="more than 0 seconds and at most 365 days"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.44, "0.4s"), (9.96, "10s"), (20, "20s"), (59.7, "1m"), (5400, "1h 30m"), (90_061, "1d 1h")],
)
def test_a_duration_is_written_with_its_two_largest_units(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_how_long_a_list_is_resumed_is_a_duration() -> None:
    assert [Common().resumes_within(), Common(resume_within="6h").resumes_within()] == [None, 21_600]

    with pytest.raises(ValueError, match=r'resume_within: got "soon", want a duration such as 20s'):
        Common(resume_within="soon")
