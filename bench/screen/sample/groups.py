"""The five sources of the sample deck, in five states."""

import math
from dataclasses import replace
from functools import cache
from typing import Final

from engine.model.lane_state import Bound, LaneState, LimitMode, Quota, SetBy, SlotState, WorkerSlot
from engine.model.snapshot import Decision, GroupState, Second, State
from engine.model.source import Avoided
from engine.model.tuning import Tuning

NOW: Final = 1_767_278_571.0
"""2026-01-01 14:42:51 UTC."""


def places_of(
    number: int, busy: int, what: tuple[str, ...], moved: float, *, canary: int = -1
) -> tuple[WorkerSlot, ...]:
    """Return worker slots, `busy` of them busy; `moved` is the number of seconds since the first frame."""
    return tuple(
        WorkerSlot(
            number=at,
            state=SlotState.CANARY if at == canary else SlotState.BUSY if at < busy else SlotState.IDLE,
            what=what[at % len(what)].format(9120 + at * 7 + int(moved * 4)),
            elapsed=(at * 0.137 + moved) % 0.9 + 0.02 if at < busy or at == canary else None,
            done=3120 + at * 17,
            retried=at % 4,
        )
        for at in range(number)
    )


def lane_of(
    resource: str, flying: int, limit: int, quotas: tuple[Quota, ...], slots: tuple[WorkerSlot, ...]
) -> LaneState:
    """Return a lane with its requests in flight and its concurrency limit."""
    return LaneState(
        resource=resource,
        host=f"{resource}.example",
        limit=limit,
        in_flight=flying,
        mode=LimitMode(),
        bound=Bound.CONCURRENCY,
        wait=None,
        reason="16 of 16 in flight",
        quotas=quotas,
        slots=slots,
    )


def quota_of(name: str, limit: float | None, remaining: float | None, resets_in: float | None) -> Quota:
    """Return a budget as known from headers; None is unknown."""
    if limit is None or remaining is None:
        return Quota(name=name, origin="headers", limit=limit, remaining=remaining, resets_in=resets_in)
    own = round((limit - remaining) * 0.9)
    return Quota(
        name=name,
        origin="headers",
        limit=limit,
        remaining=remaining,
        resets_in=resets_in,
        own=own,
        others=limit - remaining - own,
    )


def groups(moved: float) -> tuple[GroupState, ...]:
    """Return the sources, `moved` seconds after the first frame."""
    return _github(moved), _pr0gramm(moved), _videos(moved), _gitlab(moved), _anime(moved)


@cache
def _past(base: float, swing: float, shift: float, *, ends: int = 0) -> tuple[Second, ...]:
    found = []
    for second in range(300):
        slow, fast = math.sin((second + shift) / 23), math.sin((second + shift) * 1.7)
        requests = 0 if second >= 300 - ends else max(0, round(base + swing * (0.7 * slow + 0.3 * fast)))
        found.append(
            Second(
                requests=requests,
                rows=requests * 30,
                bytes=requests * 41_000,
                limit=16,
                in_flight=round(14 + 2 * slow) if requests else 0,
                p50=0.21 + 0.03 * slow if requests else None,
                p95=0.6 + 0.2 * fast if requests else None,
                left=0.97 - 0.0006 * second,
            )
        )
    return tuple(found)


def _decisions() -> tuple[Decision, ...]:
    """Return the decisions that led to the present limit."""
    told = (
        (8, 9, "queue 4 ms over base 208 ms"),
        (9, 12, "queue 6 ms over base 208 ms"),
        (12, 8, "queue 180 ms over base 208 ms"),
        (8, 10, "queue 9 ms over base 209 ms"),
        (10, 16, "queue 11 ms over base 209 ms"),
    )
    return tuple(
        Decision(number=at + 1, at=NOW - 1900 + 310 * at, lane="core", old=old, new=new, reason=why)
        for at, (old, new, why) in enumerate(told)
    )


