"""The lower half of the dashboard and the focus screen: the log, the errors and the workers, and the keys in them."""

import re
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from engine.snapshot import Deck, Failure, Group, LogLine
from tui.messages import Copied, RequestsAsked, TriageAsked
from tui.screens import areas
from tui.screens.areas import Pane
from tui.screens.board import Board
from tui.screens.choice import Choice, row_of
from tui.screens.frame import Frame
from tui.screens.matching import Filter, parse
from tui.screens.panes import Panes
from tui.screens.prompt import Prompt
from tui.widgets import failures, log, workers
from tui.widgets.log import Look


class PaneBoard(Board, inherit_bindings=False):
    """A screen with panes over a running deck."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", id="view.back", tooltip="back, step by step"),
        Binding("l", "pane('log')", "log", id="view.log", tooltip="the log"),
        Binding("e", "pane('errors')", "errors", id="view.errors", tooltip="errors; twice: triage"),
        Binding("w", "pane('workers')", "workers shown", show=False, id="view.workers", tooltip="all workers"),
        Binding("tab", "step_in", "pane", id="view.inside", tooltip="move in pane or sources"),
        Binding("slash", "filter", "filter", id="view.filter", tooltip="filter log or errors"),
        Binding("n", "jump(1)", "next", show=False, id="view.next", tooltip="next match or warning"),
        Binding("N", "jump(-1)", "previous", show=False, id="view.previous", tooltip="match or warning before"),
        Binding("f", "freeze", "freeze", id="view.freeze", tooltip="freeze or follow the log"),
        Binding("W", "worker_log", "its log", show=False, id="view.worker", tooltip="the log of one worker"),
        Binding("L", "louder", "level", show=False, id="view.level", tooltip="log: all, warn, error"),
        Binding("t", "stamps", "times", show=False, id="view.times", tooltip="times in the log"),
        Binding("z", "zoom", "zoom", id="view.zoom", tooltip="the pane alone"),
        Binding("y", "copy_row", "copy", id="view.copy", tooltip="copy the row"),
        Binding("Y", "copy_pane", "copy all", show=False, id="view.copy-all", tooltip="copy the whole pane"),
        Binding("pageup", "scroll(-1)", id="view.page-up", tooltip="scroll the pane up"),
        Binding("pagedown", "scroll(1)", id="view.page-down", tooltip="scroll the pane down"),
    ]

    def __init__(self, frame: Frame, choice: Choice) -> None:
        super().__init__(frame)
        self.choice = choice
        self.problem = ""
        """What is wrong with the filter being typed."""

    @property
    def deck(self) -> Deck:
        """The deck this board shows."""
        assert self.shown.deck is not None, "a deck board is shown once a deck runs"
        return self.shown.deck

    @property
    def group(self) -> Group | None:
        """The chosen source."""
        return self.choice.group(self.deck)

    def lines_of_log(self) -> Sequence[LogLine]:
        """Return the log lines this board shows."""
        return self.choice.log.lines(self.deck)

    def failed(self) -> Sequence[Failure]:
        """Return the kinds of error this board shows."""
        return self.choice.failures(self.deck.failures)

    def panes(self) -> Panes:
        """Return what draws the panes."""
        return Panes(
            choice=self.choice,
            lines=self.lines_of_log(),
            failed=self.failed(),
            newer=self.choice.log.newer(self.deck),
            now=self.deck.at,
            zone=self.shown.zone,
            width=self.size.width,
        )

    def context(self) -> object:
        """Return what the hints depend on."""
        return self.choice.pane, self.choice.inside, self.choice.zoomed, self.can_go_back()

    def can_go_back(self) -> bool:
        """Say whether there is anything for escape to undo."""
        return self.choice.looking()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the way back only where there is one."""
        _ = parameters
        return action != "back" or self.can_go_back()

    def action_pane(self, pane: str) -> None:
        """Turn to a pane; to the triage of errors where that is shown already."""
        if Pane(pane) is Pane.ERRORS and self.choice.pane is Pane.ERRORS:
            self.post_message(TriageAsked())
        self.choice.show(Pane(pane))
        self.redraw()

    def action_step_in(self) -> None:
        """Let the keys that move do so in the pane, or among the sources again."""
        self.choice.inside = not self.choice.inside
        self._enter_pane()
        self.redraw()

    def action_zoom(self) -> None:
        """Give the pane the screen, or take it back."""
        self.choice.zoomed = not self.choice.zoomed
        self.choice.inside = self.choice.zoomed
        self._enter_pane()
        self.redraw()

    def action_back(self) -> None:
        """Undo what was chosen for looking, one thing at a time."""
        self.problem = ""
        if not self.choice.unwind():
            self.leave()
        self.redraw()

    def leave(self) -> None:
        """Go back to where one was; the dashboard is where one comes from."""

    def action_filter(self) -> None:
        """Type a filter for the log, or for the errors where they are shown."""
        if self.choice.pane is Pane.WORKERS:
            self.choice.show(Pane.LOG)
        errors = self.choice.pane is Pane.ERRORS
        before = self.choice.errors if errors else self.choice.log.filter

        def narrow(text: str) -> None:
            try:
                self._narrow(parse(text), errors=errors)
                self.problem = ""
            except ValueError as error:
                self.problem = str(error)

        self.ask(Prompt("/", text=before.text, changed=narrow, cancelled=lambda: narrow(before.text)))

    def action_worker_log(self) -> None:
        """Show the log of one worker of the chosen source, by its number; escape shows all of it again."""
        group = self.group

        def chosen(text: str) -> None:
            if group is not None and text.strip().isdecimal():
                self.choice.show(Pane.LOG)
                self._narrow(parse(f"re:{re.escape(group.name)}/{int(text):02}\\b"), errors=False)

        if group is not None:
            self.ask(Prompt(f"log of worker {group.name}/", done=chosen))

    def _narrow(self, found: Filter, *, errors: bool) -> None:
        if errors:
            self.choice.errors = found
        else:
            self.choice.log.filter, self.choice.log.scrolled = found, 0
        self.choice.scrolled = 0

    def action_jump(self, step: int) -> None:
        """Go to the next match of the filter; without one, to the next warning or error."""
        self.choice.show(Pane.LOG)
        if self.choice.log.jump(self.deck, self.lines_of_log(), step):
            self.choice.inside = True
        self.redraw()

    def action_freeze(self) -> None:
        """Hold the log still, or follow it again."""
        self.choice.log.toggle(self.deck)
        self.redraw()

    def action_louder(self) -> None:
        """Show all of the log, warnings and errors, or errors only."""
        self.choice.show(Pane.LOG)
        self.choice.log.louder()
        self.redraw()

    def action_stamps(self) -> None:
        """Show the time of each line, or not."""
        self.choice.log.stamped = not self.choice.log.stamped
        self.redraw()

    def action_scroll(self, pages: int) -> None:
        """Scroll the pane by pages: down is towards newer lines in the log, and further rows in a table."""
        shown = self.areas(*self.size).get(self.choice.pane.value)
        if shown is None:
            return
        page, longest = max(1, shown.height - 2), self.pane_length(shown.width) - shown.height + 1
        if self.choice.inside and self.choice.pane is not Pane.WORKERS:
            self.move_inside(pages * page)
        else:
            back = -pages if self.choice.pane is Pane.LOG else pages
            self.choice.scroll(self.deck, back * page, longest)
        self.redraw()

    def move_inside(self, step: int) -> None:
        """Move the pane's cursor; the workers have none and scroll."""
        match self.choice.pane:
            case Pane.LOG:
                self.choice.log.move(self.deck, self.lines_of_log(), step)
            case Pane.ERRORS:
                self.choice.move_failure(self.failed(), step)
            case Pane.WORKERS:
                shown = self.areas(*self.size).get(self.choice.pane.value)
                if shown is not None:
                    self.choice.scroll(self.deck, step, self.pane_length(shown.width) - shown.height + 1)

    def open_inside(self) -> None:
        """Open the row under the pane's cursor: the requests of its kind of error."""
        found = self._line() if self.choice.pane is Pane.LOG else None
        wanted = found.failure if found is not None else self.choice.failure
        if self.choice.pane is Pane.WORKERS or (self.choice.pane is Pane.LOG and not wanted):
            return
        one = next((one for one in self.deck.failures if one.fingerprint == wanted), None)
        if one is not None:
            self.post_message(RequestsAsked(one.source, one.fingerprint))

    def action_copy_row(self) -> None:
        """Copy the row under the cursor."""
        line = self._line() if self.choice.inside else None
        if line is not None and self.choice.pane is Pane.LOG:
            self.post_message(Copied(log.whole(line)))
        elif self.choice.inside and self.choice.pane is Pane.ERRORS and self.failed():
            self.post_message(Copied(failures.whole(self.failed()[row_of(self.failed(), self.choice.failure)])))
        elif self.group is not None:
            self.post_message(Copied(self.row_of_source()))

    def action_copy_pane(self) -> None:
        """Copy what the pane shows, its lines whole."""
        shown = self.areas(*self.size).get(self.choice.pane.value)
        if shown is None:
            return
        match self.choice.pane:
            case Pane.LOG:
                lines = self.lines_of_log()
                look = Look(back=self.choice.log.scrolled, cursor=self.choice.log.at(lines))
                texts = [log.whole(lines[at]) for at in log.window(len(lines), shown.height - 1, look)]
            case Pane.ERRORS:
                texts = [failures.whole(one) for one in self.failed()]
            case Pane.WORKERS:
                texts = self.drawn(self.choice.pane.value)[1:]
        self.post_message(Copied("\n".join(texts)))

    def row_of_source(self) -> str:
        """Return the chosen source in words, for a clipboard."""
        group = self.group
        if group is None:
            return ""
        parts = [f"{group.name} {group.state.value}", group.reason, f"{group.rate:.1f}/s", f"{group.done:,} done"]
        parts += [f"{group.queued:,} queued", f"{group.rows:,} rows", f"{group.failed:,} failed"]
        return ", ".join(part for part in parts if part)

    def _enter_pane(self) -> None:
        """Put the cursor somewhere when the keys begin to move it."""
        if self.choice.inside and self.choice.pane is Pane.LOG and self.choice.log.cursor is None:
            self.choice.log.move(self.deck, self.lines_of_log(), 0)

    def _line(self) -> LogLine | None:
        lines = self.lines_of_log()
        at = self.choice.log.at(lines)
        return None if at is None else lines[at]

    def pane_length(self, width: int) -> int:
        """Return how many lines the pane's content has."""
        match self.choice.pane:
            case Pane.LOG:
                return len(self.lines_of_log())
            case Pane.ERRORS:
                return failures.length(self.failed(), width)
            case Pane.WORKERS:
                return workers.lines(self.group, self.size.width) if self.group is not None else 0

    def zoomed(self, width: int, height: int) -> areas.Areas | None:
        """Divide the screen where the pane has it to itself."""
        return areas.zoomed(width, height, self.choice.pane) if self.choice.zoomed else None
