"""Rendering of the panes: their titles and bodies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from engine.model.snapshot import DeckState, Failure, GroupState, LogLine
from engine.model.tuning import Tuning
from tui.screens.layout import Pane
from tui.screens.log_view import LogView
from tui.screens.selection import Choice, row_of
from tui.screens.triage import error_table
from tui.widgets import decisions, log, rules, settings, workers
from tui.widgets.log import LogViewport
from tui.widgets.numbers import count
from tui.widgets.rows import Row, Span, Tone, fill


@dataclass(frozen=True, slots=True, kw_only=True)
class Panes:
    """The data that the panes are drawn from, at one moment."""

    choice: Choice
    deck: DeckState
    group: GroupState | None
    saved: Tuning
    """The settings of the selected source at its start, or when they were saved last."""
    lines: Sequence[LogLine]
    failed: Sequence[Failure]
    moves: Sequence[LogLine]
    zone: tzinfo | None
    width: int
    """The width of the screen. A pane of that width has no other beside it, so its title lists all panes."""

    def log(self, width: int, height: int) -> list[Row]:
        view = self.choice.log
        title = self.title(width, self._view_state(view, self.lines))
        empty = "no line passes the filter" if view.filter or view.level != "info" else ""
        return [title, *log.body(self.lines, width, height - 1, self.zone, self._viewport(view, self.lines), empty)]

    def decisions(self, width: int, height: int) -> list[Row]:
        view = self.choice.decisions
        title = self.title(width, self._view_state(view, self.moves))
        viewport = self._viewport(view, self.moves)
        return [title, *decisions.body(self.moves, width, height - 1, self.deck.at, self.zone, viewport)]

    def settings(self, width: int, height: int) -> list[Row]:
        title = self.title(width, [Span("enter changes  S saves", Tone.DIM)])
        if self.group is None:
            return fill([title], width, height)
        return [title, *settings.body(self.group, self.saved, width, height - 1, self.settings_cursor())]

    def settings_cursor(self) -> int | None:
        """Return the setting under the cursor; None while the keys are not in the pane."""
        return self.choice.setting if self.choice.inside else None

    def workers_viewport(self) -> workers.WorkersViewport:
        """Return the visible part of the workers. It starts at the first slot while another pane is active."""
        if self.choice.pane is not Pane.WORKERS:
            return workers.WorkersViewport()
        slots = [] if self.group is None else workers.slots(self.group)
        cursor = workers.slot_index(slots, self.choice.worker) if self.choice.inside and slots else None
        return workers.WorkersViewport(first=self.choice.scrolled, cursor=cursor)

    def errors_viewport(self) -> tuple[int, int | None]:
        """Return the scroll position of the errors and the row of their cursor."""
        here = self.choice.pane is Pane.ERRORS
        cursor = row_of(self.failed, self.choice.failure) if here and self.choice.inside else None
        return self.choice.scrolled if here else 0, cursor

    def errors(self, width: int, height: int) -> list[Row]:
        here = self.choice.pane is Pane.ERRORS
        first, cursor = self.errors_viewport()
        kinds = f"{len(self.failed)} kinds" if len(self.failed) != 1 else "1 kind"
        end = [Span(kinds, Tone.DIM)]
        if self.choice.muted:
            end.insert(0, Span(f"{len(self.choice.muted)} muted,", Tone.DIM))
        if self.choice.errors:
            end.insert(0, Span(f"/{self.choice.errors.text} ", Tone.ACCENT))
        if width == self.width:
            body = error_table.body(self.failed, width, height - 1, self.deck.at, first, cursor)
            return [self.title(width, end), *body]
        label = f"e errors {count(error_table.total(self.failed))}"
        rows = error_table.body(self.failed, width - 1, height - 1, self.deck.at, first, cursor)
        text = Span(f"[{label}]" if here else label, Tone.TITLE if here else Tone.DIM)
        title = rules.rule([text], width, end, "┬")
        return [title, *(Row((Span("│", Tone.RULE), *row.spans), row.ground) for row in rows)]

    def title(self, width: int, end: Sequence[Span]) -> Row:
        """Draw the tabs: of all panes if this one has the full width, otherwise of those that share its place."""
        failed = count(error_table.total(self.failed))
        names = [rules.Tab("l", "Log")]
        if width == self.width:
            names += [rules.Tab("e", f"Errors {failed}", f"Err {failed}"), rules.Tab("w", "Workers", "Wrk")]
        names += [rules.Tab("d", "Decisions", "Dec"), rules.Tab("s", "Settings", "Set")]
        return rules.tabs(self.choice.pane.value, names, width, end)

    def _viewport(self, view: LogView, lines: Sequence[LogLine]) -> LogViewport:
        several = {group.name for group in self.deck.groups if len(group.lanes) > 1}
        return LogViewport(back=view.scrolled, cursor=view.at(lines), stamped=self.choice.log.stamped, several=several)

    def _view_state(self, view: LogView, lines: Sequence[LogLine]) -> list[Span]:
        newer = count(view.newer(self.deck))
        state = f"frozen, {newer} newer ‖" if view.frozen is not None else "following ●"
        spans = [Span(state, Tone.DIM if view.frozen is None else Tone.WARN)]
        if view.level != "info":
            spans.insert(0, Span(f"{view.level}+ ", Tone.ACCENT))
        if view.filter:
            spans.insert(0, Span(f"/{view.filter.text} {count(len(lines))} ", Tone.ACCENT))
        return spans
