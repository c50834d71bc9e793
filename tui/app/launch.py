"""A harvest on the screen: gives the app what it needs, and cleans up behind it."""

import gc
import logging
import os
import signal
import time
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from engine.common.atomic_file import read_owned, write_owned
from engine.common.paths import config_folder, state_file
from engine.config.settings import Settings
from engine.harvest.engine_thread import EngineThread
from engine.model.coverage import Part
from engine.model.snapshot import Changes, SourceCard
from engine.storage.history import read_history
from tui.app.config_writer import Keeper
from tui.app.interruption import Watched
from tui.headless.summary import HarvestResult, Stopwatch
from tui.terminal.hangup import is_there
from tui.terminal.preferences import TerminalPreferences, is_old
from tui.terminal.restore import give_away
from tui.terminal.signals import SignalGuard
from tui.wiring.builder import Wiring
from tui.wiring.source_cards import card

SCREEN_WITHIN: Final = 1.0
"""Seconds the screen has to pass a signal on to the engine."""
DRAIN_WITHIN: Final = 2.0
"""Seconds that what is in flight has after a signal; then it is left, and fetched again by the next run."""
LEAVE_WITHIN: Final = 5.0
"""Seconds the engine has to end once the screen is gone."""
log: Final = logging.getLogger("fetchdeck.screen")


