"""A list of failed requests: the cursor names one of them, enter shows it, and rows are copied."""

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
    """Lists failed requests; what can be done about them is up to the screen that is one."""

    def __init__(self, frame: Frame, requests: Sequence[FailedRequest]) -> None:
        super().__init__(frame)
        self._requests = tuple(requests)

    def words(self, one: FailedRequest) -> str:
        """Return the text the filter looks at."""
        return f"{one.status} {one.what} {one.reason}"

    def found(self) -> Sequence[FailedRequest]:
        """Return the requests the filter lets through."""
        return [one for one in self._requests if self.filter.lets(self.words(one))]

    @property
    def request(self) -> FailedRequest | None:
        """The request under the cursor."""
        found = self.found()
        return found[min(self.cursor, len(found) - 1)] if found else None

    def length(self) -> int:
        """Return how many requests are listed."""
        return len(self.found())

    def action_open(self) -> None:
        """Show the request under the cursor."""
        if self.request is not None:
            self.post_message(RequestAsked(self.request.id))

    def action_copy_row(self) -> None:
        """Copy the request under the cursor."""
        if self.request is not None:
            self.post_message(Copied(render.whole(self.request)))

    def action_copy_pane(self) -> None:
        """Copy every request that is listed."""
        self.post_message(Copied("\n".join(render.whole(one) for one in self.found())))
