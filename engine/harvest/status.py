"""What a source, or the whole deck, is doing, in one word and the reason beside it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from engine.model.lane_state import Bound, LaneState, SetBy
from engine.model.snapshot import GroupState, State
from engine.model.tuning import Tuning
from engine.pacing.budgets.budget import span
from engine.pacing.penalty_gate import PenaltyGate

# A penalty too long to sit out unseen: its lane is parked, and the person is told until when.


def parked_until(gate: PenaltyGate, now: float, wall: float) -> float | None:
    """Return when a parked lane asks again, in seconds since the epoch; None where nothing is parked."""
    left = gate.parked(now)
    return None if left is None else wall + left


def with_parking(lane: LaneState, gate: PenaltyGate, *, name: str, now: float, wall: float) -> LaneState:
    """Say of a lane that it is parked, where it is and nothing else holds it back."""
    until = parked_until(gate, now, wall)
    if until is None or lane.bound is not Bound.PENALTY:
        return lane
    return replace(lane, parked_until=until, reason=parked_reason(until, gate.length, name))


def parked_reason(until: float, asked: float, name: str) -> str:
    """Say it as the screen has it: "parked until 14:03: github asks for 47 min"."""
    clock = datetime.fromtimestamp(round(until))  # noqa: DTZ006 - the person's own wall clock is meant
    return f"parked until {clock:%H:%M}: {name} asks for {span(asked)}"


LONG_WAITS: Final = frozenset({Bound.BUDGET, Bound.PENALTY, Bound.BACKOFF, Bound.STORE})
ENDED: Final = "the harvest has ended"
"""Why a command is refused once every source is over."""
OVER: Final = frozenset({State.DONE, State.STOPPED, State.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a group's run ended, or is about to."""

    state: State
    reason: str


def not_started(name: str, tuning: Tuning) -> GroupState:
    """Describe a source that is about to start: nothing is known of it but its name and its settings."""
    return GroupState(
        name=name,
        state=State.IDLE,
        reason="starting",
        lanes=(),
        seconds=(),
        rate=0.0,
        p50=None,
        p95=None,
        done=0,
        queued=0,
        retrying=0,
        rows=0,
        bytes=0,
        retries=0,
        throttled=0,
        failed=0,
        avoided=0,
        eta=None,
        tuning=tuning,
    )


def group_status(
    lanes: Sequence[LaneState], *, landing: int, paused: bool, ending: Ending | None, ended: bool
) -> tuple[State, str]:
    """Say what a source is doing; `landing` answers are on their way to the disk."""
    flying = sum(lane.in_flight for lane in lanes)
    under_way = f"{flying} in flight, {landing} being written"
    if ending is not None:
        if ended:
            return ending.state, ending.reason
        return State.DRAINING, "; ".join(filter(None, (ending.reason, under_way)))
    if paused:
        return State.PAUSED, under_way if flying or landing else ""
    waits = [lane for lane in lanes if lane.bound in LONG_WAITS]
    parked = [lane for lane in lanes if lane.parked_until is not None]
    if waits and not flying and not landing:
        still = [lane for lane in waits if lane not in parked]
        return (State.WAITING, still[0].reason) if still else (State.PARKED, parked[0].reason)
    held = [lane for lane in lanes if lane.mode.by is SetBy.PIN and lane.bound in {*LONG_WAITS, Bound.CAP}]
    return State.RUNNING, next((lane.reason for lane in (*parked, *held)), "")


def deck_status(groups: Sequence[GroupState], *, expected: int) -> tuple[State, str]:
    """Sum the sources up: the deck is over when all of them are, and waits when all of the others do."""
    states = {group.state for group in groups}
    if len(groups) < expected:
        return State.IDLE, "starting"
    if states <= OVER:
        worst = next(state for state in (State.FAILED, State.STOPPED, State.DONE) if state in states or not states)
        return worst, next((group.reason for group in groups if group.state is worst), "")
    for state in (State.RUNNING, State.DRAINING, State.WAITING, State.PARKED):
        if state in states:
            reasons = [f"{group.name}: {group.reason}" for group in groups if group.state is state and group.reason]
            return state, "; ".join(reasons)
    return State.PAUSED, ""
