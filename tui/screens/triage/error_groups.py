"""The triage of errors: every kind, what is known of it, and what can be done about it."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from engine.model.snapshot import Failure
from tui.actions.messages import Copied, ExportAsked, QuarantineAsked, RequestsAsked, RetryAsked, SetAside
from tui.screens.frame import Frame
from tui.screens.list_screen import Listing
from tui.screens.prompts import Question
from tui.screens.selection import Choice, words
from tui.screens.triage import error_table, render
from tui.widgets.rows import Row

BINDINGS: list[BindingType] = [
    Binding("R", "retry", "retry", id="fix.retry", tooltip="try again"),
    Binding("A", "retry_all", "retry all", id="fix.retry-all", tooltip="try all again, asks first"),
    Binding("E", "export('csv')", "export", id="fix.export-csv", tooltip="export as CSV"),
    Binding("J", "export('jsonl')", "jsonl", show=False, id="fix.export-jsonl", tooltip="export as JSON lines"),
]


class Triage(Listing):
    """Lists the kinds of error of every source; enter lists the requests of one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", id="view.open", tooltip="its requests"),
        *BINDINGS,
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
        """Return the kinds of error the filter lets through."""
        deck = self.shown.deck
        return [
            one
            for one in (() if deck is None else deck.failures)
            if (self._muted_too or one.fingerprint not in self._choice.muted) and self.filter.lets(words(one))
        ]

    @property
    def kind(self) -> Failure | None:
        """The kind of error under the cursor."""
        found = self.kinds()
        return found[min(self.cursor, len(found) - 1)] if found else None

    def length(self) -> int:
        """Return how many kinds are listed."""
        return len(self.kinds())

    def trail(self) -> tuple[str, str]:
        """Say where this is, and how much of it there is."""
        muted = f", {len(self._choice.muted)} muted" if self._choice.muted else ""
        requests, kinds = error_table.total(self.kinds()), self.length()
        return "errors", f"{requests:,} request{'s'[requests == 1 :]}, {kinds} kind{'s'[kinds == 1 :]}{muted}"

    def rows(self, width: int, height: int) -> Sequence[Row]:
        """Draw the kinds of error."""
        return render.kinds(self.kinds(), self._choice.muted, width, height, self._now(), self.cursor)

    def details(self, width: int, height: int) -> Sequence[Row]:
        """Draw all that is known of the kind under the cursor."""
        return render.kind(self.kind, width, height, self._now(), self.shown.zone)

    def details_height(self) -> int:
        """Return how many lines that takes."""
        return render.KIND_HEIGHT

    def moved(self) -> None:
        """Keep the choice, for the way back."""
        self._choice.failure = "" if self.kind is None else self.kind.fingerprint

    def action_open(self) -> None:
        """List the requests of the kind under the cursor."""
        if self.kind is not None:
            self.post_message(RequestsAsked(self.kind.source, self.kind.fingerprint))

    def action_retry(self) -> None:
        """Try the kind under the cursor again."""
        if self.kind is not None:
            self.post_message(RetryAsked(self.kind.source, self.kind.fingerprint))

    def action_retry_all(self) -> None:
        """Try everything again, once the person agrees."""
        deck = self.shown.deck
        if deck is not None and deck.failures:
            many = error_table.total(deck.failures)
            self.ask(Question(f"retry all {many:,} failed requests?", self._send_all))

    def _send_all(self) -> None:
        self.post_message(RetryAsked())

    def action_export(self, kind: str) -> None:
        """Write the requests of every kind that is listed to a file."""
        if self.kinds():
            self.post_message(ExportAsked(tuple(self.kinds()), kind))

    def action_quarantine(self) -> None:
        """Set the requests of a kind aside, once the person agrees."""
        kind = self.kind
        if kind is not None:
            question = f"set {kind.count:,} failed requests of {kind.source} aside, until released?"
            self.ask(Question(question, lambda: self._set_aside(kind)))

    def _set_aside(self, kind: Failure) -> None:
        self.post_message(SetAside(kind.source, kind.fingerprint))

    def action_show_quarantine(self) -> None:
        """List what is in quarantine."""
        self.post_message(QuarantineAsked())

    def action_mute(self) -> None:
        """Hide a kind of error everywhere, or show it again."""
        if self.kind is not None:
            self._choice.muted ^= {self.kind.fingerprint}
        self.redraw()

    def action_show_muted(self) -> None:
        """List muted kinds as well, or not."""
        self._muted_too = not self._muted_too
        self.redraw()

    def action_copy_row(self) -> None:
        """Copy the kind under the cursor."""
        if self.kind is not None:
            self.post_message(Copied(error_table.whole(self.kind)))

    def action_copy_pane(self) -> None:
        """Copy every kind that is listed."""
        self.post_message(Copied("\n".join(error_table.whole(one) for one in self.kinds())))

    def _now(self) -> float:
        return 0.0 if self.shown.deck is None else self.shown.deck.at
