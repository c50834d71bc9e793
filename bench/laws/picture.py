"""`make bench ARGS=picture`: draws docs/laws.svg, the limit and the latency over time of four laws in one scenario."""

from pathlib import Path
from typing import Final

from bench.laws.catalogue import OURS
from bench.laws.svg import Panel, draw
from bench.laws.trace import Trace, trace
from bench.simulation.scenario import Scenario, rate, round_trip
from bench.simulation.scenarios import SCENARIOS

DRAWN: Final = (OURS, "Gradient2", "Vegas", "Envoy")
SCENARIO: Final = "02-knee-up"
TARGET: Final = Path(__file__).resolve().parents[2] / "docs" / "laws.svg"


def main() -> None:
    """Run the four laws and write the picture."""
    scenario = SCENARIOS[SCENARIO]
    TARGET.write_text(picture(scenario, [trace(name, scenario) for name in DRAWN]), encoding="utf-8")
    print(f"wrote docs/{TARGET.name}")


def picture(scenario: Scenario, traces: list[Trace]) -> str:
    seconds = int(scenario.seconds)
    limits = Panel(
        title="limit, requests in flight",
        lines=[one.limit for one in traces],
        ideal=knees(scenario),
        most=130,
        marks=(0, 25, 50, 75, 100, 125),
    )
    latencies = Panel(
        title="mean latency, ms",
        lines=[[1000 * latency for latency in one.latency] for one in traces],
        ideal=[1000 * round_trip(scenario.server)] * seconds,
        most=1000,
        marks=(0, 250, 500, 750, 1000),
    )
    return draw(
        title=f"{scenario.name}: {scenario.what}",
        names=DRAWN,
        ideal="dashed: the knee, and the idle server",
        panels=(limits, latencies),
        seconds=seconds,
    )


def knees(scenario: Scenario) -> list[float]:
    """Return the knee in every second: the rate of the server times the latency of an idle server (Little's law)."""
    server, knee = scenario.server, list[float]()
    for second in range(int(scenario.seconds)):
        workers = [many for at, many in server.workers if at <= second][-1]
        knee.append(rate(server, workers) * round_trip(server))
    return knee
