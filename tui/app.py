"""The Textual app: it pulls a snapshot for every frame, hands it to the screen on top, and carries out commands."""

import locale
import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import ClassVar, Final

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType

from engine.control import Control
from engine.errors import UsageError
from engine.snapshot import Deck, SourceCard
from engine.text import clean
from tui import crash, messages
from tui.errands import Errands
from tui.leaving import Step, exit_code, step
from tui.looked import Looked, LookedFile
from tui.notices import SECONDS, Notices
from tui.outlook import Archive, Outlook
from tui.screens.board import Board
from tui.screens.choice import Choice
from tui.screens.dashboard import Dashboard
from tui.screens.frame import Frame
from tui.screens.picker import Picker
from tui.terminal import host
from tui.terminal.host import TerminalApp
from tui.terminal.manners import Manners
from tui.terminal.twice import MOST, Twice
from tui.visits import Visits
from tui.wardrobe import Wardrobe
from tui.widgets import ascii as letters
from tui.widgets.rows import Tone
from tui.widgets.states import ENDED

CRASHED: Final = 70
"""Exit code of a screen that broke: EX_SOFTWARE of sysexits.h."""
LATE_SECONDS: Final = 5.0
"""A snapshot this old is worth a warning."""


class FetchdeckApp(Visits, Outlook, TerminalApp, inherit_bindings=False):
    """The screen of fetchdeck. It knows a harvest only by `Control` and its snapshots."""

    TITLE = "fetchdeck"
    AUTO_FOCUS = None
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    ESCAPE_TO_MINIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("colon,ctrl+p", "commands", "commands", show=False, id="app.commands", tooltip="any action by name"),
        Binding("C", "coverage", "coverage", show=False, id="view.coverage", tooltip="which parts are there"),
        Binding("c", "changes", "changes", show=False, id="view.changes", tooltip="what changed since last time"),
        Binding("T", "themes", id="view.themes", tooltip="choose a theme"),
        Binding("question_mark", "explain", "help", id="app.help", tooltip="this page"),
        Binding("q", "leave", "quit", id="app.quit", tooltip="twice: leave; thrice: now"),
        Binding("ctrl+c", "interrupt", show=False, priority=True, id="app.interrupt", tooltip="as q"),
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
        errands: Errands | None = None,
        archive: Archive | None = None,
        looked: Looked | None = None,
        keys: Mapping[str, str] | None = None,
        manners: Manners | None = None,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take collaborators. `keys` are keys by binding id. What is None is found out; `clock` is for stored times."""
        if os.environ.get("NO_COLOR") == "":
            del os.environ["NO_COLOR"]  # https://no-color.org: an empty value asks for nothing; Textual thinks it does
        colourless = "NO_COLOR" in os.environ
        super().__init__(manners=manners, ticks=ticks, ansi_color=True if colourless else None)
        self._cards, self._start, self._selected = cards, start, tuple(selected)
        self._on_theme, self._clock, self._zone = on_theme, clock, zone
        ascii_only = self.manners.ascii_only if ascii_only is None else ascii_only
        self._control: Control | None = None
        self._deck: Deck | None = None
        self._asked_to_leave = False
        self._twice = Twice(ticks)
        self._errands = errands or Errands.usual(clock)
        self._archive = archive
        self._looked = looked or LookedFile()
        self._notices = Notices(clock)
        self._choice = Choice()
        self._wardrobe = Wardrobe(
            folders=themes,
            wanted=theme,
            colourless=colourless,
            ascii_only=letters.needed(os.environ, locale.getencoding()) if ascii_only is None else ascii_only,
        )
        self.set_keymap(keys or {})
        self._dress()
        if self._wardrobe.problems:
            self._notices.say(self._wardrobe.problems[-1], Tone.BAD, seconds=15)

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

    def action_interrupt(self) -> None:
        """Close a prompt; where none is open, leave."""
        if not (isinstance(self.screen, Board) and self.screen.cancel()):
            self.action_leave()

    def say(self, text: str, tone: Tone = Tone.TEXT, seconds: float = SECONDS) -> None:
        """Show a sentence in the status line for a while."""
        self._notices.say(text, tone, seconds)
        self._draw()

    def on_sources_chosen(self, message: messages.SourcesChosen) -> None:
        """Start what was chosen, or say why not."""
        self._begin(message.names)

    @on(messages.Told)
    def tell_engine(self, message: messages.Told) -> None:
        """Tell the engine what a screen asks for."""
        if self._control is None or self._deck is None:
            return
        said = message.tell(self._control, self._deck)
        if said:
            self.say(said)
        self.tick()

    def on_theme_tried(self, message: messages.ThemeTried) -> None:
        """Wear a theme; remember it where it is kept."""
        self._wear(message.name)
        if message.kept:
            self.say(f"theme {message.name}")
            if self._on_theme is not None:
                self._on_theme(message.name)

    def on_panel_broke(self, message: messages.PanelBroke) -> None:
        """Say that a panel is broken, and write down once where."""
        self._notices.report(f"the panel {message.panel!r} cannot be drawn, the harvest goes on", message.error)

    def _begin(self, names: Sequence[str]) -> None:
        try:
            self.enter(self._start(names))
        except UsageError as error:
            self._refuse(clean(str(error), 500))

    def enter(self, control: Control) -> None:
        """Show a harvest that has just been started, in the place of the picker and of what lies over it."""
        self._control = control
        self._pull()
        if self._deck is None:
            self._refuse("the engine gave no first snapshot; the log file says why")
            return
        board = Dashboard(self._frame(), self._choice)
        if any(isinstance(screen, Picker) for screen in self.screen_stack):
            while not isinstance(self.screen, Picker):
                self.pop_screen()
        if isinstance(self.screen, Picker):
            self.switch_screen(board)
        else:
            self.push_screen(board)
        self.greet()

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
        for screen in self.screen_stack[-1:]:  # none is left when a frame comes while the app closes
            if isinstance(screen, Board):
                screen.draw(self._frame())

    def _frame(self) -> Frame:
        return Frame(
            deck=self._deck,
            ink=self._wardrobe.ink,
            notice=self._notices.current,
            zone=self._zone,
            at=self._clock() if self._deck is None else self._deck.at,
            traffic=self.traffic(),
        )

    def _wear(self, name: str) -> None:
        self._wardrobe.wear(name)
        self._dress()
        self._draw()

    def _dress(self) -> None:
        """Tell Textual what is worn: it paints what lies between the panels."""
        if self._wardrobe.colourless:
            self.theme = "ansi-dark"
            return
        self.register_theme(self._wardrobe.worn)
        self.theme = self._wardrobe.worn.name

    def _fatal_error(self) -> None:
        """Leave a report without the values of variables: Textual's own prints them, tokens and all."""
        self._return_code = CRASHED
        if self._exception is not None and not self._exit_renderables:
            self._exit_renderables.append(crash.report(self._exception, crash.write_down(self._exception)))
        self._close_messages_no_wait()
