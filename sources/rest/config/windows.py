"""The table `windows` of an endpoint: a list asked for in spans of time, each a walk of its own."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from sources.rest.config.types import Word

Every = Literal["hour", "day", "week", "month", "quarter", "year"]
Day = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z?)?\Z",
        description='a day or a time in UTC, such as "2019-01-01" or "2019-01-01T12:00:00Z"',
    ),
]
PLACES: Final = ("slice.start", "slice.end")
"""The names of a window's ends in templates and columns."""


MOST: Final = 200_000
"""Windows of one list. More would be a mistake in `every` or `from`: 22 years in hours are fewer."""
_LONG_PAST: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""Windows without an end reach at least this far. A run counts them with its clock."""
_HOURS: Final = {"hour": 1, "day": 24, "week": 168, "month": 744, "quarter": 2208, "year": 8784}
"""The longest that a window is."""


class Windows(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, omit_defaults=True):
    """The table `windows` of an endpoint: the spans in which it is asked for."""

    start: Day = msgspec.field(name="from")
    """Where the first window begins. The others begin with an hour, a day, a Monday, a month, ... in UTC."""
    until: Day | None = None
    """Where the last one ends; without it, the last one is the window in which the run begins."""
    every: Every = "month"
    start_param: Word | None = None
    end_param: Word | None = None
    format: Literal["iso", "date", "unix", "unix_ms"] = "date"
    # The safe choice where it is not known: items between two windows then arrive twice, and are one row.
    end: Literal["exclusive", "inclusive"] = "exclusive"
    """Whether items at the end belong to the window. With "inclusive" it is asked for until just before the next."""
    look_back: Annotated[int, Meta(ge=0, description="seconds")] = 3600
    """A window that ended less than this before a run is asked for again by the next one: lists lag behind."""


def moment(day: str) -> datetime:
    """Return a configured time.

    Raises:
        ValueError: there is no such day or time.
    """
    return datetime.fromisoformat(day.removesuffix("Z")).replace(tzinfo=UTC)


def _too_many(every: Every, start: datetime, stop: datetime) -> bool:
    return (stop - start).total_seconds() > MOST * 3600 * _HOURS[every]


def problems(at: str, windows: Windows, places: Collection[str], *, since: bool) -> Iterator[str]:
    """Yield what contradicts itself. `places` are the placeholders of the endpoint's templates."""
    times: dict[str, datetime] = {}
    for key, value in (("from", windows.start), ("until", windows.until)):
        try:
            times |= {key: moment(value)} if value else {}
        except ValueError:
            yield f'{at}.{key}: "{value}" is no day of the calendar; write it as "2019-01-31"'
    if "from" in times and "until" in times and times["until"] <= times["from"]:
        yield f'{at}.until: "{windows.until}" is not after from = "{windows.start}"; leave it out for windows up to now'
    if "from" in times and _too_many(windows.every, times["from"], times.get("until", _LONG_PAST)):
        yield f'{at}.every: "{windows.every}" from {windows.start} makes more than {MOST:,} windows; choose longer ones'
    if windows.start_param and windows.start_param == windows.end_param:
        yield f'{at}.end_param: "{windows.end_param}" is start_param too; name two parameters, or leave it out'
    if not windows.start_param and PLACES[0] not in places:
        yield f"{at}.start_param: is missing; name the parameter for a window's start, or use {{slice.start}} in params"
    if windows.every == "hour" and windows.format == "date":
        yield f'{at}.format: "date" cannot tell one hour from the next; choose "iso" or "unix"'
    if since and any(place in places for place in PLACES):
        yield f"{at}: with since, windows need start_param and end_param: the increment has no {{slice.start}}"
    if since and not windows.start_param:
        yield f"{at}.start_param: is missing; with since the windows are told from the increment by it"
