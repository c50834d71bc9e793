"""Which field of an item says when it changed, and which parameter asks only for later items."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sources.common.json_values import instant
from sources.rest.proposal.columns import ProposedColumn, at

_CHANGED: Final = (
    "updated_at", "updatedAt", "updated", "modified_at", "modifiedAt", "modified", "modified_gmt", "last_modified",
    "lastModified", "last_updated", "lastUpdated", "last_modified_at", "last_edited_time", "date_modified",
    "dateModified", "updated_on", "modified_on", "update_time", "updateTime", "changed_at", "last_activity_at",
    "lastModifiedDateTime", "modified_date", "updated_time",
)  # fmt: skip
PARAMS: Final = re.compile(
    r"(?i)^(\$?since|(updated|modified|changed|last_?(modified|updated|activity))[_-]?(since|after|at[_-]?min|from|gte?|min|at_gte)"
    r"|(min|from|start)[_-]?(updated|modified)([_-]?at)?|if[_-]?modified[_-]?since|updated_at\[gte?\]|changed[_-]?since)$"
)
"""Parameters that ask only for what changed since a time."""
_MILLISECONDS: Final = 10_000_000_000
"""A number of seconds beyond the year 2286 counts milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedIncrement:
    item: str
    format: str = "iso"
    param: str = ""
    """"" where no parameter is known: the increment is then only a suggestion."""
    start: str = ""

    def table(self) -> dict[str, Any]:
        """Return the table `since`."""
        made = {"param": self.param or "updated_since", "item": self.item}
        made |= {} if self.format == "iso" else {"format": self.format}
        return made | ({"start": self.start} if self.start else {})


def increment_of(
    items: Sequence[Any], columns: Iterable[ProposedColumn], params: Mapping[str, str]
) -> ProposedIncrement | None:
    """Propose an increment: a field with times of change, and a parameter of the address that asks for later ones."""
    param = next((name for name in params if PARAMS.match(name)), "")
    for column in changed_columns(columns):
        values = [value for value in (at(item, column.path) for item in items) if value is not None]
        said = time_format(values)
        if said:
            return ProposedIncrement(item=column.path, format=said, param=param, start=params.get(param, ""))
    return None


def changed_columns(columns: Iterable[ProposedColumn]) -> list[ProposedColumn]:
    """Return the columns whose name says that they tell a time of change, the likeliest first."""
    likely = [column for column in columns if column.path.rpartition(".")[2] in _CHANGED]
    return sorted(likely, key=lambda column: (column.path.count("."), _CHANGED.index(column.path.rpartition(".")[2])))


def time_format(values: Sequence[Any]) -> str:
    """Return the `format` of times: "iso", "date", "unix" or "unix_ms"; "" if they are none."""
    if not values:
        return ""
    if all(isinstance(value, str) for value in values):
        if not all(instant(value) for value in values):
            return ""
        return "date" if all(len(value) == 10 for value in values) else "iso"
    if all(isinstance(value, int | float) and not isinstance(value, bool) and value > 100_000_000 for value in values):
        return "unix_ms" if all(value > _MILLISECONDS for value in values) else "unix"
    return ""
