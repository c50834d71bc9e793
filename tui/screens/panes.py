"""How the panes are drawn: their titles, and the log and the errors under them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from engine.snapshot import Failure, LogLine
from tui.screens.areas import Pane
from tui.screens.choice import Choice, row_of
from tui.widgets import failures, log, titles
from tui.widgets.log import Look
from tui.widgets.numbers import count
from tui.widgets.rows import Row, Span, Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Panes:
    """What the panes are drawn from, at one moment."""

    choice: Choice
    lines: Sequence[LogLine]
    failed: Sequence[Failure]
    newer: int
    """Lines that came since the log was frozen."""
    now: float
    zone: tzinfo | None
    width: int
    """The screen's: a pane that is as wide stands alone, and has the titles of the others in its own."""

    def log(self, width: int, height: int) -> list[Row]:
        """Draw the log."""
        view = self.choice.log
        told = self._looked_at()
        title = self.title(width, told) if width == self.width else self._own("l log", Pane.LOG, width, told)
        back = view.scrolled if self.choice.pane is Pane.LOG else 0
        look = Look(back=back, cursor=view.at(self.lines), stamped=view.stamped)
        empty = "no line passes the filter" if view.filter or view.level != "info" else ""
        return [title, *log.body(self.lines, width, height - 1, self.zone, look, empty)]

    def errors(self, width: int, height: int) -> list[Row]:
        """Draw the kinds of error."""
        here = self.choice.pane is Pane.ERRORS
        first = self.choice.scrolled if here else 0
        cursor = row_of(self.failed, self.choice.failure) if here and self.choice.inside else None
        kinds = f"{len(self.failed)} kinds" if len(self.failed) != 1 else "1 kind"
        told = [Span(kinds, Tone.DIM)]
        if self.choice.muted:
            told.insert(0, Span(f"{len(self.choice.muted)} muted,", Tone.DIM))
        if self.choice.errors:
            told.insert(0, Span(f"/{self.choice.errors.text} ", Tone.ACCENT))
        if width == self.width:
            body = failures.body(self.failed, width, height - 1, self.now, first, cursor)
            return [self.title(width, told), *body]
        label = f"e errors {count(failures.total(self.failed))}"
        rows = failures.body(self.failed, width - 1, height - 1, self.now, first, cursor)
        title = self._own(label, Pane.ERRORS, width, told, start="┬")
        return [title, *(Row((Span("│", Tone.RULE), *row.spans), row.ground) for row in rows)]

    def title(self, width: int, end: Sequence[Span]) -> Row:
        """Draw the title of a pane that stands alone: the names of all."""
        names = [("l", "Log"), ("e", f"Errors {count(failures.total(self.failed))}"), ("w", "Workers")]
        return titles.tabs(self.choice.pane.value, names, width, end)

    def _looked_at(self) -> list[Span]:
        view = self.choice.log
        held = f"frozen, {count(self.newer)} newer ‖" if view.frozen is not None else "following ●"
        told = [Span(held, Tone.DIM if view.frozen is None else Tone.WARN)]
        if view.level != "info":
            told.insert(0, Span(f"{view.level}+ ", Tone.ACCENT))
        if view.filter:
            told.insert(0, Span(f"/{view.filter.text} {count(len(self.lines))} ", Tone.ACCENT))
        return told

    def _own(self, label: str, pane: Pane, width: int, end: Sequence[Span], start: str = "─") -> Row:
        shown = self.choice.pane is pane
        text = f"[{label}]" if shown else label
        return titles.rule([Span(text, Tone.TITLE if shown else Tone.DIM)], width, end, start)
