"""The change feed: rows that are new, changed, renamed or gone since the person last looked."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from engine.model.changes import Change, Changes
from tui.actions.messages import ChangesSeen, Copied
from tui.screens.changes import render
from tui.screens.changes.last_seen import LastVisit, counted, since
from tui.screens.frame import Frame
from tui.screens.list_screen import Listing
from tui.widgets.rows import Row


class ChangeFeed(Listing):
    """Lists changes, the newest first. Closing it marks all changes as seen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "since", "since", id="view.since", tooltip="since the last look, or all"),
        Binding("y", "copy_row", "copy", id="view.copy", tooltip="copy the row"),
        Binding("Y", "copy_pane", show=False, id="view.copy-all", tooltip="copy the list"),
    ]

    def __init__(self, frame: Frame, changes: Changes, visit: LastVisit | None) -> None:
        super().__init__(frame)
        self._changes = changes
        self._visit = visit
        self._all = visit is None
        self._found: tuple[Change, ...] | None = None

    @property
    def unseen(self) -> int:
        """The number of the newest change at the last look."""
        return 0 if self._visit is None else self._visit.number

    def found(self) -> Sequence[Change]:
        """Return the changes that pass the filter."""
        if self._found is None:
            first = 0 if self._all else self.unseen
            self._found = tuple(
                one for one in self._changes.rows if one.number > first and self.filter.lets(render.filter_text(one))
            )
        return self._found

    @property
    def change(self) -> Change | None:
        """The change under the cursor."""
        found = self.found()
        return found[min(self.cursor, len(found) - 1)] if found else None

    def length(self) -> int:
        return len(self.found())

    def trail(self) -> tuple[str, str]:
        counts = counted(since(self._changes, None if self._all else self._visit)) or "nothing"
        return "changes", f"{'in all' if self._all else 'since you last looked'}: {counts}"

    def rows(self, width: int, height: int) -> Sequence[Row]:
        empty = "no row changed" if self._all else "no row changed since you last looked; a shows those before"
        if self.filter:
            empty = "no change passes the filter"
        return render.table(self.found(), width, height, self.shown.at, self.cursor, self.unseen, empty)

    def details(self, width: int, height: int) -> Sequence[Row]:
        return render.details(self.change, width, height, self.shown.zone)

    def details_height(self) -> int:
        return render.DETAILS_HEIGHT

    def narrow(self, text: str) -> None:
        super().narrow(text)
        self._found = None

    def action_since(self) -> None:
        """Switch between the changes since the last look and all changes that are kept."""
        self._all, self._found, self.cursor = not self._all, None, 0
        self.redraw()

    def action_close(self) -> None:
        self.post_message(ChangesSeen(self._changes))
        super().action_close()

    def action_copy_row(self) -> None:
        if self.change is not None:
            self.post_message(Copied(render.whole(self.change)))

    def action_copy_pane(self) -> None:
        self.post_message(Copied("\n".join(map(render.whole, self.found()))))
