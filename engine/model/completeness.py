"""What a harvest may say of its completeness. Pure.

Every output asks this module: the exit code, the state of a run, the summary, `--json`, the coverage map and the
screen. docs/walks.md has the table.
"""

from dataclasses import replace

from engine.common.text import counted
from engine.model.coverage import Part, PartState
from engine.model.snapshot import GroupState, State
from engine.model.walk import Completeness, WalkReport

_OF_PART = {
    Completeness.CUT: PartState.CUT,
    Completeness.BOUNDED: PartState.BOUNDED,
    Completeness.UNCONFIRMED: PartState.UNCONFIRMED,
}

_CLAIMS = frozenset({PartState.COMPLETE, PartState.UNKNOWN})


def of_source(group: GroupState) -> Completeness | None:
    """Return what is known of a source's harvest; None if nothing is cut or bounded and no walk has ended.

    A source that failed, or whose requests failed for good, is cut. One that has not ended is bounded by what stopped
    it.
    """
    if group.state is State.FAILED or group.failed or group.walks.cut:
        return Completeness.CUT
    if group.state is not State.DONE:
        return Completeness.BOUNDED
    return group.walks.worst


def describe(group: GroupState) -> str:
    """Say how the walks of a source ended. "complete" is said only of a source that is; "" if no walk ended."""
    if group.walks.worst is Completeness.WHOLE and of_source(group) is not Completeness.WHOLE:
        return f"{counted(group.walks.whole, 'walk')} whole"
    return str(group.walks)


def run_reason(reason: str, walks: WalkReport) -> str:
    """Return the reason of a run that is done: what was said already, and what its walks add to it."""
    if walks.worst in {None, Completeness.WHOLE}:
        return reason
    example = f": {walks.named[0]}" if walks.named else ""
    return "; ".join(filter(None, (reason, f"{walks}{example}")))


def of_part(part: Part, walks: WalkReport | None) -> Part:
    """Return a part of the coverage map in the state that the ends of its walks allow.

    A part that is failed or queued says more already. A stale or missing part is cut if a walk of it was: it was read
    in part, and reading only what came since would not fetch the rest.
    """
    worst = None if walks is None else walks.worst
    allowed = _CLAIMS if worst is not Completeness.CUT else _CLAIMS | {PartState.STALE, PartState.MISSING}
    if walks is None or worst not in _OF_PART or part.state not in allowed:
        return part
    example = str(walks.named[0]) if walks.named else ""
    detail = example if walks.total == 1 and example else f"{walks}{f': {example}' if example else ''}"
    return replace(part, state=_OF_PART[worst], detail=detail)
