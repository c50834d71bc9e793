"""What a wish to quit leads to: pure decisions, and the exit code they end with."""

from enum import StrEnum

from engine.model.snapshot import State
from tui.widgets.states import ENDED


class Step(StrEnum):
    """What to do when the person wants to leave."""

    LEAVE = "leave"
    ASK = "ask"
    """Wait for a second wish."""
    STOP = "stop"
    """Finish what is in flight first."""
    STOP_NOW = "stop now"


def step(state: State | None, *, asked: bool, sure: bool = True) -> Step:
    """Decide what a wish to leave means. None: nothing was started.

    Args:
        state: what the deck is doing.
        asked: it has been asked to stop already.
        sure: it is a signal, or a key pressed twice.
    """
    if state is None or state in ENDED:
        return Step.LEAVE
    if not sure:
        return Step.ASK
    return Step.STOP_NOW if asked or state is State.DRAINING else Step.STOP


def exit_code(state: State | None) -> int:
    """Return 1 when the harvest failed, else 0: stopping on request is no failure."""
    return 1 if state is State.FAILED else 0
