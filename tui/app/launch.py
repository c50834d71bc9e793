"""Runs a harvest on the screen: builds what the app needs, and cleans up afterwards."""

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
from engine.common.errors import UsageError
from engine.common.paths import config_folder, state_file
from engine.config.settings import Settings
from engine.harvest.engine_thread import EngineThread
from engine.model.changes import Changes
from engine.model.commands import Stop, StopNow, Tune
from engine.model.coverage import Part
from engine.model.source_card import SourceCard
from engine.storage.history import read_history
from engine.storage.reader import OnDisk
from tui.app.config_writer import ConfigWriter
from tui.common.config_watch import ConfigWatch
from tui.headless.summary import HarvestResult, Stopwatch
from tui.terminal.hangup import is_there
from tui.terminal.preferences import TerminalPreferences, is_old
from tui.terminal.restore import give_away
from tui.terminal.signals import SignalGuard
from tui.wiring.builder import Wiring
from tui.wiring.source_cards import card

SCREEN_WITHIN: Final = 1.0
"""Seconds that the screen has to pass a signal on to the engine."""
DRAIN_WITHIN: Final = 2.0
"""Seconds that requests in flight have after a signal. The next run fetches again what is cut off."""
LEAVE_WITHIN: Final = 5.0
"""Seconds that the engine has to end once the screen is gone."""
log: Final = logging.getLogger("fetchdeck.screen")


