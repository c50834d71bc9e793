"""All scenarios by name: servers with a knee, servers with limits, and one window with various headers."""

from collections.abc import Mapping
from typing import Final

from bench.simulation.capacity_scenarios import CAPACITY
from bench.simulation.header_scenarios import HEADERS
from bench.simulation.limit_scenarios import LIMITS
from bench.simulation.scenario import Scenario

SCENARIOS: Final[Mapping[str, Scenario]] = {scenario.name: scenario for scenario in (*CAPACITY, *LIMITS, *HEADERS)}
"""The scenarios 01 to 20, and 22 with its variants, by name. 21, two groups at one host, is shared_host.py."""
