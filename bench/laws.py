"""The laws that the benchmark compares: fetchdeck's own, and those of other systems, written from their formulas."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from bench.law import Law, law
from bench.peers.aimd import Aimd
from bench.peers.arc import Arc
from bench.peers.autothrottle import AutoThrottle
from bench.peers.botocore import Botocore
from bench.peers.envoy import Envoy
from bench.peers.fixed import FixedEight
from bench.peers.gradient2 import Gradient2
from bench.peers.octokit import Octokit
from bench.peers.peer import Peer, PeerSettings
from bench.peers.vegas import Vegas
from bench.rules import EPOCH
from bench.scenario import Scenario

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
