"""The base of the dashboard and the focus screen: the keys that control a harvest, and the panels of a running deck."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from engine.model.commands import Automatic, ChangeCap, ChangeLimit, LookForLogin
from engine.model.lane_state import SetBy
from engine.model.snapshot import GroupState
from engine.model.tuning import Tuning
from tui.actions.messages import (
    EngineCommand,
    SettingAsked,
    WorkerAsked,
    set_cap,
    set_pin,
    toggle_pause,
    toggle_pause_all,
    tune,
)
from tui.screens.dashboard.pane_screen import PaneScreen
from tui.screens.layout import Wish, roomy
from tui.screens.list_screen import NOTCH
from tui.screens.prompts import Question, SettingPrompt
from tui.widgets import charts, footer, header, limits, workers
from tui.widgets.rows import Row, Span, Tone, fill, row


class DeckScreen(PaneScreen, inherit_bindings=True):
    """A screen of a running deck, with one selected source."""

    ALONE: ClassVar[bool] = False
    """Whether the screen shows only the selected source."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", id="view.open", tooltip="open what is selected"),
        Binding("space", "pause", "pause", id="tune.pause", tooltip="pause or resume the source"),
        Binding("P", "pause_all", id="tune.pause-all", tooltip="pause or resume everything"),
        Binding("plus", "nudge(1)", "workers", id="tune.more", tooltip="a quarter more, on trial"),
        Binding("minus", "nudge(-1)", "workers", id="tune.less", tooltip="a fifth less, on trial"),
        Binding("p", "pin", id="tune.pin", tooltip="pin it here, or :pin 12"),
        Binding("less_than_sign", "cap(-1)", "cap", id="tune.cap-less", tooltip="cap one lower"),
        Binding("greater_than_sign", "cap(1)", "cap", id="tune.cap-more", tooltip="cap one higher"),
        Binding("equals_sign", "automatic", "auto", id="tune.auto", tooltip="automatic worker count"),
        Binding("i", "look_for_login", show=False, id="fix.login", tooltip="look for a new login now"),
        Binding("left_square_bracket", "chart(-1)", "chart", id="view.chart-previous", tooltip="the chart before"),
        Binding("right_square_bracket", "chart(1)", "chart", id="view.chart-next", tooltip="the next chart"),
        Binding("u", "window", "window", id="view.window", tooltip="charts: 1m, 5m, 1h"),
        Binding("j,down", "move(1)", id="move.down", tooltip="next row"),
        Binding("k,up", "move(-1)", id="move.up", tooltip="previous row"),
        Binding("g,home", "move(-99999)", id="move.top", tooltip="first row"),
        Binding("G,end", "move(99999)", id="move.bottom", tooltip="last row"),
        *(
            Binding(str(number), f"pick_number({number})", id=f"move.source-{number}", tooltip="source of that number")
            for number in range(1, 10)
        ),
    ]

    def wish(self, width: int) -> Wish:
        group = self.group
        if group is None:
            return Wish(sources=1, limits=1, ticks=1, grid=1)
        return Wish(
            sources=len(self.deck.groups),
            limits=limits.needed(group, width),
            ticks=len(workers.strip(group, width)),
            grid=workers.lines(group, width),
        )

    def paint(self, name: str, width: int, height: int) -> Sequence[Row]:
        group = self.group
        match name:
            case "line":
                return [header.one_line(self.deck, width)]
            case "footer":
                return self.footer(width)
            case "status":
                return [self._status(width)]
            case "log" | "errors" | "decisions" | "settings":
                drawn: list[Row] = getattr(self.panes(), name)(width, height)
                return drawn
            case _ if group is None:
                return fill([], width, height)
            case _:
                return self.paint_group(name, group, width, height)

    def _status(self, width: int) -> Row:
        if self.problem:
            return row([Span(f" {self.problem}", Tone.BAD)], width)
        notice, standing = self.shown.notice, self.shown.standing
        return footer.status(self.deck, self.choice.source, notice, width, standing=standing, alone=self.ALONE)

    def paint_group(self, name: str, group: GroupState, width: int, height: int) -> Sequence[Row]:
        """Draw one panel of the selected source."""
        match name:
            case "chart0" | "chart1" | "chart2" | "chart3":
                return self._chart(int(name[-1]), group, width, height)
            case "limits":
                return limits.panel(group, width, height, alone=self.ALONE)
            case "ticks":
                return fill(workers.strip(group, width), width, height)
            case _:
                alone = self.choice.zoomed or not roomy(*self.size)
                shared = self.panes().title(self.size.width, ()) if alone else None
                return workers.grid(group, width, height, self.panes().workers_viewport(), shared)

    def charts(self) -> int:
        """Return how many charts are visible."""
        return sum(name.startswith("chart") for name in self.areas(*self.size))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enable the chart keys only if a chart is visible."""
        if action in {"chart", "window"}:
            return self.charts() > 0
        return super().check_action(action, parameters)

    def context(self) -> object:
        return super().context(), self.size

    def _chart(self, position: int, group: GroupState, width: int, height: int) -> list[Row]:
        return charts.panel(
            group,
            width,
            height,
            which=self.choice.chart + position,
            window=self.choice.window,
            second=int(self.deck.at),
            alone=not roomy(*self.size),
        )

    def action_chart(self, step: int) -> None:
        """Show another chart; if several are visible, the first one changes and the others follow."""
        self.choice.chart = (self.choice.chart + step) % len(charts.PLOTS)
        self.redraw()

    def action_window(self) -> None:
        at = charts.WINDOWS.index(self.choice.window)
        self.choice.window = charts.WINDOWS[(at + 1) % len(charts.WINDOWS)]
        self.redraw()

    def action_open(self) -> None:
        if self.choice.inside:
            self.open_inside()
        else:
            self.open_source()

    def open_inside(self) -> None:
        """Open the row under the pane's cursor: the requests of an error, the log of a worker, or a setting."""
        asked = self.pane_keys().opened()
        if isinstance(asked, SettingAsked):
            self.type_setting(asked.name)
        elif isinstance(asked, WorkerAsked):
            self.show_worker(asked.lane, asked.slot)
        elif asked is not None:
            self.post_message(asked)

    def type_setting(self, name: str) -> None:
        group = self.group
        if group is not None:

            def done(tuning: Tuning) -> None:
                self.post_message(tune(group, tuning))

            self.ask(SettingPrompt(group.tuning, name, on_problem=self._show_problem, done=done))

    def open_source(self) -> None:
        """Show the selected source alone."""

    def action_pause(self) -> None:
        self.post_message(EngineCommand(toggle_pause(self.deck, self.choice.source)))

    def action_pause_all(self) -> None:
        self.post_message(EngineCommand(toggle_pause_all(self.deck)))

    def action_look_for_login(self) -> None:
        self.post_message(EngineCommand(LookForLogin(self.choice.source), "looking for another credential"))

    def action_nudge(self, step: int) -> None:
        self.post_message(EngineCommand(ChangeLimit(self.choice.source, step)))

    def action_pin(self, number: int | None = None) -> None:
        """Pin the number of workers at its current value or at `number`; above a cap, ask first."""
        pinned = set_pin(self.group, self.choice.source, number)

        def pin() -> None:
            self.post_message(pinned)

        doubt = "" if number is None or self.group is None else above_cap(self.group, number)
        if doubt:
            self.ask(Question(doubt, pin))
        else:
            pin()

    def action_cap_at(self, number: int) -> None:
        self.post_message(set_cap(self.group, self.choice.source, number))

    def action_cap(self, step: int) -> None:
        self.post_message(EngineCommand(ChangeCap(self.choice.source, step)))

    def action_automatic(self) -> None:
        """Give control of the number of workers back to the controller."""
        self.post_message(EngineCommand(Automatic(self.choice.source)))

    def action_move(self, step: int) -> None:
        """Move the pane's cursor if the keys are in the pane, otherwise the selected source."""
        if self.choice.inside:
            self.move_inside(step)
        else:
            self.choice.move(self.deck, step)
        self.redraw()

    def wheel(self, step: int) -> None:
        shown = self.areas(*self.size).get(self.choice.pane.value)
        if shown is not None:
            self.pane_keys().scroll(NOTCH * step, shown.height, shown.width)
            self.redraw()

    def action_pick_number(self, number: int) -> None:
        """Select a source by its number in the table; an unused number does nothing."""
        if number <= len(self.deck.groups):
            self.choice.pick(self.deck, number - 1)
            self.redraw()


def above_cap(group: GroupState, number: int) -> str:
    """Return the question to ask for a pin above a cap; "" if no cap is in the way."""
    own = max((lane.cap for lane in group.lanes), default=0)
    by_hand = [lane.mode.number or 0 for lane in group.lanes if lane.mode.by is SetBy.CAP]
    if 0 < own < number:
        return f"{group.name} takes {own} at most, and no more will run: pin {number} all the same?"
    if by_hand and min(by_hand) < number:
        return f"the cap is {min(by_hand)}: lift it and pin {number}?"
    return ""
