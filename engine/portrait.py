"""What is shown of a source: its standing, its lanes, its counts, and when it will be done."""

from engine.harvest.context import Kit
from engine.harvest.eta import estimate
from engine.model.lane_state import Lane
from engine.model.snapshot import Group, State
from engine.todo import Todo


def portrait(
    kit: Kit, todo: Todo, standing: tuple[State, str], lanes: tuple[Lane, ...], *, retrying: int, ended: bool
) -> Group:
    """Put a source's numbers together; its decisions, and how it is tuned, are left to its group."""
    now, meter = kit.now(), kit.meter
    avoided = meter.avoided()
    eta = None if ended else estimate(todo.open, meter.seconds(), lanes)
    state, reason = standing
    return Group(
        name=kit.source.name,
        state=state,
        reason=reason,
        lanes=lanes,
        seconds=meter.seconds(),
        rate=meter.rate(now),
        p50=meter.percentile(0.5),
        p95=meter.percentile(0.95),
        done=todo.done,
        queued=todo.open,
        retrying=retrying,
        rows=meter.rows,
        bytes=meter.bytes,
        retries=meter.retries,
        throttled=meter.throttled,
        failed=meter.failed,
        avoided=sum(each.requests for each in avoided),
        avoided_by=avoided,
        eta=eta.seconds if eta else None,
        eta_resets=eta.resets if eta else 0,
        hour=meter.hour(),
        most_retries=kit.settings.retries,
    )
