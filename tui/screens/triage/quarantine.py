"""The quarantine: requests that no run tries until they are released."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from engine.model.snapshot import FailedRequest
from tui.actions.messages import ReleaseAsked
from tui.screens.prompts import Question
from tui.screens.triage import render
from tui.screens.triage.failed_list import COPY, OPEN, FailedList
from tui.widgets.rows import Row


class Quarantine(FailedList):
    """Lists quarantined requests; enter shows one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        OPEN,
        Binding("R", "release", "release", id="fix.release", tooltip="let out, to be tried again"),
        Binding("A", "release_all", "release all", id="fix.release-all", tooltip="let all out, asks first"),
        *COPY,
    ]

    def filter_text(self, one: FailedRequest) -> str:
        """Return the text that a filter is matched against; it names the source, as all sources are in one list."""
        return f"{one.source} {super().filter_text(one)}"

    def trail(self) -> tuple[str, str]:
        return "errors ▸ quarantine", f"{self.length():,} requests"

    def rows(self, width: int, height: int) -> Sequence[Row]:
        empty = " nothing is in quarantine, or the filter hides it"
        return render.requests(self.found(), width, height, self.shown.at, self.cursor, empty)

    def action_release(self) -> None:
        one = self.request
        if one is not None:
            self._release([one])

    def action_release_all(self) -> None:
        """Release all listed requests, after a confirmation."""
        found = list(self.found())
        if found:
            self.ask(Question(f"release {len(found):,} requests from quarantine?", lambda: self._release(found)))

    def _release(self, found: Sequence[FailedRequest]) -> None:
        ids = {one.id for one in found}
        self._requests = tuple(one for one in self._requests if one.id not in ids)
        for one in found:
            self.post_message(ReleaseAsked(one.source, one.id))
        self.redraw()
