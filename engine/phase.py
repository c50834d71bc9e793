"""What the knee tracker is doing, in the words the screen shows."""

from enum import StrEnum


class Phase(StrEnum):
    """What the tracker is doing."""

    START = "doubling until requests queue"
    CRUISE = "holding the knee"
    VERDICT = "asking less to see whether the queue is ours"
    DRAIN = "asking a little less to measure the latency without a queue"
