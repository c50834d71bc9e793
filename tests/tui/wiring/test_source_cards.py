"""What a run costs, in words."""

from typing import Any

import pytest

from engine.pacing.cost_plan import Cost
from tui.wiring.source_cards import naive_of, requests_of, time_of


def _cost(low: int, high: int | None, **more: Any) -> Cost:
    given: dict[str, Any] = {
        "seconds_low": 60.0,
        "seconds_high": 60.0,
        "naive_requests": 1200,
        "naive_seconds": 90.0,
        "naive_open": False,
        "timed": True,
    }
    return Cost(resource="core", requests_low=low, requests_high=high, limits=(), why=(), **{**given, **more})


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0, 0, "0 requests"),
        (1, 1, "1 request"),
        (1, 2, "1 to 2 requests"),
        (1200, None, "1,200 or more requests"),
        (5, 3, "5 to 5 requests"),
    ],
)
def test_requests_are_a_number_a_range_or_an_open_end(low: int, high: int | None, said: str) -> None:
    assert requests_of(_cost(low, high)) == said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "1m"),
        ({"seconds_high": 120.0}, "1m to 2m"),
        ({"seconds_high": None}, "1m or more"),
        ({"seconds_high": None, "timed": False}, "1m or more"),
        ({"seconds_high": None, "timed": False, "seconds_low": 0.0}, "time unknown"),
        ({"seconds_high": 0.0, "timed": False, "seconds_low": 0.0}, "0s"),
    ],
)
def test_what_is_not_known_of_the_time_is_said(more: dict[str, Any], said: str) -> None:
    assert time_of(_cost(1, 1, **more)) == said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "1,200, 1m 30s"),
        ({"naive_open": True}, "1,200, 1m 30s or more"),
        ({"timed": False, "naive_seconds": 0.0}, "1,200"),
    ],
)
def test_the_plain_client_stands_beside_it(more: dict[str, Any], said: str) -> None:
    assert naive_of(_cost(1, 1, **more)) == said
