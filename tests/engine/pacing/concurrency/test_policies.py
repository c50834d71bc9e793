"""Policies by name, and what a person wants left to others."""

import pytest

from engine.common.errors import ConfigError
from engine.pacing.concurrency.controller import LoadSignal, Sample
from engine.pacing.concurrency.knee import Knee
from engine.pacing.concurrency.policies import LatencyStep, QuotaLadder, parse_policy, parse_restraint


def test_policies_are_known_by_name() -> None:
    assert isinstance(parse_policy("adaptive", cap=32), Knee)
    assert parse_policy(" Fixed  4 ", cap=32).limit == 4
    assert isinstance(parse_policy("quota-ladder", cap=32), QuotaLadder)
    assert isinstance(parse_policy("latency-step", cap=32), LatencyStep)


@pytest.mark.parametrize("text", ["", "fast", "fixed", "fixed 0", "fixed 33", "fixed x", "adaptive 3", "fixed ²"])
def test_an_unknown_policy_says_what_would_be_right(text: str) -> None:
    with pytest.raises(ConfigError, match="want"):
        parse_policy(text, cap=32)


@pytest.mark.parametrize(
    ("left", "limit"), [(1.0, 10), (0.76, 10), (0.75, 5), (0.51, 5), (0.5, 3), (0.26, 3), (0.25, 1), (0, 1), (None, 1)]
)
def test_the_ladder_takes_fewer_the_less_is_left(left: float | None, limit: int) -> None:
    assert QuotaLadder(32, lambda: left).limit == limit


def test_the_step_takes_three_when_answers_take_a_second() -> None:
    step = LatencyStep(32)
    assert step.limit == 5

    moves = [
        step.observe(0.0, Sample(tag=0, sent_at=0.0, latency=1.5, route="", signal=LoadSignal.OK)) for _ in range(3)
    ]

    assert step.limit == 3
    assert [move.new for move in moves if move is not None] == [3]


def test_no_policy_passes_the_cap() -> None:
    assert QuotaLadder(2, lambda: 1.0).limit == 2
    assert LatencyStep(2).limit == 2


def test_a_reserve_and_hours_are_read() -> None:
    restraint = parse_restraint(["keep 500 for humans", "08-18 at most 30 %"])

    assert restraint.at(12) == (500.0, 0.3)
    assert restraint.at(18) == (500.0, 1.0)
    assert restraint.at(None) == (500.0, 1.0)


def test_hours_may_pass_midnight() -> None:
    restraint = parse_restraint(["22-06 at most 50%"])

    assert [restraint.at(hour)[1] for hour in (21, 22, 0, 5, 6)] == [1.0, 0.5, 0.5, 0.5, 1.0]


@pytest.mark.parametrize("rule", ["", "keep", "keep -1", "8-8 at most 3 %", "25-26 at most 3 %", "08-18 at most 0 %"])
def test_a_rule_that_is_none_says_what_would_be_right(rule: str) -> None:
    with pytest.raises(ConfigError, match="keep 500 for humans"):
        parse_restraint([rule])
