"""A penalty too long to sit out unseen: its lane is parked, and the person is told until when."""

from dataclasses import replace
from datetime import datetime

from engine.model.lane_state import Bound, Lane
from engine.pacing.budgets.budget import span
from engine.pacing.penalty_gate import PenaltyGate


def parked_until(gate: PenaltyGate, now: float, wall: float) -> float | None:
    """Return when a parked lane asks again, in seconds since the epoch; None where nothing is parked."""
    left = gate.parked(now)
    return None if left is None else wall + left


def view(lane: Lane, gate: PenaltyGate, *, name: str, now: float, wall: float) -> Lane:
    """Say of a lane that it is parked, where it is and nothing else holds it back."""
    until = parked_until(gate, now, wall)
    if until is None or lane.bound is not Bound.PENALTY:
        return lane
    return replace(lane, parked_until=until, reason=words(until, gate.length, name))


def words(until: float, asked: float, name: str) -> str:
    """Say it as the screen has it: "parked until 14:03: github asks for 47 min"."""
    clock = datetime.fromtimestamp(round(until))  # noqa: DTZ006 - the person's own wall clock is meant
    return f"parked until {clock:%H:%M}: {name} asks for {span(asked)}"
