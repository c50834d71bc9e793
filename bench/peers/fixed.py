"""A fixed number in flight: what most harvesters do."""

from bench.peers.peer import Peer, Told


class FixedEight(Peer):
    """Always 8."""

    def __init__(self, told: Told) -> None:
        super().__init__(told, limit=8)
