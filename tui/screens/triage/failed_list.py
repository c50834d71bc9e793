"""The base of lists of failed requests: one under the cursor, enter shows it, and rows can be copied."""

from collections.abc import Sequence
from typing import Final

from textual.binding import Binding

from engine.model.snapshot import FailedRequest
from tui.actions.messages import Copied, RequestAsked
from tui.screens.frame import Frame
from tui.screens.list_screen import Listing
from tui.screens.triage import render

OPEN: Final = Binding("enter", "open", "open", id="view.open", tooltip="the whole request")
COPY: Final = (
    Binding("y", "copy_row", "copy", id="view.copy", tooltip="copy the row"),
    Binding("Y", "copy_pane", show=False, id="view.copy-all", tooltip="copy the list"),
)


class FailedList(Listing):
    """Lists failed requests. Subclasses add the actions on them."""

    def __init__(self, frame: Frame, requests: Sequence[FailedRequest]) -> None:
        super().__init__(frame)
        self._requests = tuple(requests)

    def filter_text(self, one: FailedRequest) -> str:
        """Return the text that a filter is matched against."""
        return f"{one.status} {one.what} {one.reason}"

    def found(self) -> Sequence[FailedRequest]:
        """Return the requests that pass the filter."""
        return [one for one in self._requests if self.filter.lets(self.filter_text(one))]

    @property
    def request(self) -> FailedRequest | None:
        """The request under the cursor."""
        found = self.found()
        return found[min(self.cursor, len(found) - 1)] if found else None

    def length(self) -> int:
        return len(self.found())

    def action_open(self) -> None:
        if self.request is not None:
            self.post_message(RequestAsked(self.request.id))

    def action_copy_row(self) -> None:
        if self.request is not None:
            self.post_message(Copied(render.whole(self.request)))

    def action_copy_pane(self) -> None:
        self.post_message(Copied("\n".join(render.whole(one) for one in self.found())))
