"""Requests in quarantine: no run tries them until they are released."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from engine.snapshot import FailedRequest
from tui.messages import Copied, ReleaseAsked, RequestAsked
from tui.screens.frame import Frame
from tui.screens.listing import Listing
from tui.screens.prompt import Question
from tui.widgets import triage
from tui.widgets.rows import Row


class Quarantine(Listing):
    """Lists what was set aside; enter shows one request."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", id="view.open", tooltip="the whole request"),
        Binding("R", "release", "release", id="fix.release", tooltip="let out, to be tried again"),
        Binding("A", "release_all", "release all", id="fix.release-all", tooltip="let all out, asks first"),
        Binding("y", "copy_row", "copy", id="view.copy", tooltip="copy the row"),
        Binding("Y", "copy_pane", show=False, id="view.copy-all", tooltip="copy the list"),
    ]

    def __init__(self, frame: Frame, requests: Sequence[FailedRequest]) -> None:
        super().__init__(frame)
        self._requests = tuple(requests)

    def found(self) -> Sequence[FailedRequest]:
        """Return the requests the filter lets through."""
        return [one for one in self._requests if self.filter.lets(f"{one.source} {one.status} {one.what} {one.reason}")]

    @property
    def request(self) -> FailedRequest | None:
        """The request under the cursor."""
        found = self.found()
        return found[min(self.cursor, len(found) - 1)] if found else None

    def length(self) -> int:
        """Return how many requests are listed."""
        return len(self.found())

    def trail(self) -> tuple[str, str]:
        """Say where this is, and how much of it there is."""
        return "errors ▸ quarantine", f"{self.length():,} requests"

    def rows(self, width: int, height: int) -> Sequence[Row]:
        """Draw the requests."""
        empty = " nothing is in quarantine, or the filter hides it"
        return triage.requests(self.found(), width, height, self.shown.at, self.cursor, empty)

    def action_open(self) -> None:
        """Show the request under the cursor."""
        if self.request is not None:
            self.post_message(RequestAsked(self.request.id))

    def action_release(self) -> None:
        """Let the request under the cursor out."""
        one = self.request
        if one is not None:
            self._release([one])

    def action_release_all(self) -> None:
        """Let out all that is listed, once the person agrees."""
        found = list(self.found())
        if found:
            self.ask(Question(f"release {len(found):,} requests from quarantine?", lambda: self._release(found)))

    def action_copy_row(self) -> None:
        """Copy the request under the cursor."""
        if self.request is not None:
            self.post_message(Copied(triage.whole(self.request)))

    def action_copy_pane(self) -> None:
        """Copy every request that is listed."""
        self.post_message(Copied("\n".join(triage.whole(one) for one in self.found())))

    def _release(self, found: Sequence[FailedRequest]) -> None:
        ids = {one.id for one in found}
        self._requests = tuple(one for one in self._requests if one.id not in ids)
        for one in found:
            self.post_message(ReleaseAsked(one.source, one.id))
        self.redraw()
