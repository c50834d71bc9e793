"""The keys of the table panes: errors, workers and settings."""

from collections.abc import Sequence

from textual.message import Message

from tui.actions.messages import CoverageAsked, RequestsAsked, SettingAsked, WorkerAsked
from tui.common.settings_text import TUNABLES
from tui.screens.dashboard.pane import PaneKeys
from tui.screens.filter import Filter
from tui.screens.selection import row_of
from tui.screens.triage import error_table
from tui.screens.triage.cut_walks import is_cut
from tui.widgets import settings, workers


class ErrorKeys(PaneKeys):
    """The keys of the error table."""

    @property
    def filter(self) -> Filter | None:
        return self.choice.errors

    def narrow(self, found: Filter) -> None:
        self.choice.errors, self.choice.scrolled = found, 0

    def length(self, width: int) -> int:
        return error_table.length(self.seen.failed, width)

    def move(self, step: int, height: int, width: int) -> None:
        _ = (height, width)
        self.choice.move_failure(self.seen.failed, step)

    def under(self, x: int, y: int, height: int, width: int) -> int | None:
        """Return the kind of error in a cell. Above the first row are the title and the heading."""
        found, viewport = self.seen.failed, self.seen.errors_viewport()
        width -= width != self.seen.width  # a table beside the log has a vertical rule in its first column
        row = error_table.row_at(found, width, height - 1, y - 1, *viewport)
        return row if x >= 0 and row is not None else None

    def position(self) -> int:
        return row_of(self.seen.failed, self.choice.failure)

    def opened(self) -> Message | None:
        """Ask for the failed requests of a kind of error; for a cut walk, for the coverage map of its source."""
        wanted = self.choice.failure
        one = next((one for one in self.seen.failed if one.fingerprint == wanted), None)
        if one is None:
            return None
        return CoverageAsked(one.source) if is_cut(one) else RequestsAsked(one.source, one.fingerprint)

    def row(self) -> str | None:
        found = self.seen.failed
        return error_table.whole(found[row_of(found, self.choice.failure)]) if found else None

    def whole(self, height: int) -> str | None:
        _ = height
        return "\n".join(error_table.whole(one) for one in self.seen.failed)


class WorkerKeys(PaneKeys):
    """The keys of the worker grid. Its columns are read downwards."""

    @property
    def slots(self) -> Sequence[workers.LaneSlot]:
        return [] if self.seen.group is None else workers.slots(self.seen.group)

    def move(self, step: int, height: int, width: int) -> None:
        _ = (height, width)
        slots = self.slots
        if slots:
            at = self.position() + step
            self.choice.worker = slots[min(max(0, at), len(slots) - 1)].id

    def scroll(self, lines: int, height: int, width: int) -> None:
        """Scroll; while the keys are in the pane, the cursor moves and stays in view."""
        if self.choice.inside:
            self.move(lines, height, width)
        else:
            super().scroll(lines, height, width)

    def under(self, x: int, y: int, height: int, width: int) -> int | None:
        if self.seen.group is None:
            return None
        return workers.slot_at(self.seen.group, width, height, self.seen.workers_viewport(), x, y)

    def position(self) -> int:
        return workers.slot_index(self.slots, self.choice.worker)

    def opened(self) -> Message | None:
        """Ask for the log of the worker under the cursor."""
        slot = self._slot()
        return None if slot is None else WorkerAsked(*slot.id)

    def row(self) -> str | None:
        slot = self._slot()
        return None if slot is None or self.seen.group is None else workers.whole(self.seen.group, slot)

    def length(self, width: int) -> int:
        return 1 + (workers.lines(self.seen.group, width) if self.seen.group is not None else 0)

    def whole(self, height: int) -> str | None:
        """Return None: the grid is copied as it is drawn."""
        _ = height
        return None

    def _slot(self) -> workers.LaneSlot | None:
        slots = self.slots
        return slots[workers.slot_index(slots, self.choice.worker)] if slots else None


class SettingKeys(PaneKeys):
    """The keys of the settings of the selected source."""

    def length(self, width: int) -> int:
        _ = width
        return 1 + len(TUNABLES)

    def move(self, step: int, height: int, width: int) -> None:
        _ = (height, width)
        self.choice.setting = min(max(0, self.choice.setting + step), len(TUNABLES) - 1)

    def scroll(self, lines: int, height: int, width: int) -> None:
        """Move the cursor; the view follows it."""
        self.move(lines, height, width)

    def under(self, x: int, y: int, height: int, width: int) -> int | None:
        _ = (x, width)
        row = settings.first_row(self.seen.settings_cursor(), height - 1) + y - 1
        return row if 0 < y < height and row < len(TUNABLES) else None

    def position(self) -> int:
        return self.choice.setting

    def opened(self) -> Message | None:
        return None if self.seen.group is None else SettingAsked(TUNABLES[self.choice.setting].name)

    def row(self) -> str | None:
        lines = self._lines()
        return lines[self.choice.setting] if lines else None

    def whole(self, height: int) -> str | None:
        _ = height
        return "\n".join(self._lines())

    def _lines(self) -> list[str]:
        return [] if self.seen.group is None else [settings.whole(self.seen.group, one) for one in TUNABLES]
