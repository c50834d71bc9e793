"""The Textual app: it pulls a snapshot for every frame, hands it to the screen on top, and carries out commands."""

import locale
import os
import time
from collections.abc import Callable, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import Binding, BindingType

from engine.control import Control
from engine.errors import UsageError
from engine.snapshot import Deck, SourceCard, State
from engine.text import clean
from tui import crash, messages
from tui.leaving import Step, exit_code, step
from tui.notices import SECONDS, Notices
from tui.screens.board import Board
from tui.screens.choice import Choice
from tui.screens.dashboard import Dashboard
from tui.screens.focus import Focus
from tui.screens.frame import Frame
from tui.screens.help import Help
from tui.screens.picker import Picker
from tui.terminal import host
from tui.terminal.host import TerminalApp
from tui.terminal.manners import Manners
from tui.terminal.twice import MOST, Twice
from tui.themes import DEFAULT, Shelf
from tui.widgets import ascii as letters
from tui.widgets.ink import Ink
from tui.widgets.palette import of_theme, without_colour
from tui.widgets.rows import Tone
from tui.widgets.states import ENDED

CRASHED: Final = 70
"""Exit code of a screen that broke: EX_SOFTWARE of sysexits.h."""
LATE_SECONDS: Final = 5.0
"""A snapshot this old is worth a warning."""


