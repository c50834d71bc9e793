"""What a wish to quit leads to: pure decisions, and the exit code they end with."""

from enum import StrEnum

from engine.snapshot import State
from tui.widgets.states import ENDED


class Step(StrEnum):
    """What to do when the person wants to leave."""

    LEAVE = "leave"
    STOP = "stop"
    """Finish what is in flight first."""
    STOP_NOW = "stop now"


def step(state: State | None, *, asked: bool) -> Step:
    """Decide what a wish to leave means; `asked` says that it is not the first. None: nothing was started."""
    if state is None or state in ENDED:
        return Step.LEAVE
    return Step.STOP_NOW if asked or state is State.DRAINING else Step.STOP


def exit_code(state: State | None) -> int:
    """Return 1 when the harvest failed, else 0: stopping on request is no failure."""
    return 1 if state is State.FAILED else 0
