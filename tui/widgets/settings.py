"""The settings of a source that can be changed while it runs: their values, and whether they are saved."""

from engine.model.lane_state import SetBy
from engine.model.snapshot import GroupState
from engine.model.tuning import Tuning
from tui.common.settings_text import TUNABLES, Tunable, differing, setting_text
from tui.widgets.rows import Ground, Row, Span, Tone, fill, fit, row


def body(group: GroupState, saved: Tuning, width: int, height: int, cursor: int | None) -> list[Row]:
    """Draw one line for each setting; `saved` holds the values at the start or at the last save."""
    changed = differing(saved, group.tuning)
    rows = [
        _row(group, one, width, changed=one.name in changed, chosen=at == cursor) for at, one in enumerate(TUNABLES)
    ]
    return fill(rows[first_row(cursor, height) :], width, height)


def first_row(cursor: int | None, height: int) -> int:
    """Return the index of the first visible setting."""
    return 0 if cursor is None else max(0, min(cursor - height // 2, len(TUNABLES) - height))


def whole(group: GroupState, one: Tunable) -> str:
    """Return a setting in full, for the clipboard."""
    return f"{group.name} {one.name}: {_value(group, one)} ({one.what})"


def _value(group: GroupState, one: Tunable) -> str:
    value = setting_text(group.tuning, one.name)
    by = {"workers": SetBy.PIN, "cap": SetBy.CAP}.get(one.name)
    if not value and any(lane.mode.by is by for lane in group.lanes):
        return "another in each lane"
    if not value and one.name == "retries" and group.most_retries is not None:
        return f"{group.most_retries}, {one.unset}"
    return value or one.unset


def _row(group: GroupState, one: Tunable, width: int, *, changed: bool, chosen: bool) -> Row:
    wide = 40 if width >= 110 else 22 if width >= 70 else 16
    is_set = bool(setting_text(group.tuning, one.name))
    spans = [
        Span("▸" if chosen else " ", Tone.ACCENT),
        Span(fit(one.name, 9), Tone.TITLE if chosen else Tone.TEXT),
        Span(fit(_value(group, one), wide) + " ", Tone.ACCENT if is_set else Tone.DIM),
        Span("changed, not saved  " if changed else "", Tone.WARN),
        Span(one.what, Tone.DIM),
    ]
    return row(spans, width, Ground.CURSOR if chosen else Ground.BASE)