class ScreenSession:
    """Holds the engine that the screen starts, or that was started for it."""

    def __init__(self, wiring: Wiring) -> None:
        self.stopwatch: Final = Stopwatch()
        self.watched: Watched | None = None
        self._wiring = wiring
        self._launch: Callable[[], None] | None = None

    def start(self, names: Sequence[str]) -> Watched:
        """Make the engine ready, once; later calls return the same. `go` starts it.

        Raises:
            UsageError: something is wrong with a source or the database.
        """
        if self.watched is None:
            engine = self._wiring.engine(names, self.stopwatch.hear)
            engine.open()
            self.watched, self._launch = Watched(engine, self._fill), engine.launch
        return self.watched

    def go(self) -> None:
        """Let the engine run, once: loading what it is made of takes longer than the screen's first frame."""
        launch, self._launch = self._launch, None
        if launch is not None:
            gc.freeze()  # what is loaded stays: the collector, which holds up a key meanwhile, need not look through it
            launch()

    @property
    def database(self) -> str:
        """The file that rows go to."""
        return str(self._wiring.database)

    def changes(self) -> Changes:
        """Say which rows are new, changed, renamed or gone.

        Raises:
            UsageError: the database cannot be read.
        """
        from engine.storage.change_feed import read_changes  # noqa: PLC0415 -- not needed for the first frame

        return read_changes(self._wiring.database)

    def parts(self, source: str) -> Sequence[Part]:
        """List the parts of a source that does not run.

        Raises:
            UsageError: its settings are wrong, or the database cannot be read.
        """
        from engine.storage.coverage_map import coverage_map  # noqa: PLC0415 -- not needed for the first frame

        with coverage_map(self._wiring.database, self._wiring.prepare(source).source, now=time.time()) as found:
            return found.shown()

    def begin(self, source: str, parts: Sequence[str]) -> Watched:
        """Start a harvest that fills parts of a source, and nothing besides.

        Raises:
            UsageError: there is nothing to fill, or something is wrong with the source or the database.
        """
        if self.watched is None:
            self.watched = Watched(self._fill(source, parts), self._fill)
        return self.watched

    def _fill(self, source: str, parts: Sequence[str]) -> EngineThread:
        engine = self._wiring.engine([source], self.stopwatch.hear, fills=parts)
        engine.start()
        return engine

    def cards(self) -> Sequence[SourceCard]:
        """Describe every installed source for the picker."""
        history = read_history(self._wiring.database)
        return [card(self._wiring, name, history, time.time()) for name in self._wiring.names()]

    def see_end(self) -> None:
        """Wait until the engine has ended; ask it to, where a screen that hangs has not, and do not wait for ever."""
        if self.watched is None:
            return
        self.go()
        if not self.watched.wait(SCREEN_WITHIN) and not self.watched.interrupted:
            self.watched.stop()
        if not self.watched.wait(DRAIN_WITHIN):
            self.watched.stop_now()
        self.watched.wait(LEAVE_WITHIN)

    def carry_on(self) -> None:
        """Let the harvest go on to its end without a screen."""
        if self.watched is not None:
            self.go()
            log.warning("the terminal has gone and SIGHUP is ignored: the harvest goes on without a screen")
            self.watched.wait()

    def end(self) -> HarvestResult:
        """Wait for the engine, which the screen has told to end, and say how it ended."""
        if self.watched is None:
            return HarvestResult()
        self.go()
        if not self.watched.wait(0):
            self.watched.stop_now()
            self.watched.wait(LEAVE_WITHIN)
        return HarvestResult(
            deck=self.watched.snapshot(),
            interrupted=self.watched.interrupted,
            durations=self.stopwatch.durations(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenResult:
    """How a screen came to its end."""

    crashed: bool
    by: signal.Signals | None


def show(
    wiring: Wiring, names: Sequence[str], manners: TerminalPreferences, set_up: Callable[[], object] | None = None
) -> HarvestResult:
    """Run the app until the person leaves. With names the harvest starts before the screen, so that errors are lines.

    `set_up` is called where the person would rather have `fetchdeck init`; the app then ends.

    Raises:
        UsageError: something is wrong before anything has started.
    """
    stage = ScreenSession(wiring)
    keys = _keys(wiring.settings)
    if names:
        stage.start(names)
    else:
        stage.cards()
    try:
        closed = _run_app(stage, wiring, names, manners, keys, set_up)
    finally:
        ended = stage.end()
    return replace(ended, crashed=closed.crashed, by=closed.by)


def _keys(settings: Settings) -> Mapping[str, str]:
    """Check the person's own keys; where there are none, nothing is loaded for it."""
    if not settings.keys:
        return {}
    from tui.app.keymap import checked  # noqa: PLC0415 -- Textual costs 400 ms

    return checked(settings)


def _run_app(
    stage: ScreenSession,
    wiring: Wiring,
    names: Sequence[str],
    manners: TerminalPreferences,
    keys: Mapping[str, str],
    set_up: Callable[[], object] | None,
) -> ScreenResult:
    """Run the app; an exception that ends it has been reported by it."""
    tell_textual(os.environ)
    from tui.app.app import FetchdeckApp  # noqa: PLC0415 -- Textual reads the environment when it is imported

    app = FetchdeckApp(
        cards=stage.cards,
        start=stage.start,
        go=stage.go,
        archive=stage,
        selected=names,
        themes=[config_folder() / "themes"],
        theme=wiring.settings.theme or remembered_theme(),
        on_theme=_remember_theme,
        manners=manners,
        keys=keys,
        keeper=Keeper(wiring.settings.origin.file),
        set_up=set_up,
        greeting="" if wiring.settings.sources else "nothing configured yet: i sets it up",
    )
    with SignalGuard(
        leave=lambda: app.call_later(app.interrupt),
        ended=stage.see_end,
        gone=app.hang_up,
        detach=lambda: app.call_later(app.exit, 0),
    ) as lifeline:
        app.run(mouse=manners.mouse)
        if not is_there(0):
            give_away()
        if lifeline.detached:
            stage.carry_on()
    return ScreenResult(crashed=app.return_value is None, by=lifeline.first)


def tell_textual(environ: MutableMapping[str, str]) -> None:
    """Set what Textual reads from the environment when it is imported."""
    if environ.get("SSH_CONNECTION"):
        # A dropped line would leave the keyboard protocol on: https://github.com/kovidgoyal/kitty/issues/8800
        environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
    if is_old(environ):
        environ.pop("COLORTERM", None)  # passed on from another terminal: a console has 16 colours


def remembered_theme() -> str | None:
    """Return the theme that was last chosen."""
    name = read_owned(state_file()).get("theme")
    return name if isinstance(name, str) else None


def _remember_theme(name: str) -> None:
    """Keep the choice for next time; a folder that cannot be written is no reason to disturb a harvest."""
    with suppress(OSError):
        write_owned(state_file(), read_owned(state_file()) | {"theme": name})
