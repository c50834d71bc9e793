"""Builds the snapshot of a source from its counters, its meter and the states of its lanes."""

from engine.harvest.context import SourceContext
from engine.harvest.dispatch import Outstanding
from engine.harvest.eta import estimate
from engine.model.lane_state import LaneState
from engine.model.snapshot import GroupState, State


def group_state(
    context: SourceContext,
    outstanding: Outstanding,
    state: State,
    reason: str,
    lanes: tuple[LaneState, ...],
    *,
    retrying: int,
    ended: bool,
) -> GroupState:
    """Leave out the decisions and the settings, which the group adds."""
    now, meter = context.now(), context.meter
    avoided = meter.avoided()
    eta = None if ended else estimate(outstanding.open, meter.seconds(), lanes)
    return GroupState(
        name=context.source.name,
        state=state,
        reason=reason,
        lanes=lanes,
        seconds=meter.seconds(),
        rate=meter.rate(now),
        p50=meter.percentile(0.5),
        p95=meter.percentile(0.95),
        done=outstanding.done,
        queued=outstanding.open,
        retrying=retrying,
        rows=meter.added,
        bytes=meter.bytes,
        retries=meter.retries,
        throttled=meter.throttled,
        failed=meter.failed,
        avoided=sum(each.requests for each in avoided),
        avoided_by=avoided,
        eta=eta.seconds if eta else None,
        eta_resets=eta.resets if eta else 0,
        hour=meter.hour(),
        requests=meter.requests,
        written=meter.rows,
        most_retries=context.settings.retries,
        walks=context.walks.report(),
        notes=meter.notes,
    )