class ScreenSession:
    """Holds the engine that the screen starts, or that was started for it."""

    def __init__(self, wiring: Wiring) -> None:
        self.stopwatch: Final = Stopwatch()
        self.engine: EngineThread | None = None
        self._wiring = wiring
        self._launch: Callable[[], None] | None = None

    def start(self, names: Sequence[str]) -> EngineThread:
        """Build the engine, once; later calls return the same. `go` starts it.

        Raises:
            UsageError: a source or the database cannot be used.
        """
        if self.engine is None:
            engine = self._wiring.engine(names, self.stopwatch.on_event, on_screen=True)
            engine.open()
            self.engine, self._launch = engine, engine.launch
        return self.engine

    def go(self) -> None:
        """Start the engine, once.

        It is called after the first frame, because loading the engine takes longer than that frame.
        """
        launch, self._launch = self._launch, None
        if launch is not None:
            gc.freeze()  # the modules stay for ever; without this, every full collection walks them and delays a key
            launch()

    @property
    def database(self) -> str:
        """The path of the database."""
        return str(self._wiring.database)

    def changes(self) -> Changes:
        """Return the rows that are new, changed, renamed or gone.

        Raises:
            UsageError: the database cannot be read.
        """
        return OnDisk((), self._wiring.database, time.time).changes()

    def parts(self, source: str) -> Sequence[Part]:
        """Return the parts of a source that does not run.

        Raises:
            UsageError: its settings are invalid, or the database cannot be read.
        """
        return OnDisk([self._wiring.prepare(source).source], self._wiring.database, time.time).parts(source)

    def begin(self, source: str, parts: Sequence[str]) -> EngineThread:
        """Start a harvest that only fills parts of a source, in place of one that has ended.

        Raises:
            UsageError: one still runs, there is nothing to fill, or the source or the database cannot be used.
        """
        if self.engine is not None and not self.engine.wait(SCREEN_WITHIN):
            raise UsageError("the harvest is still ending: try again in a moment")
        engine = self._wiring.engine([source], self.stopwatch.on_event, fills=parts, on_screen=True)
        for group in self.engine.snapshot().groups if self.engine is not None else ():
            if group.name == source:
                engine.send(Tune(source, group.tuning))  # with the changes made while it ran, saved or not
        engine.start()
        self.engine = engine
        return engine

    def cards(self) -> Sequence[SourceCard]:
        """Describe every installed source for the picker."""
        history = read_history(self._wiring.database)
        return [card(self._wiring, name, history, time.time()) for name in self._wiring.names()]

    def see_end(self) -> None:
        """Wait until the engine has ended, for a limited time.

        A screen that hangs has not passed the signal on, so stop the engine here.
        """
        if self.engine is None:
            return
        self.go()
        if not self.engine.wait(SCREEN_WITHIN) and not self.engine.interrupted:
            self.engine.send(Stop())
        if not self.engine.wait(DRAIN_WITHIN):
            self.engine.send(StopNow())
        self.engine.wait(LEAVE_WITHIN)

    def carry_on(self) -> None:
        """Let the harvest run to its end without a screen."""
        if self.engine is not None:
            self.go()
            log.warning("the terminal has gone and SIGHUP is ignored: the harvest goes on without a screen")
            self.engine.wait()

    def end(self) -> HarvestResult:
        """Wait for the engine, which the screen has asked to end, and return how it ended."""
        if self.engine is None:
            return HarvestResult()
        self.go()
        if not self.engine.wait(0):
            self.engine.send(StopNow())
            self.engine.wait(LEAVE_WITHIN)
        return HarvestResult(
            deck=self.engine.snapshot(),
            interrupted=self.engine.interrupted,
            durations=self.stopwatch.durations(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenResult:
    """How a screen ended."""

    crashed: bool
    by: signal.Signals | None


def show(
    wiring: Wiring, names: Sequence[str], preferences: TerminalPreferences, set_up: Callable[[], object] | None = None
) -> HarvestResult:
    """Run the app until the user leaves. With names, the harvest starts first, so that errors are printed as lines.

    `set_up` is called if the user asked for `fetchdeck init`; the app then ends.

    Raises:
        UsageError: something is invalid, before anything has started.
    """
    session = ScreenSession(wiring)
    keys = _keys(wiring.settings)
    if names:
        session.start(names)
    else:
        session.cards()
    writer = ConfigWriter(wiring.settings.origin.file)
    config = _watch(wiring, writer) if wiring.rereads else None
    try:
        result = _run_app(session, wiring, names, preferences, keys, set_up, writer, config)
    finally:
        ended = session.end()
    return replace(ended, crashed=result.crashed, by=result.by, edit=config.edit if config else None)


def _watch(wiring: Wiring, writer: ConfigWriter) -> ConfigWatch:
    """Watch the configuration. What `S` writes is no edit."""

    def reread() -> Settings:
        settings = wiring.reread()
        _keys(settings)
        return settings

    return ConfigWatch(settings=wiring.settings, reread=reread, own=lambda: writer.content)


def _keys(settings: Settings) -> Mapping[str, str]:
    """Check the user's own keys. Without any, Textual is not imported for them."""
    if not settings.keys:
        return {}
    from tui.app.keymap import checked  # noqa: PLC0415 -- Textual costs 400 ms

    return checked(settings)


def _run_app(
    session: ScreenSession,
    wiring: Wiring,
    names: Sequence[str],
    preferences: TerminalPreferences,
    keys: Mapping[str, str],
    set_up: Callable[[], object] | None,
    writer: ConfigWriter,
    config: ConfigWatch | None,
) -> ScreenResult:
    """Run the app. An exception that ends it was reported already."""
    tell_textual(os.environ)
    from tui.app.app import FetchdeckApp  # noqa: PLC0415 -- Textual reads the environment when it is imported

    app = FetchdeckApp(
        cards=session.cards,
        start=session.start,
        go=session.go,
        stored_data=session,
        selected=names,
        themes=[config_folder() / "themes"],
        theme=wiring.settings.theme or remembered_theme(),
        on_theme=_remember_theme,
        preferences=preferences,
        keys=keys,
        settings_writer=writer,
        config=config,
        set_up=set_up,
        greeting="" if wiring.settings.sources else "nothing configured yet: i sets it up",
    )
    with SignalGuard(
        leave=lambda: app.call_later(app.interrupt),
        ended=session.see_end,
        gone=app.hang_up,
        detach=lambda: app.call_later(app.exit, 0),
    ) as guard:
        app.run(mouse=preferences.mouse)
        if not is_there(0):
            give_away()
        if guard.detached:
            session.carry_on()
    return ScreenResult(crashed=app.return_value is None, by=guard.first)


def tell_textual(environ: MutableMapping[str, str]) -> None:
    """Set the environment variables that Textual reads when it is imported."""
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
    """Store the chosen theme. A failure to write is ignored: it must not disturb a harvest."""
    with suppress(OSError):
        write_owned(state_file(), read_owned(state_file()) | {"theme": name})
