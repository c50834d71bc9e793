"""What the dashboard and the focus screen have in common: keys, panes and how a running deck is drawn."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from engine.snapshot import Deck, Failure, Group, LogLine
from tui.messages import AllPauseToggled, Capped, MadeAutomatic, Nudged, PauseToggled
from tui.screens.areas import Pane, Wish, roomy
from tui.screens.board import Board
from tui.screens.choice import Choice
from tui.screens.frame import Frame
from tui.widgets import failures, heading, hints, limits, log, titles, workers
from tui.widgets.numbers import count
from tui.widgets.rows import Row, Span, Tone, fill


class DeckBoard(Board, inherit_bindings=False):
    """A screen over a running deck, with one chosen source."""

    ALONE: ClassVar[bool] = False
    """Whether it is about the chosen source only."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "pause", "pause", id="tune.pause", tooltip="pause or resume the source"),
        Binding("P", "pause_all", id="tune.pause-all", tooltip="pause or resume everything"),
        Binding("plus", "nudge(1)", "workers", id="tune.more", tooltip="one worker more, pinned"),
        Binding("minus", "nudge(-1)", "workers", id="tune.less", tooltip="one worker less, pinned"),
        Binding("less_than_sign", "cap(-1)", "cap", id="tune.cap-less", tooltip="cap one lower"),
        Binding("greater_than_sign", "cap(1)", "cap", id="tune.cap-more", tooltip="cap one higher"),
        Binding("equals_sign", "automatic", "auto", id="tune.auto", tooltip="automatic worker count"),
        Binding("l", "pane('log')", "log", id="view.log", tooltip="the log"),
        Binding("e", "pane('errors')", "errors", id="view.errors", tooltip="the error table"),
        Binding("w", "pane('workers')", "workers shown", show=False, id="view.workers", tooltip="all workers"),
        Binding("f", "freeze", "freeze", id="view.freeze", tooltip="freeze or follow the log"),
        Binding("pageup", "scroll(-1)", id="view.page-up", tooltip="scroll the pane up"),
        Binding("pagedown", "scroll(1)", id="view.page-down", tooltip="scroll the pane down"),
        Binding("j,down", "move(1)", id="move.down", tooltip="next source"),
        Binding("k,up", "move(-1)", id="move.up", tooltip="previous source"),
        Binding("g,home", "pick(0)", id="move.top", tooltip="first source"),
        Binding("G,end", "pick(9999)", id="move.bottom", tooltip="last source"),
        *(
            Binding(str(number), f"pick_number({number})", id=f"move.source-{number}", tooltip="source of that number")
            for number in range(1, 10)
        ),
    ]

    def __init__(self, frame: Frame, choice: Choice) -> None:
        super().__init__(frame)
        self.choice = choice

    @property
    def deck(self) -> Deck:
        """The deck this board shows."""
        assert self.shown.deck is not None, "a deck board is shown once a deck runs"
        return self.shown.deck

    @property
    def group(self) -> Group | None:
        """The chosen source."""
        return self.choice.group(self.deck)

    def wish(self, width: int) -> Wish:
        """Return how many lines the panels would fill."""
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
        """Draw one panel."""
        group = self.group
        match name:
            case "line":
                return [heading.one_line(self.deck, width)]
            case "footer":
                return [hints.keys(self.hints(), width)]
            case "status":
                return [hints.status(self.deck, self.choice.source, self.shown.notice, width, alone=self.ALONE)]
            case "log":
                return self._log(width, height)
            case "errors":
                return self._errors(width, height)
            case _ if group is None:
                return fill([], width, height)
            case _:
                return self.paint_group(name, group, width, height)

    def paint_group(self, name: str, group: Group, width: int, height: int) -> Sequence[Row]:
        """Draw one panel of the chosen source."""
        match name:
            case "limits":
                return limits.panel(group, width, height)
            case "ticks":
                return fill(workers.strip(group, width), width, height)
            case _:
                shared = None if roomy(*self.size) else self._title(width, ())
                first = self.choice.scrolled if self.choice.pane is Pane.WORKERS else 0
                return workers.grid(group, width, height, first, shared)

    def lines_of_log(self) -> Sequence[LogLine]:
        """Return the log lines this board shows."""
        return self.choice.log(self.deck)

    def failed(self) -> Sequence[Failure]:
        """Return the kinds of error this board shows."""
        return self.deck.failures

    def action_pause(self) -> None:
        """Pause or resume the chosen source."""
        self.post_message(PauseToggled(self.choice.source))

    def action_pause_all(self) -> None:
        """Pause or resume all sources."""
        self.post_message(AllPauseToggled())

    def action_nudge(self, step: int) -> None:
        """Ask for more or fewer workers."""
        self.post_message(Nudged(self.choice.source, step))

    def action_cap(self, step: int) -> None:
        """Cap the selected source's workers."""
        self.post_message(Capped(self.choice.source, step))

    def action_automatic(self) -> None:
        """Give the number of workers back to the controller."""
        self.post_message(MadeAutomatic(self.choice.source))

    def action_pane(self, pane: str) -> None:
        """Turn to a pane."""
        self.choice.show(Pane(pane))
        self.redraw()

    def action_freeze(self) -> None:
        """Hold the log still, or follow it again."""
        self.choice.freeze(self.deck)
        self.redraw()

    def action_scroll(self, pages: int) -> None:
        """Scroll the pane by pages: down is towards newer lines in the log, and further rows in a table."""
        shown = self.areas(*self.size).get(self.choice.pane.value)
        if shown is None:
            return
        page, longest = max(1, shown.height - 2), self._length() - shown.height + 1
        back = -pages if self.choice.pane is Pane.LOG else pages
        self.choice.scroll(self.deck, back * page, longest)
        self.redraw()

    def action_move(self, step: int) -> None:
        """Choose the next source, or the previous one."""
        self.choice.move(self.deck, step)
        self.redraw()

    def action_pick(self, number: int) -> None:
        """Choose the first or the last source."""
        self.choice.pick(self.deck, number)
        self.redraw()

    def action_pick_number(self, number: int) -> None:
        """Choose a source by the number before its name; a number no source has does nothing."""
        if number <= len(self.deck.groups):
            self.action_pick(number - 1)

    def _length(self) -> int:
        match self.choice.pane:
            case Pane.LOG:
                return len(self.lines_of_log())
            case Pane.ERRORS:
                return failures.length(self.failed(), self.areas(*self.size)["errors"].width)
            case Pane.WORKERS:
                return workers.lines(self.group, self.size.width) if self.group is not None else 0

    def _log(self, width: int, height: int) -> list[Row]:
        newer = self.choice.newer(self.deck)
        held = f"frozen, {count(newer)} newer ‖" if self.choice.frozen is not None else "following ●"
        told = Span(held, Tone.DIM if self.choice.frozen is None else Tone.WARN)
        alone = width == self.size.width
        title = self._title(width, (told,)) if alone else self._own_title("l log", Pane.LOG, width, (told,))
        back = self.choice.scrolled if self.choice.pane is Pane.LOG else 0
        return [title, *log.body(self.lines_of_log(), width, height - 1, self.shown.zone, back)]

    def _errors(self, width: int, height: int) -> list[Row]:
        first = self.choice.scrolled if self.choice.pane is Pane.ERRORS else 0
        kinds = f"{len(self.failed())} kinds" if len(self.failed()) != 1 else "1 kind"
        if width == self.size.width:
            title = self._title(width, (Span(kinds, Tone.DIM),))
            return [title, *failures.body(self.failed(), width, height - 1, self.deck.at, first)]
        label = f"e errors {count(failures.total(self.failed()))}"
        title = self._own_title(label, Pane.ERRORS, width, (Span(kinds, Tone.DIM),), start="┬")
        rows = failures.body(self.failed(), width - 1, height - 1, self.deck.at, first)
        return [title, *(Row((Span("│", Tone.RULE), *row.spans), row.ground) for row in rows)]

    def _title(self, width: int, end: Sequence[Span]) -> Row:
        failed = failures.total(self.failed())
        names = [("l", "Log"), ("e", f"Errors {count(failed)}"), ("w", "Workers")]
        return titles.tabs(self.choice.pane.value, names, width, end)

    def _own_title(self, label: str, pane: Pane, width: int, end: Sequence[Span], start: str = "─") -> Row:
        shown = self.choice.pane is pane
        text = f"[{label}]" if shown else label
        return titles.rule([Span(text, Tone.TITLE if shown else Tone.DIM)], width, end, start)
