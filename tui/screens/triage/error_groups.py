"""The triage: every kind of error, its details and the actions on it."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from engine.common.text import counted
from engine.model.snapshot import Failure
from tui.actions.messages import (
    Copied,
    ExportAsked,
    QuarantinePageAsked,
    QuarantineRequests,
    RequestsAsked,
    RetryAsked,
)
from tui.screens.frame import Frame
from tui.screens.list_screen import Listing
from tui.screens.prompts import Question
from tui.screens.selection import Choice, filter_text
from tui.screens.triage import error_table, render
from tui.widgets.rows import Row

FIX: list[BindingType] = [
    Binding("R", "retry", "retry", id="fix.retry", tooltip="try again"),
    Binding("A", "retry_all", "retry all", id="fix.retry-all", tooltip="try all again, asks first"),
    Binding("E", "export('csv')", "export", id="fix.export-csv", tooltip="export as CSV"),
    Binding("J", "export('jsonl')", "jsonl", show=False, id="fix.export-jsonl", tooltip="export as JSON lines"),
]


class Triage(Listing):
    """Lists the kinds of error of all sources; enter lists the requests of one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", id="view.open", tooltip="its requests"),
        *FIX,
        Binding("i", "mute", "mute", id="fix.mute", tooltip="mute this kind, or not"),
        Binding("D", "quarantine", "set aside", id="fix.quarantine", tooltip="quarantine this kind"),
        Binding("U", "show_quarantine", "aside", show=False, id="fix.quarantined", tooltip="show the quarantine"),
        Binding("I", "show_muted", "muted", show=False, id="fix.muted", tooltip="show muted kinds"),
        Binding("y", "copy_row", "copy", id="view.copy", tooltip="copy the row"),
        Binding("Y", "copy_pane", show=False, id="view.copy-all", tooltip="copy the list"),
    ]

    def __init__(self, frame: Frame, choice: Choice) -> None:
        super().__init__(frame)
        self._choice = choice
        self._muted_too = False
        found = [one.fingerprint for one in self.kinds()]
        self.cursor = found.index(choice.failure) if choice.failure in found else 0

    def kinds(self) -> Sequence[Failure]:
        """Return the kinds of error that pass the filter."""
        deck = self.shown.deck
        return [
            one
            for one in (() if deck is None else deck.failures)
            if (self._muted_too or one.fingerprint not in self._choice.muted) and self.filter.lets(filter_text(one))
        ]

    @property
    def kind(self) -> Failure | None:
        """The kind of error under the cursor."""
        found = self.kinds()
        return found[min(self.cursor, len(found) - 1)] if found else None

    def length(self) -> int:
        return len(self.kinds())

    def trail(self) -> tuple[str, str]:
        muted = f", {len(self._choice.muted)} muted" if self._choice.muted else ""
        requests, kinds = error_table.total(self.kinds()), self.length()
        return "errors", f"{counted(requests, 'request')}, {counted(kinds, 'kind')}{muted}"

    def rows(self, width: int, height: int) -> Sequence[Row]:
        return render.kinds(self.kinds(), self._choice.muted, width, height, self._now(), self.cursor)

    def details(self, width: int, height: int) -> Sequence[Row]:
        return render.kind(self.kind, width, height, self._now(), self.shown.zone)

    def details_height(self) -> int:
        return render.KIND_HEIGHT

    def moved(self) -> None:
        """Select the same kind in the error pane, so that it is under the cursor on return."""
        self._choice.failure = "" if self.kind is None else self.kind.fingerprint

    def action_open(self) -> None:
        if self.kind is not None:
            self.post_message(RequestsAsked(self.kind.source, self.kind.fingerprint))

    def action_retry(self) -> None:
        if self.kind is not None:
            self.post_message(RetryAsked(self.kind.source, self.kind.fingerprint))

    def action_retry_all(self) -> None:
        """Retry all failed requests, after a confirmation."""
        deck = self.shown.deck
        if deck is not None and deck.failures:
            many = error_table.total(deck.failures)
            self.ask(Question(f"retry all {many:,} failed requests?", self._send_all))

    def _send_all(self) -> None:
        self.post_message(RetryAsked())

    def action_export(self, kind: str) -> None:
        if self.kinds():
            self.post_message(ExportAsked(tuple(self.kinds()), kind))

    def action_quarantine(self) -> None:
        """Quarantine the requests of a kind, after a confirmation."""
        kind = self.kind
        if kind is not None:
            question = f"set {kind.count:,} failed requests of {kind.source} aside, until released?"
            self.ask(Question(question, lambda: self._set_aside(kind)))

    def _set_aside(self, kind: Failure) -> None:
        self.post_message(QuarantineRequests(kind.source, kind.fingerprint))

    def action_show_quarantine(self) -> None:
        self.post_message(QuarantinePageAsked())

    def action_mute(self) -> None:
        """Hide a kind of error on all screens, or show it again."""
        if self.kind is not None:
            self._choice.muted ^= {self.kind.fingerprint}
        self.redraw()

    def action_show_muted(self) -> None:
        self._muted_too = not self._muted_too
        self.redraw()

    def action_copy_row(self) -> None:
        if self.kind is not None:
            self.post_message(Copied(error_table.whole(self.kind)))

    def action_copy_pane(self) -> None:
        self.post_message(Copied("\n".join(error_table.whole(one) for one in self.kinds())))

    def _now(self) -> float:
        return 0.0 if self.shown.deck is None else self.shown.deck.at
