"""Scenarios whose server limits a rate or the concurrency: told in headers, told to the client, or not at all."""

from typing import Final

from bench.bars import BARS
from bench.capacity_scenarios import KNEE
from bench.rules import Concurrency, FixedWindow, LyingWindow, SlidingLog, TokenBucket
from bench.scenario import Scenario, round_trip
from bench.servers import Server

JIKAN: Final = Server(workers=((0.0, 12),), median=0.1, network=0.3)
WIDE: Final = Server(workers=((0.0, 1_000_000),), median=0.1, network=0.15)
AT_ONCE: Final = 40 / round_trip(WIDE) * 300

LIMITS: Final = (
    Scenario(
        name="06-window-headers",
        what="500 per 60 s told in x-ratelimit headers, the client's clock 47 s ahead",
        server=KNEE,
        seconds=300.0,
        oracle=500 * 300 / 60,
        rules=lambda _: [FixedWindow(500, 60, style="github")],
        skew=47.0,
        bar=BARS["06"],
        limited=True,
    ),
    Scenario(
        name="07-bucket",
        what="a bucket of 90 that fills in a minute, told without a reset",
        server=KNEE,
        seconds=300.0,
        oracle=90 + 1.5 * 300,
        rules=lambda _: [TokenBucket(1.5, 90, tells=True)],
        bar=BARS["07"],
        limited=True,
    ),
    Scenario(
        name="08-jikan",
        what="3/s and 60/min, not told in headers but to the client",
        server=JIKAN,
        seconds=300.0,
        oracle=60 * 300 / 60,
        rules=lambda _: [SlidingLog(3, 1), SlidingLog(60, 60)],
        budgets=((3, 1.0), (60, 60.0)),
        bar=BARS["08"],
        limited=True,
    ),
    Scenario(
        name="09-secondary",
        what="403 and 20 s of penalty above 40 at once, the client is told 36",
        server=WIDE,
        seconds=300.0,
        oracle=AT_ONCE,
        rules=lambda _: [Concurrency(40, 20)],
        refusal=403,
        hard_cap=36,
        bar=BARS["09"],
        limited=True,
    ),
    Scenario(
        name="13-hidden-rate",
        what="10/s in bursts of 10, a bare 429 and nothing told",
        server=KNEE,
        seconds=300.0,
        oracle=10 + 10 * 300,
        rules=lambda _: [TokenBucket(10, 10)],
        bar=BARS["13"],
        limited=True,
    ),
    Scenario(
        name="14-retry-date",
        what="300 per 30 s, only a Retry-After with a date, the client's clock 90 s ahead",
        server=KNEE,
        seconds=300.0,
        oracle=300 * 300 / 30,
        rules=lambda _: [FixedWindow(300, 30, dates=True)],
        skew=90.0,
        bar=BARS["14"],
        limited=True,
    ),
    Scenario(
        name="15-foreign",
        what="500 per 60 s, and another client takes 4/s of it",
        server=KNEE,
        seconds=300.0,
        oracle=(500 - 4 * 60) * 300 / 60,
        rules=lambda _: [FixedWindow(500, 60, style="github")],
        foreign=4.0,
        bar=BARS["15"],
        limited=True,
    ),
    Scenario(
        name="17-lying-header",
        what="90/min told, 30/min granted, a minute of penalty",
        server=KNEE,
        seconds=900.0,
        oracle=30 * 900 / 60,
        rules=lambda _: [LyingWindow(advertised=90, true=30, per=60, penalty=60)],
        bar=BARS["17"],
        limited=True,
    ),
    Scenario(
        name="19-jikan-untold",
        what="as 08, and the client is told nothing",
        server=JIKAN,
        seconds=600.0,
        oracle=60 * 600 / 60,
        rules=lambda _: [SlidingLog(3, 1), SlidingLog(60, 60)],
        bar=BARS["19"],
        limited=True,
    ),
    Scenario(
        name="20-secondary-untold",
        what="as 09, and the client is told nothing",
        server=WIDE,
        seconds=300.0,
        oracle=AT_ONCE,
        rules=lambda _: [Concurrency(40, 20)],
        refusal=403,
        bar=BARS["20"],
        limited=True,
    ),
)
