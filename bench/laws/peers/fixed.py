"""A fixed number of requests in flight, as most harvesters have."""

from bench.laws.peers.peer import Peer, PeerSettings


class FixedEight(Peer):
    """Always 8."""

    def __init__(self, settings: PeerSettings) -> None:
        super().__init__(settings, limit=8)