class FetchdeckApp(TerminalApp, inherit_bindings=False):
    """The screen of fetchdeck. It knows a harvest only by `Control` and its snapshots."""

    TITLE = "fetchdeck"
    AUTO_FOCUS = None
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    ESCAPE_TO_MINIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "next_theme", id="view.theme", tooltip="next theme"),
        Binding("question_mark", "explain", "help", id="app.help", tooltip="this page"),
        Binding("q", "leave", "quit", id="app.quit", tooltip="twice: leave; thrice: now"),
        Binding("ctrl+c", "leave", show=False, priority=True, id="app.interrupt", tooltip="as q"),
        *host.BINDINGS,
    ]

    def __init__(
        self,
        *,
        cards: Callable[[], Sequence[SourceCard]],
        start: Callable[[Sequence[str]], Control],
        selected: Sequence[str] = (),
        themes: Sequence[Path] = (),
        theme: str | None = None,
        on_theme: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.time,
        zone: tzinfo | None = None,
        ascii_only: bool | None = None,
        manners: Manners | None = None,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take collaborators. `zone` and `ascii_only` are found out when None; `clock` is for stored times."""
        if os.environ.get("NO_COLOR") == "":
            del os.environ["NO_COLOR"]  # https://no-color.org: an empty value asks for nothing; Textual thinks it does
        self._colourless = "NO_COLOR" in os.environ
        super().__init__(manners=manners, ticks=ticks, ansi_color=True if self._colourless else None)
        self._cards, self._start, self._selected = cards, start, tuple(selected)
        self._on_theme, self._clock, self._zone = on_theme, clock, zone
        ascii_only = self.manners.ascii_only if ascii_only is None else ascii_only
        self._ascii_only = letters.needed(os.environ, locale.getencoding()) if ascii_only is None else ascii_only
        self._control: Control | None = None
        self._deck: Deck | None = None
        self._asked_to_leave = False
        self._twice = Twice(ticks)
        self._notices = Notices(clock)
        self._choice = Choice()
        self._shelf = Shelf(themes)
        self._open_shelf(theme)

    def on_mount(self) -> None:
        """Go to the picker, or straight to work."""
        if self._selected:
            self._begin(self._selected)
        else:
            self.push_screen(Picker(self._frame(), self._cards()))
        self.set_interval(1 / self.pace.hz, self.beat)

    def beat(self) -> None:
        """Draw the next frame if it is time for one."""
        if self.frame_is_due() or self._asked_to_leave:
            self.tick()

    def tick(self) -> None:
        """Pull one snapshot and draw it; leave when that was asked for and nothing runs any more."""
        self._pull()
        self._draw()
        if self._deck is not None:
            self.look_out(self._deck, leaving=self._asked_to_leave)
        if self._asked_to_leave and self._deck is not None and step(self._deck.state, asked=True) is Step.LEAVE:
            self._leave()

    def action_leave(self) -> None:
        """Leave where nothing runs; else ask for a second press, for a paste must never end a harvest."""
        self._take_leave(sure=self._twice.again(float("inf") if self._asked_to_leave else MOST))

    def interrupt(self) -> None:
        """Leave as a signal asks: the first time finish what is in flight, the second time end at once."""
        self._take_leave(sure=True)

    def _take_leave(self, *, sure: bool) -> None:
        self._pull()
        state = None if self._deck is None else self._deck.state
        match step(state, asked=self._asked_to_leave, sure=sure):
            case Step.ASK:
                what = "ends at once" if self._asked_to_leave else "finishes what is in flight and leaves"
                self.say(f"q again {what}", Tone.WARN, seconds=MOST)
            case Step.STOP if self._control is not None:
                self._asked_to_leave = True
                self._control.stop()
                self.say("stopping: finishes what is in flight; q again ends at once", Tone.ACCENT, seconds=1.0)
            case Step.STOP_NOW if self._control is not None:
                self._control.stop_now()
                self._leave()
            case _:
                self._leave()

    def action_next_theme(self) -> None:
        """Read the themes again and turn to the next; a broken file changes nothing and is named."""
        if self._colourless:
            self.say("NO_COLOR is set: themes show no colours", Tone.WARN)
            return
        problems = self._shelf.reload()
        self._wear(self._shelf.after(self.theme))
        self.say(problems[0] if problems else f"theme {self.theme}", Tone.BAD if problems else Tone.TEXT)
        if self._on_theme is not None:
            self._on_theme(self.theme)

    def action_explain(self) -> None:
        """Open the help page of the screen on top."""
        if isinstance(self.screen, Board):
            self.push_screen(Help(self._frame(), self.screen.bindings()))

    def say(self, text: str, tone: Tone = Tone.TEXT, seconds: float = SECONDS) -> None:
        """Show a sentence in the status line for a while."""
        self._notices.say(text, tone, seconds)
        self._draw()

    def on_sources_chosen(self, message: messages.SourcesChosen) -> None:
        """Start what was chosen, or say why not."""
        self._begin(message.names)

    def on_pause_toggled(self, message: messages.PauseToggled) -> None:
        """Pause a source, or go on with it."""
        if self._control is None or self._deck is None:
            return
        states = {group.name: group.state for group in self._deck.groups}
        if states.get(message.source) is State.PAUSED:
            self._control.resume(message.source)
        else:
            self._control.pause(message.source)
        self.tick()

    def on_all_pause_toggled(self, _message: messages.AllPauseToggled) -> None:
        """Pause every source, or go on with all when none runs."""
        if self._control is None or self._deck is None:
            return
        if all(
            group.state is State.PAUSED or step(group.state, asked=False) is Step.LEAVE for group in self._deck.groups
        ):
            self._control.resume()
        else:
            self._control.pause()
        self.tick()

    def on_nudged(self, message: messages.Nudged) -> None:
        """Pin the concurrency of a source one step from where it is."""
        if self._control is not None:
            self._control.nudge(message.source, message.step)
            self.tick()

    def on_capped(self, message: messages.Capped) -> None:
        """Pin the concurrency of a source one step from where it is."""
        if self._control is not None:
            self._control.cap(message.source, message.step)
            self.tick()

    def on_made_automatic(self, message: messages.MadeAutomatic) -> None:
        """Let the controller find the concurrency."""
        if self._control is not None:
            self._control.automatic(message.source)
            self.tick()

    def on_focus_asked(self, _message: messages.FocusAsked) -> None:
        """Show one source alone."""
        self.push_screen(Focus(self._frame(), self._choice))

    def on_panel_broke(self, message: messages.PanelBroke) -> None:
        """Say that a panel is broken, and write down once where."""
        self._notices.report(f"the panel {message.panel!r} cannot be drawn, the harvest goes on", message.error)

    def _begin(self, names: Sequence[str]) -> None:
        try:
            self._control = self._start(names)
        except UsageError as error:
            self._refuse(clean(str(error), 500))
            return
        self._pull()
        if self._deck is None:
            self._refuse("the engine gave no first snapshot; the log file says why")
            return
        board = Dashboard(self._frame(), self._choice)
        if isinstance(self.screen, Picker):
            self.switch_screen(board)
        else:
            self.push_screen(board)

    def _refuse(self, problem: str) -> None:
        if isinstance(self.screen, Picker):
            self.screen.refuse(problem)
        else:
            self.exit(2, return_code=2, message=Text(problem))

    def _leave(self) -> None:
        code = exit_code(None if self._deck is None else self._deck.state)
        self.exit(code, return_code=code)

    def _pull(self) -> None:
        if self._control is None:
            return
        try:
            self._deck = self._control.snapshot()
        except Exception as error:  # noqa: BLE001 - the harvest may be well even when it cannot say so
            self._notices.report("the engine cannot say how it is", error)
            return
        late = self._clock() - self._deck.at
        if late > LATE_SECONDS and self._deck.state not in ENDED:
            self._notices.say(f"the engine has not moved for {late:.0f} s", Tone.WARN, seconds=1)

    def _draw(self) -> None:
        if isinstance(self.screen, Board):
            self.screen.draw(self._frame())

    def _frame(self) -> Frame:
        return Frame(
            deck=self._deck, ink=self._ink, notice=self._notices.current, zone=self._zone, traffic=self.traffic()
        )

    def _open_shelf(self, wanted: str | None) -> None:
        problems = self._shelf.reload()
        if wanted is not None and wanted not in self._shelf.themes:
            problems.append(f"no theme {clean(wanted, 40)!r}; there are {', '.join(sorted(self._shelf.themes))}")
        self._wear(wanted if wanted in self._shelf.themes else DEFAULT)
        if problems:
            self._notices.say(problems[-1], Tone.BAD, seconds=15)

    def _wear(self, name: str | None) -> None:
        theme = self._shelf.themes[name or DEFAULT]
        palette = without_colour() if self._colourless else of_theme(theme)
        self._ink = Ink(palette=palette, ascii_only=self._ascii_only)
        if self._colourless:
            self.theme = "ansi-dark"
            return
        self.register_theme(theme)
        self.theme = theme.name

    def _fatal_error(self) -> None:
        """Leave a report without the values of variables: Textual's own prints them, tokens and all."""
        self._return_code = CRASHED
        if self._exception is not None and not self._exit_renderables:
            self._exit_renderables.append(crash.report(self._exception, crash.write_down(self._exception)))
        self._close_messages_no_wait()