def _github(moved: float) -> GroupState:
    paths = ("GET /repos/o/r/issues?page={}", "GET /repos/o/r/pulls?page={}", "GET /repos/o/r/releases?page={}")
    core = lane_of(
        "core", 16, 16, (quota_of("core", 5000, 3918 - moved, 724 - moved),), places_of(16, 16, paths, moved)
    )
    graphql = replace(
        lane_of(
            "graphql",
            2,
            4,
            (quota_of("points", 5000, 640, 724 - moved),),
            places_of(4, 2, ("POST /graphql #{}",), moved),
        ),
        bound=Bound.PACE,
        wait=0.4,
        reason="spread over 640 points left until the reset",
        mode=LimitMode(SetBy.CAP, 4),
    )
    return GroupState(
        name="github",
        state=State.RUNNING,
        reason="",
        lanes=(core, graphql),
        seconds=_past(96, 30, moved),
        rate=102.4,
        p50=0.212,
        p95=0.84,
        done=412_233,
        requests=412_233,
        queued=487_810,
        retrying=12,
        rows=1_204_881,
        written=1_204_881,
        bytes=8_912_334_120,
        retries=214,
        throttled=3,
        failed=3,
        avoided=88_120,
        eta=4763,
        avoided_by=(Avoided(61_204, "unchanged since the last run"), Avoided(26_916, "many in one query")),
        hour=_past(1150, 360, moved / 12),
        decisions=_decisions(),
        tuning=Tuning(rules=("keep 500 for humans",)),
    )


def _pr0gramm(moved: float) -> GroupState:
    lane = replace(
        lane_of(
            "core",
            1,
            6,
            (quota_of("minute", 60, 0, 38 - moved),),
            places_of(6, 0, ("GET /items/get?older={}",), moved, canary=0),
        ),
        bound=Bound.BUDGET,
        wait=38 - moved,
        reason=f"budget minute: 0 of 60 left, resets in {38 - int(moved)} s",
    )
    return replace(
        _github(moved),
        name="pr0gramm",
        state=State.WAITING,
        reason=lane.reason,
        lanes=(lane,),
        rate=1.2,
        p50=0.098,
        p95=0.31,
        seconds=_past(3, 2, moved, ends=22),
        done=61_804,
        requests=61_804,
        queued=12_480,
        rows=381_204,
        written=381_204,
        bytes=412_000_000,
        failed=214,
        throttled=41,
        retries=96,
        retrying=0,
        eta=10_400,
        avoided=0,
        avoided_by=(),
        decisions=(),
        tuning=Tuning(),
    )


def _videos(moved: float) -> GroupState:
    lane = replace(
        lane_of("core", 8, 8, (quota_of("core", None, None, None),), places_of(8, 8, ("yt-dlp watch?v=x{}",), moved)),
        mode=LimitMode(SetBy.PIN, 8),
        bound=Bound.PIN,
        reason="8 of 8 in flight, pinned",
    )
    return replace(
        _github(moved),
        name="videos",
        lanes=(lane,),
        rate=4.6,
        p50=1.71,
        p95=4.9,
        seconds=_past(5, 2, moved + 40),
        done=9_120,
        requests=9_120,
        queued=21_400,
        rows=9_120,
        written=9_120,
        bytes=3_100_000_000,
        failed=16,
        throttled=0,
        retries=31,
        retrying=2,
        eta=4652,
        avoided=0,
        avoided_by=(),
        decisions=(),
        tuning=Tuning(workers=8),
    )


def _gitlab(moved: float) -> GroupState:
    lane = replace(
        lane_of(
            "api", 0, 12, (quota_of("minute", 2000, 1980, None),), places_of(12, 0, ("GET /projects/{}/issues",), moved)
        ),
        bound=Bound.PAUSE,
        reason="paused by you",
    )
    return replace(
        _github(moved),
        name="gitlab",
        state=State.PAUSED,
        reason="paused by you",
        lanes=(lane,),
        rate=0.0,
        p50=0.141,
        p95=0.4,
        seconds=_past(24, 6, moved, ends=95),
        done=18_340,
        requests=18_340,
        queued=7_204,
        rows=66_120,
        written=66_120,
        bytes=210_400_000,
        failed=1,
        throttled=0,
        retries=4,
        retrying=0,
        eta=None,
        avoided=1200,
        avoided_by=(Avoided(1200, "shared projects known already"),),
        decisions=(),
        tuning=Tuning(),
    )


def _anime(moved: float) -> GroupState:
    lane = replace(
        lane_of("jikan", 0, 3, (quota_of("minute", 60, 60, None),), places_of(3, 0, ("GET /anime/{}",), moved)),
        bound=Bound.WORK,
        reason="there is nothing to start",
    )
    return replace(
        _github(moved),
        name="anime",
        state=State.DONE,
        reason="",
        lanes=(lane,),
        rate=0.0,
        p50=0.33,
        p95=1.1,
        seconds=_past(1, 1, moved, ends=210),
        done=4_212,
        requests=4_212,
        queued=0,
        rows=64_022,
        written=64_022,
        bytes=38_000_000,
        failed=0,
        throttled=2,
        retries=2,
        retrying=0,
        eta=None,
        avoided=310,
        avoided_by=(Avoided(310, "50 entries in a request"),),
        decisions=(),
        tuning=Tuning(),
    )
