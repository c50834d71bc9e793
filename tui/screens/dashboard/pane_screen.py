"""The panes in the lower half of the dashboard and the focus screen, and their keys."""

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from engine.model.snapshot import DeckState, Failure, GroupState, LogLine
from engine.model.tuning import Tuning
from tui.actions.messages import Copied, SaveAsked, TriageAsked
from tui.screens import layout
from tui.screens.base import BaseScreen
from tui.screens.dashboard.log_panes import DecisionKeys, LogKeys
from tui.screens.dashboard.pane import PaneKeys
from tui.screens.dashboard.render import Panes
from tui.screens.dashboard.table_panes import ErrorKeys, SettingKeys, WorkerKeys
from tui.screens.filter import parse
from tui.screens.frame import Frame
from tui.screens.layout import Pane
from tui.screens.prompts import Prompt, WorkerPrompt
from tui.screens.selection import Choice
from tui.screens.triage.cut_walks import cut_walks
from tui.widgets import sources, workers

BINDINGS: Final[list[BindingType]] = [
    Binding("escape", "back", "back", id="view.back", tooltip="back, step by step"),
    Binding("l", "pane('log')", "log", id="view.log", tooltip="the log"),
    Binding("e", "pane('errors')", "errors", id="view.errors", tooltip="errors; twice: triage"),
    Binding("w", "pane('workers')", "workers shown", show=False, id="view.workers", tooltip="all workers"),
    Binding("d", "pane('decisions')", "decisions", id="view.decisions", tooltip="why the limit moved"),
    Binding("s", "pane('settings')", "settings", id="view.settings", tooltip="change settings live"),
    Binding("S", "save", "save", show=False, id="tune.save", tooltip="save changed settings"),
    Binding("tab", "step_in", "pane", id="view.inside", tooltip="move in pane or sources"),
    Binding("slash", "filter", "filter", id="view.filter", tooltip="filter the pane"),
    Binding("n", "jump(1)", "next", show=False, id="view.next", tooltip="next match or warning"),
    Binding("N", "jump(-1)", "previous", show=False, id="view.previous", tooltip="match or warning before"),
    Binding("f", "freeze", "freeze", id="view.freeze", tooltip="freeze or follow the lines"),
    Binding("W", "worker_log", "its log", show=False, id="view.worker", tooltip="the log of one worker"),
    Binding("L", "louder", "level", show=False, id="view.level", tooltip="log: all, warn, error"),
    Binding("t", "stamps", "times", show=False, id="view.times", tooltip="times of the lines"),
    Binding("z", "zoom", "zoom", id="view.zoom", tooltip="the pane alone"),
    Binding("y", "copy_row", "copy", id="view.copy", tooltip="copy the row"),
    Binding("Y", "copy_pane", "copy all", show=False, id="view.copy-all", tooltip="copy the whole pane"),
    Binding("pageup", "scroll(-1)", id="view.page-up", tooltip="scroll the pane up"),
    Binding("pagedown", "scroll(1)", id="view.page-down", tooltip="scroll the pane down"),
]

KEYS: Final[Mapping[Pane, type[PaneKeys]]] = {
    Pane.LOG: LogKeys,
    Pane.ERRORS: ErrorKeys,
    Pane.WORKERS: WorkerKeys,
    Pane.DECISIONS: DecisionKeys,
    Pane.SETTINGS: SettingKeys,
}


