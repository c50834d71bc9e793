"""The failed requests of one kind of error, and the screen of one request."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from engine.model.snapshot import FailedDetail, FailedRequest, Failure
from tui.actions.messages import Copied, ExportAsked, QuarantineRequests, ReleaseAsked, RequestsAsked, RetryAsked
from tui.screens.frame import Frame
from tui.screens.list_screen import Listing
from tui.screens.triage import render
from tui.screens.triage.error_groups import FIX
from tui.screens.triage.failed_list import COPY, OPEN, FailedList
from tui.widgets.rows import Row


class FailedRequestList(FailedList):
    """Lists the requests of one kind of error; enter shows one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        OPEN,
        *FIX,
        Binding("D", "quarantine", "set aside", id="fix.quarantine", tooltip="quarantine this request"),
        *COPY,
    ]

    def __init__(self, frame: Frame, failure: Failure, requests: Sequence[FailedRequest]) -> None:
        super().__init__(frame, requests)
        self._failure = failure

    def draw(self, frame: Frame) -> None:
        """Ask for the list again if the number of its requests changed."""
        old, self._failure = self._failure, self._now_known(frame)
        if old.count != self._failure.count:
            self.post_message(RequestsAsked(self._failure.source, self._failure.fingerprint))
        super().draw(frame)

    def show(self, requests: Sequence[FailedRequest]) -> None:
        self._requests = tuple(requests)
        self.redraw()

    @property
    def fingerprint(self) -> str:
        """The kind of error that is listed."""
        return self._failure.fingerprint

    def trail(self) -> tuple[str, str]:
        return f"errors ▸ {self._failure.source} {self._failure.kind}", f"{self.length():,} requests"

    def rows(self, width: int, height: int) -> Sequence[Row]:
        now = self._failure.last if self.shown.deck is None else self.shown.deck.at
        return render.requests(self.found(), width, height, now, self.cursor)

    def action_retry(self) -> None:
        if self.request is not None:
            self.post_message(RetryAsked(self.request.source, self.request.fingerprint, self.request.id))

    def action_retry_all(self) -> None:
        self.post_message(RetryAsked(self._failure.source, self._failure.fingerprint))

    def action_quarantine(self) -> None:
        if self.request is not None:
            self.post_message(QuarantineRequests(self.request.source, id=self.request.id))

    def action_export(self, kind: str) -> None:
        self.post_message(ExportAsked((self._failure,), kind))

    def _now_known(self, frame: Frame) -> Failure:
        kinds = () if frame.deck is None else frame.deck.failures
        return next((one for one in kinds if one.fingerprint == self.fingerprint), self._failure)


class FailedRequestPage(Listing):
    """Shows one failed request: the reason, its attempts, and the start of the body if it was kept."""

    HEADING: ClassVar[int] = 0

    BINDINGS: ClassVar[list[BindingType]] = [
        FIX[0],
        Binding("D", "quarantine", "set aside", id="fix.quarantine", tooltip="quarantine it, or release"),
        Binding("c", "copy_curl", "curl", id="fix.curl", tooltip="copy as a curl command"),
        Binding("y", "copy_pane", "copy", id="view.copy", tooltip="copy all of it"),
    ]

    def __init__(self, frame: Frame, detail: FailedDetail) -> None:
        super().__init__(frame)
        self._detail = detail

    def lines(self) -> Sequence[tuple[str, str]]:
        """Return the facts that pass the filter, as name and text."""
        found = render.facts(self._detail, self.shown.zone)
        return [(name, text) for name, text in found if self.filter.lets(f"{name} {text}")]

    def length(self) -> int:
        return len(render.wrapped(self.lines(), self.size.width))

    def trail(self) -> tuple[str, str]:
        return f"errors ▸ {self._detail.request.source} ▸ request {self._detail.request.id}", "esc closes"

    def rows(self, width: int, height: int) -> Sequence[Row]:
        return render.page(self.lines(), width, height, self.cursor)

    def action_retry(self) -> None:
        """Retry the request, releasing it from quarantine if needed, and close the page."""
        request = self._detail.request
        again = RetryAsked(request.source, request.fingerprint, request.id)
        self.post_message(ReleaseAsked(request.source, request.id) if request.aside else again)
        self.action_close()

    def action_quarantine(self) -> None:
        """Quarantine the request, or release it, and close the page."""
        request = self._detail.request
        wanted = (
            ReleaseAsked(request.source, request.id)
            if request.aside
            else QuarantineRequests(request.source, id=request.id)
        )
        self.post_message(wanted)
        self.action_close()

    def action_copy_curl(self) -> None:
        """Copy a curl command that sends the request, without its secret."""
        if self._detail.curl:
            self.post_message(Copied(self._detail.curl))

    def action_copy_pane(self) -> None:
        self.post_message(Copied("\n".join(f"{name:<9} {text}" for name, text in self.lines())))
