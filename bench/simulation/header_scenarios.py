"""Scenario 22: the window of scenario 06 with other headers, with clocks that differ, or with inexact values."""

from dataclasses import replace
from random import Random
from typing import Final

from bench.simulation.bars import Bar
from bench.simulation.limit_scenarios import LIMITS
from bench.simulation.rules import FixedWindow, Rule

WINDOW: Final = replace(LIMITS[0], skew=0.0, bar=Bar(ratio=0.98, refused=3))


def _careless(rng: Random) -> list[Rule]:
    return [FixedWindow(500, 60, style="github", stale=lambda: rng.randint(0, 6))]


def _early(rng: Random) -> list[Rule]:
    return [FixedWindow(500, 60, style="github", early=lambda: rng.randint(0, 1))]


HEADERS: Final = (
    replace(WINDOW, name="22a", what="the client's clock 47 s behind", skew=-47.0),
    replace(WINDOW, name="22b", what="the client's clock an hour ahead", skew=3600.0),
    replace(WINDOW, name="22c", what="the reset up to a second early", rules=_early),
    replace(WINDOW, name="22d", what="`remaining` up to 6 too high", rules=_careless),
    replace(
        WINDOW,
        name="22e",
        what="the IETF draft's RateLimit and RateLimit-Policy",
        rules=lambda _: [FixedWindow(500, 60, style="ietf")],
    ),
    replace(WINDOW, name="22f", what="no Date, clocks agree", dated=False),
    replace(WINDOW, name="22g", what="no Date, the client's clock 5 s ahead", dated=False, skew=5.0),
    replace(
        WINDOW,
        name="22h",
        what="30 per 60 s",
        oracle=30 * 300 / 60,
        rules=lambda _: [FixedWindow(30, 60, style="github")],
        bar=Bar(ratio=0.96, refused=3),
    ),
    replace(
        WINDOW,
        name="22i",
        what="another client takes 7/s of the 8.3/s",
        oracle=(500 - 7 * 60) * 300 / 60,
        foreign=7.0,
        bar=Bar(ratio=0.95, ratio_most=1.02, refused=3),
    ),
    replace(
        WINDOW,
        name="22j",
        what="another client takes 8/s of the 8.3/s",
        oracle=(500 - 8 * 60) * 300 / 60,
        foreign=8.0,
        bar=Bar(ratio=0.95, ratio_most=1.1, refused=3),
    ),
)