class PaneScreen(BaseScreen, inherit_bindings=False):
    """A screen with panes, over a running deck."""

    BINDINGS: ClassVar[list[BindingType]] = BINDINGS

    def __init__(self, frame: Frame, choice: Choice) -> None:
        super().__init__(frame)
        self.choice = choice
        self.problem = ""
        """What is wrong with the typed text; "" if it is valid."""

    @property
    def deck(self) -> DeckState:
        """The shown snapshot; this screen is opened only once a deck runs."""
        assert self.shown.deck is not None, "a deck screen is shown once a deck runs"
        return self.shown.deck

    @property
    def group(self) -> GroupState | None:
        """The selected source; None while the deck has none."""
        return self.choice.group(self.deck)

    def lines_of_log(self) -> Sequence[LogLine]:
        return self.choice.log.lines(self.deck)

    def failed(self) -> Sequence[Failure]:
        """Return the rows of the error table: kinds of error, then cut walks."""
        return self.choice.failures((*self.deck.failures, *cut_walks(self.deck)))

    def panes(self) -> Panes:
        """Return the data that the panes are drawn from."""
        group = self.group
        return Panes(
            choice=self.choice,
            deck=self.deck,
            group=group,
            saved=Tuning() if group is None else self.shown.saved.get(group.name, group.tuning),
            lines=self.lines_of_log(),
            failed=self.failed(),
            moves=self.choice.decisions.lines(self.deck),
            zone=self.shown.zone,
            width=self.size.width,
        )

    def pane_keys(self) -> PaneKeys:
        """Return the keys of the visible pane."""
        return KEYS[self.choice.pane](self.panes())

    def context(self) -> object:
        return self.choice.pane, self.choice.inside, self.choice.zoomed, self.can_go_back()

    def can_go_back(self) -> bool:
        """Return whether escape has anything to undo."""
        return self.choice.looking()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enable `back` only if there is something to undo."""
        _ = parameters
        return action != "back" or self.can_go_back()

    def action_pane(self, pane: str) -> None:
        """Switch to a pane.

        The errors key opens the triage if the errors are shown already. In the settings, the keys move in the pane at
        once.
        """
        if Pane(pane) is Pane.ERRORS and self.choice.pane is Pane.ERRORS:
            self.post_message(TriageAsked())
        if Pane.SETTINGS in {Pane(pane), self.choice.pane}:
            self.choice.inside = Pane(pane) is Pane.SETTINGS
        self.choice.show(Pane(pane))
        self.redraw()

    def action_step_in(self) -> None:
        """Switch the movement keys between the pane and the sources."""
        self.choice.inside = not self.choice.inside
        self._enter_pane()
        self.redraw()

    def action_zoom(self) -> None:
        self.choice.zoomed = not self.choice.zoomed
        self.choice.inside = self.choice.zoomed
        self._enter_pane()
        self.redraw()

    def action_back(self) -> None:
        """Undo one step of the selection; without any, leave the screen."""
        self.problem = ""
        if not self.choice.unwind():
            self.leave()
        self.redraw()

    def leave(self) -> None:
        """Leave the screen. The dashboard is the first screen, so it does nothing."""

    def action_filter(self) -> None:
        """Ask for a filter for the pane; for the log if the pane has no filter."""
        if self.pane_keys().filter is None:
            self.choice.inside = False
            self.choice.show(Pane.LOG)
        pane = self.pane_keys()
        before = "" if pane.filter is None else pane.filter.text

        def narrow(typed: str) -> None:
            try:
                pane.narrow(parse(typed))
                self._show_problem("")
            except ValueError as error:
                self._show_problem(str(error))

        self.ask(Prompt("/", text=before, changed=narrow, cancelled=lambda: narrow(before)))

    def action_worker_log(self) -> None:
        """Ask for a worker of the selected source and show its log; escape shows the whole log again."""
        group = self.group
        if group is not None and group.lanes:
            slots = workers.slots(group)
            lane = slots[workers.slot_index(slots, self.choice.worker)].lane if slots else group.lanes[0].resource
            self.ask(WorkerPrompt(group, lane, on_problem=self._show_problem, done=self.show_worker))

    def show_worker(self, lane: str, slot: int) -> None:
        """Show the log of one worker; an empty lane means the worker of that number in every lane."""
        group = self.group
        if group is not None:
            worker = "/".join([group.name, *([lane] if lane else []), f"{slot:02}"])
            self.choice.inside = self.choice.zoomed
            self.choice.show(Pane.LOG)
            self.pane_keys().narrow(parse(f"re:{re.escape(worker)}\\b"))
            self.redraw()

    def action_jump(self, step: int) -> None:
        """Go to the next match of the filter; without one, to the next warning, error or cut of the limit."""
        if self.choice.pane is not Pane.DECISIONS:
            self.choice.show(Pane.LOG)
        lines = self.panes().moves if self.choice.pane is Pane.DECISIONS else self.lines_of_log()
        if self.choice.view.jump(self.deck, lines, step):
            self.choice.inside = True
        self.redraw()

    def action_freeze(self) -> None:
        self.choice.view.toggle(self.deck)
        self.redraw()

    def action_louder(self) -> None:
        """Show all of the log, warnings and errors, or errors only."""
        self.choice.show(Pane.LOG)
        self.choice.log.louder()
        self.redraw()

    def action_stamps(self) -> None:
        self.choice.log.stamped = not self.choice.log.stamped
        self.redraw()

    def action_scroll(self, pages: int) -> None:
        """Scroll the pane by pages; in the log, down is towards newer lines."""
        shown = self.areas(*self.size).get(self.choice.pane.value)
        if shown is not None:
            self.pane_keys().page(pages, shown.height, shown.width)
        self.redraw()

    def move_inside(self, step: int) -> None:
        shown = self.areas(*self.size).get(self.choice.pane.value)
        if shown is not None:
            self.pane_keys().move(step, shown.height, shown.width)

    def point(self, x: int, y: int) -> None:
        """Switch to the clicked pane and put its cursor on the clicked row."""
        for pane, keys in KEYS.items():
            area = self.areas(*self.size).get(pane.value)
            if area is not None and area.holds(x, y):
                if keys(self.panes()).pick(x - area.x, y - area.y, area.height, area.width):
                    if self.choice.pane is not pane:
                        self.choice.show(pane)
                    self.redraw()
                return

    def action_save(self) -> None:
        """Ask to write the changed settings into the configuration."""
        if self.group is not None:
            self.post_message(SaveAsked(self.group.name))

    def action_copy_row(self) -> None:
        """Copy the row under the cursor; without a cursor, the selected source."""
        found = self.pane_keys().row() if self.choice.inside else None
        if found is None and self.group is not None:
            found = sources.whole(self.group)
        if found is not None:
            self.post_message(Copied(found))

    def action_copy_pane(self) -> None:
        """Copy the pane, with its lines in full."""
        shown = self.areas(*self.size).get(self.choice.pane.value)
        if shown is None:
            return
        found = self.pane_keys().whole(shown.height)
        self.post_message(Copied("\n".join(self.drawn(self.choice.pane.value)[1:]) if found is None else found))

    def _show_problem(self, problem: str) -> None:
        self.problem = problem

    def _enter_pane(self) -> None:
        if self.choice.inside:
            self.pane_keys().enter()

    def zoomed(self, width: int, height: int) -> layout.Areas | None:
        """Return the layout of a zoomed pane; None if the pane is not zoomed."""
        return layout.zoomed(width, height, self.choice.pane) if self.choice.zoomed else None
