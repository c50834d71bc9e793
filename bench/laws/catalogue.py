"""The laws that the benchmark compares: fetchdeck's own, and those of other systems, written from their formulas."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from bench.laws.law import Law, law
from bench.laws.peers.aimd import Aimd
from bench.laws.peers.arc import Arc
from bench.laws.peers.autothrottle import AutoThrottle
from bench.laws.peers.botocore import Botocore
from bench.laws.peers.envoy import Envoy
from bench.laws.peers.fixed import FixedEight
from bench.laws.peers.gradient2 import Gradient2
from bench.laws.peers.octokit import Octokit
from bench.laws.peers.peer import Peer, PeerSettings
from bench.laws.peers.vegas import Vegas
from bench.simulation.rules import EPOCH
from bench.simulation.scenario import Scenario

OURS: Final = "fetchdeck"
PEERS: Final[Mapping[str, Callable[[PeerSettings], Peer]]] = {
    "Gradient2": Gradient2,
    "Vegas": Vegas,
    "AIMD": Aimd,
    "Envoy": Envoy,
    "Vector ARC": Arc,
    "AutoThrottle": AutoThrottle,
    "botocore": Botocore,
    "octokit": Octokit,
    "fixed 8": FixedEight,
}
LAWS: Final = (OURS, *PEERS)


def wall(scenario: Scenario) -> Callable[[float], float]:
    """Return the client's wall clock in a scenario."""
    return lambda now: EPOCH + now + scenario.skew


def ours(scenario: Scenario, rng: Random) -> Law:
    """Build the engine's own admission for a scenario."""
    return law(rng, cap=scenario.cap, wall=wall(scenario), budgets=scenario.budgets, hard_cap=scenario.hard_cap)


def peer(name: str, scenario: Scenario, rng: Random) -> Peer:
    """Build another system's law for a scenario. It gets the cap but no limits, because it has no use for them."""
    return PEERS[name](PeerSettings(rng=rng, cap=scenario.cap, wall=wall(scenario)))


def build(name: str, scenario: Scenario, rng: Random) -> Law | Peer:
    return ours(scenario, rng) if name == OURS else peer(name, scenario, rng)
