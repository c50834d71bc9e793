"""The terminal as Textual drives it, made to survive terminals that stall, stop and vanish."""

import os
import signal
import termios
import time
import tty
from contextlib import suppress
from typing import Any, Final, Protocol, cast

from textual.app import App
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver

from tui.terminal.osc import RESTORE_TITLE
from tui.terminal.traffic import Line
from tui.terminal.writer import Writer

_ASLEEP: Final = b"fetchdeck is suspended and the harvest stands still; `fg` goes on\r\n"


MOUSE_ON: Final = "\x1b[?1000h\x1b[?1006h"
"""Clicks and the wheel, by cells: what moves without a button would cost more than all the rest of the screen."""
MOUSE_OFF: Final = "\x1b[?1000l\x1b[?1006l"
_POINTER: Final = "\x1b]22;"
"""Shapes of a mouse pointer: of no use without a mouse, and old consoles print them."""


class Host(Protocol):
    """What the driver needs of the app."""

    line: Line

    def continued(self, seconds: float | None) -> None:
        """Go on after a stop of so many seconds; None where nobody knows how many."""

    def input_broke(self, error: Exception) -> None:
        """Take note that nothing can be read from the terminal any more."""


class DeckDriver(LinuxDriver):
    """Writes through `Writer`, ends its input with its terminal, and knows how long it was suspended."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        self._host = cast("Host", app)
        self._writer: Writer | None = None
        self._asleep_since = 0.0
        super().__init__(app, debug=debug, mouse=mouse, size=size)

    @property
    def _writer_thread(self) -> WriterThread | None:
        return self._writer

    @_writer_thread.setter
    def _writer_thread(self, wanted: WriterThread | None) -> None:
        """Put our writer in the place of the one that `start_application_mode` makes."""
        self._writer = None if wanted is None or self._file is None else Writer(self._file, self._host.line)

    def write(self, data: str) -> None:
        """Write to the terminal; before there is one to write to, and after, nothing happens."""
        if self._writer is not None and not data.startswith(_POINTER):
            self._writer.write(data)

    def report_mouse(self, *, wanted: bool) -> None:
        """Have the terminal report its mouse, or leave it to the terminal."""
        self._disable_mouse_support()
        self._mouse = wanted
        self._enable_mouse_support()

    def _enable_mouse_support(self) -> None:
        if self._mouse:
            self.write(MOUSE_ON)

    def _disable_mouse_support(self) -> None:
        if self._mouse:
            self.write(MOUSE_OFF)

    def _enable_mouse_pixels(self) -> None:
        """Do without: cells are enough, and a terminal that is resized may go on counting pixels."""

    def stop_application_mode(self) -> None:
        """Give the title back, then all the rest."""
        self.write(RESTORE_TITLE)
        super().stop_application_mode()

    def hang_up(self) -> None:
        """Write and read no more: the terminal has gone. Safe from any thread."""
        self._host.line.gone = True
        self.exit_event.set()

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except OSError:
            self.exit_event.set()
        except Exception as error:  # noqa: BLE001 -- whatever a terminal sent must end in a report, not in silence
            self._app.call_later(self._host.input_broke, error)

    def _sigtstp_application(self, *_: object) -> None:
        self._asleep_since = time.time()
        if self._auto_restart and not self._must_signal_resume:
            self.suspend_application_mode()
            self._must_signal_resume = True
            os.write(self.fileno, _ASLEEP)
        os.kill(os.getpid(), signal.SIGSTOP)

    def _be_raw(self) -> None:
        """Set the terminal's modes again: a shell that saw us stop has set its own. In its background we stop here."""
        with suppress(termios.error):
            modes = termios.tcgetattr(self.fileno)
            modes[tty.LFLAG] = self._patch_lflag(modes[tty.LFLAG])
            modes[tty.IFLAG] = self._patch_iflag(modes[tty.IFLAG])
            modes[tty.CC][termios.VMIN] = 1
            termios.tcsetattr(self.fileno, termios.TCSANOW, modes)

    def _sigcont_application(self, *_: object) -> None:
        """Go on. After a SIGSTOP, which nobody can catch, the screen still stands and is only painted anew."""
        asleep = self._must_signal_resume
        if not asleep:
            self._be_raw()
        elif self._auto_restart:
            self.resume_application_mode()
        if not self._must_signal_resume:  # else a background job was continued, and has stopped again
            self._app.call_later(self._host.continued, time.time() - self._asleep_since if asleep else None)
