"""Scenarios with a server that has a capacity but no limit: the law must find the knee by itself."""

import math
from typing import Final

from bench.simulation.bars import BARS
from bench.simulation.scenario import DRIFT, Scenario, rate, round_trip
from bench.simulation.servers import Erring, Lengthening, Mixed, Server, Slowing

KNEE: Final = Server(workers=((0.0, 12),), median=0.1, network=0.15)
"""120 responses a second, the knee at 30 in flight (120/s times 250 ms); the server of most scenarios."""
UP: Final = Server(workers=((0.0, 5), (60.0, 20)), median=0.1, network=0.15)
DOWN: Final = Server(workers=((0.0, 20), (60.0, 5)), median=0.1, network=0.15)
BOUNDLESS: Final = Server(workers=((0.0, 1_000_000),), median=0.15, network=0.15)
FARTHER: Final = Lengthening(workers=((0.0, 12),), median=0.1, network=0.15, after=60.0, to=0.55)
HEAVY: Final = Server(workers=((0.0, 16),), median=0.12, sigma=1.0, network=0.1)
MIXED: Final = Mixed(workers=((0.0, 12),), median=0.05, network=0.1, slow=0.8, shares=(0.1, 0.6), turn=40.0)
ERRING: Final = Erring(workers=((0.0, 12),), median=0.1, network=0.15, share=0.05, worse=0.3, spell=(60.0, 70.0))
OUT: Final = Server(workers=((0.0, 12),), median=0.1, network=0.15, outages=((60.0, 90.0),))
SLOWING: Final = Slowing(workers=((0.0, 12),), median=0.1, network=0.15, begins=30.0, lasts=180.0, to=0.3)


def _slowing() -> float:
    return sum(12 / SLOWING.service_at(second + 0.5) for second in range(300))


CAPACITY: Final = (
    Scenario(
        name="01-knee",
        what="12 workers of 100 ms, network 150 ms: 120/s, the knee at 30",
        server=KNEE,
        seconds=120.0,
        oracle=rate(KNEE, 12) * (120.0 - round_trip(KNEE)),
        bar=BARS["01"],
    ),
    Scenario(
        name="02-knee-up",
        what="5 workers, from 60 s on 20: the knee goes from 12.5 to 50",
        server=UP,
        seconds=150.0,
        oracle=rate(UP, 5) * 60 + rate(UP, 20) * 90,
        bar=BARS["02"],
    ),
    Scenario(
        name="03-knee-down",
        what="20 workers, from 60 s on 5: the knee goes from 50 to 12.5",
        server=DOWN,
        seconds=150.0,
        oracle=rate(DOWN, 20) * 60 + rate(DOWN, 5) * 90,
        bar=BARS["03"],
    ),
    Scenario(
        name="04-no-knee",
        what="300 ms whatever is asked, the client may have 64 in flight",
        server=BOUNDLESS,
        seconds=60.0,
        # The bar assumes a latency 2.5 % above 300 ms (see DRIFT), which leaves half a percent for the start.
        oracle=64 / (0.3 * DRIFT) * 60,
        cap=64,
        bar=BARS["04"],
    ),
    Scenario(
        name="05-latency-step",
        what="network 150 ms, from 60 s on 550 ms: the knee goes from 30 to 78",
        server=FARTHER,
        seconds=180.0,
        oracle=rate(FARTHER, 12) * (180.0 - 1.0),
        bar=BARS["05"],
    ),
    Scenario(
        name="10-heavy-tail",
        what="16 workers, lognormal service (median 120 ms, sigma 1)",
        server=HEAVY,
        seconds=180.0,
        oracle=16 / (0.12 * math.exp(0.5)) * 180,
        bar=BARS["10"],
    ),
    Scenario(
        name="11-bimodal",
        what="endpoints of 50 and 800 ms, 10 % and 60 % slow in turns of 40 s",
        server=MIXED,
        seconds=240.0,
        oracle=sum(40 * MIXED.rate(12, 40.0 * turn) for turn in range(6)),
        bar=BARS["11"],
    ),
    Scenario(
        name="12-5xx",
        what="5 % of answers are 500s, 30 % for 10 s",
        server=ERRING,
        seconds=150.0,
        oracle=rate(ERRING, 12) * (0.95 * 140 + 0.7 * 10),
        bar=BARS["12"],
    ),
    Scenario(
        name="16-outage",
        what="503 at once from 60 to 90 s",
        server=OUT,
        seconds=180.0,
        oracle=rate(OUT, 12) * 150,
        bar=BARS["16"],
    ),
    Scenario(
        name="18-ramp",
        what="service goes from 100 to 300 ms within 180 s",
        server=SLOWING,
        seconds=300.0,
        oracle=_slowing(),
        bar=BARS["18"],
    ),
)
