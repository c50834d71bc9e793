"""The state of a source and of the whole deck, with its reason. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from engine.common.text import span
from engine.model.lane_state import Bound, LaneState, SetBy
from engine.model.outside_wait import Cause
from engine.model.snapshot import GroupState, State
from engine.model.tuning import Tuning
from engine.pacing.penalty_gate import PenaltyGate


def parked_until(gate: PenaltyGate, now: float, wall: float) -> float | None:
    """Return when a parked lane sends again, in seconds since the epoch; None if it is not parked."""
    left = gate.parked(now)
    return None if left is None else wall + left


def with_outside(lane: LaneState, wall: float) -> LaneState:
    """Give the reason of a lane that waits for something outside of fetchdeck its time: since when, and when next."""
    if lane.outside is None or lane.outside.cause is Cause.PARKED:
        return lane
    return replace(lane, bound=Bound.OUTSIDE, reason=lane.outside.describe(wall))


def with_parking(lane: LaneState, gate: PenaltyGate, *, name: str, now: float, wall: float) -> LaneState:
    """Mark a lane as parked if it is, and if the penalty is what binds it."""
    until = parked_until(gate, now, wall)
    if until is None or lane.bound is not Bound.PENALTY:
        return lane
    return replace(lane, parked_until=until, reason=parked_reason(until, gate.length, name))


def parked_reason(until: float, asked: float, name: str) -> str:
    """Return the reason as the screen shows it: "parked until 14:03: github asks for 47 min"."""
    clock = datetime.fromtimestamp(round(until))  # noqa: DTZ006 - the user's own wall clock is meant
    return f"parked until {clock:%H:%M}: {name} asks for {span(asked)}"


LONG_WAITS: Final = frozenset({Bound.BUDGET, Bound.PENALTY, Bound.BACKOFF, Bound.STORE, Bound.OUTSIDE})
ENDED: Final = "the harvest has ended"
"""Why a command is refused once every source has ended."""
OVER: Final = frozenset({State.DONE, State.STOPPED, State.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a group's run ended, or will end once it has drained."""

    state: State
    reason: str


def not_started(name: str, tuning: Tuning) -> GroupState:
    """Return the state of a source before it starts: only its name and its settings are known."""
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
    lanes: Sequence[LaneState], *, unwritten: int, paused: bool, ending: Ending | None, ended: bool, held: str = ""
) -> tuple[State, str]:
    """Return the state of a source and its reason.

    Args:
        lanes: the states of its lanes.
        unwritten: answers on their way to the disk.
        paused: whether the person paused it.
        ending: how its run ends; None while it goes on.
        ended: whether the run is over.
        held: the cause outside of fetchdeck that the whole source waits for, in words; "" if there is none.
    """
    in_flight = sum(lane.in_flight for lane in lanes)
    under_way = f"{in_flight} in flight, {unwritten} being written"
    if ending is not None:
        if ended:
            return ending.state, ending.reason
        return State.DRAINING, "; ".join(filter(None, (ending.reason, under_way)))
    if paused:
        return State.PAUSED, under_way if in_flight or unwritten else ""
    if held:
        return State.WAITING, held
    # The request that asks whether an outage is over is no sign that anything goes on.
    probes = sum(lane.in_flight for lane in lanes if lane.bound is Bound.OUTSIDE)
    in_flight -= probes
    waits = [lane for lane in lanes if lane.bound in LONG_WAITS]
    parked = [lane for lane in lanes if lane.parked_until is not None]
    if waits and not in_flight and not unwritten:
        still = [lane for lane in waits if lane not in parked]
        return (State.WAITING, still[0].reason) if still else (State.PARKED, parked[0].reason)
    pinned = [lane for lane in lanes if lane.mode.by is SetBy.PIN and lane.bound in {*LONG_WAITS, Bound.CAP}]
    return State.RUNNING, next((lane.reason for lane in (*parked, *pinned)), "")


def deck_status(groups: Sequence[GroupState], *, expected: int) -> tuple[State, str]:
    """Return the state of the deck and its reason.

    It has ended when all sources have; it waits when none of the others runs or drains.
    """
    states = {group.state for group in groups}
    if len(groups) < expected:
        return State.IDLE, "starting"
    if states <= OVER:
        worst = next(state for state in (State.FAILED, State.STOPPED, State.DONE) if state in states or not states)
        return worst, next((group.reason for group in groups if group.state is worst and group.reason), "")
    for state in (State.RUNNING, State.DRAINING, State.WAITING, State.PARKED):
        if state in states:
            reasons = [f"{group.name}: {group.reason}" for group in groups if group.state is state and group.reason]
            return state, "; ".join(reasons)
    return State.PAUSED, ""
