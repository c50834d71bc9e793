"""Scenarios with a server that limits the rate or the concurrency: in headers, by configuration, or without telling."""

from collections.abc import Callable
from typing import Any, Final

from bench.simulation.bars import BARS
from bench.simulation.capacity_scenarios import KNEE
from bench.simulation.rules import Concurrency, FixedWindow, LyingWindow, Rule, SlidingLog, TokenBucket
from bench.simulation.scenario import Scenario, round_trip
from bench.simulation.servers import Server

JIKAN: Final = Server(workers=((0.0, 12),), median=0.1, network=0.3)
WIDE: Final = Server(workers=((0.0, 1_000_000),), median=0.1, network=0.15)
AT_ONCE: Final = 40 / round_trip(WIDE) * 300


def limited(name: str, what: str, *rules: Callable[[], Rule], **others: Any) -> Scenario:
    """Return a scenario whose server has limits; its bar is that of its number."""
    settings: dict[str, Any] = {"server": KNEE, "seconds": 300.0, **others}
    return Scenario(
        name=name, what=what, rules=lambda _: [rule() for rule in rules], bar=BARS[name[:2]], limited=True, **settings
    )


LIMITS: Final = (
    limited(
        "06-window-headers",
        "500 per 60 s told in x-ratelimit headers, the client's clock 47 s ahead",
        lambda: FixedWindow(500, 60, style="github"),
        oracle=500 * 300 / 60,
        skew=47.0,
    ),
    limited(
        "07-bucket",
        "a bucket of 90 that fills in a minute, told without a reset",
        lambda: TokenBucket(1.5, 90, tells=True),
        oracle=90 + 1.5 * 300,
    ),
    limited(
        "08-jikan",
        "3/s and 60/min, not told in headers but to the client",
        lambda: SlidingLog(3, 1),
        lambda: SlidingLog(60, 60),
        server=JIKAN,
        oracle=60 * 300 / 60,
        budgets=((3, 1.0), (60, 60.0)),
    ),
    limited(
        "09-secondary",
        "403 and 20 s of penalty above 40 at once, the client is told 36",
        lambda: Concurrency(40, 20),
        server=WIDE,
        oracle=AT_ONCE,
        refusal=403,
        hard_cap=36,
    ),
    limited(
        "13-hidden-rate",
        "10/s in bursts of 10, a bare 429 and nothing told",
        lambda: TokenBucket(10, 10),
        oracle=10 + 10 * 300,
    ),
    limited(
        "14-retry-date",
        "300 per 30 s, only a Retry-After with a date, the client's clock 90 s ahead",
        lambda: FixedWindow(300, 30, dates=True),
        oracle=300 * 300 / 30,
        skew=90.0,
    ),
    limited(
        "15-foreign",
        "500 per 60 s, and another client takes 4/s of it",
        lambda: FixedWindow(500, 60, style="github"),
        oracle=(500 - 4 * 60) * 300 / 60,
        foreign=4.0,
    ),
    limited(
        "17-lying-header",
        "90/min told, 30/min granted, a minute of penalty",
        lambda: LyingWindow(advertised=90, true=30, per=60, penalty=60),
        seconds=900.0,
        oracle=30 * 900 / 60,
    ),
    limited(
        "19-jikan-untold",
        "as 08, and the client is told nothing",
        lambda: SlidingLog(3, 1),
        lambda: SlidingLog(60, 60),
        server=JIKAN,
        seconds=600.0,
        oracle=60 * 600 / 60,
    ),
    limited(
        "20-secondary-untold",
        "as 09, and the client is told nothing",
        lambda: Concurrency(40, 20),
        server=WIDE,
        oracle=AT_ONCE,
        refusal=403,
    ),
)
