"""Whether an API did what `since` asks for. One that ignores the parameter brings everything, in every run. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from engine.common.text import clean, counted
from sources.common.json_values import Row
from sources.rest.config.endpoint import Endpoint
from sources.rest.config.since import Since
from sources.rest.endpoint_step import EndpointStep
from sources.rest.json_paths import find
from sources.rest.slices.incremental import mark, number

_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ignored:
    """What was asked for, and what came."""

    items: int
    older: int
    asked: str
    oldest: Any

    def note(self, step: EndpointStep, since: Since) -> str:
        if step.parent or step.slice:
            # One text for all walks, so that it is counted and not listed a thousand times.
            place = self.asked.partition(" = ")[0]
            return (
                f"{step.endpoint}: older items came than {place} asked for: the API does nothing with it; check since"
            )
        came = clean(msgspec.json.encode(self.oldest).decode(), 60)
        what = (
            f"{step.endpoint} {step.path}: asked for {self.asked}, and {self.older:,} of {counted(self.items, 'item')}"
        )
        return f"{what} are older ({since.item} = {came}): the API does nothing with it; check since"


def told_if_ignored(step: EndpointStep, endpoint: Endpoint, found: Sequence[Row]) -> tuple[EndpointStep, str]:
    """Return a note where older items came than the page asked for, and the step that says that it was noted.

    Pages that are read at the same time do not know of each other, so only the last of them tells.
    """
    since = endpoint.since
    if since is None or step.since is None or step.older or (step.window and not step.tail):
        return step, ""
    came = _ignored(step, since, found)
    return (msgspec.structs.replace(step, older=True), came.note(step, since)) if came else (step, "")


def _ignored(step: EndpointStep, since: Since, found: Sequence[Row]) -> _Ignored | None:
    """Return what came that is older than what the page asked for; None if nothing did."""
    bound = number(since, step.since)
    if bound is None:
        return None
    if since.format in {"iso", "date"}:
        bound -= bound % _DAY  # many APIs look at the day only
    marks = [(at, item) for item in found if (at := mark(since, item.value)) is not None]
    older = [each for each in marks if each[0] < bound]
    if not older:
        return None
    oldest = find(min(older, key=lambda each: each[0])[1].value, since.item)
    place = since.param or since.in_header or since.in_body
    return _Ignored(items=len(found), older=len(older), asked=f"{place} = {step.since}", oldest=oldest)
