"""Textual's terminal driver, extended for terminals that stall, are suspended or disappear."""

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
"""Reports of clicks and the wheel, in cells.

Textual also asks for every movement (1003): 50 movements a second cost 12 % of a CPU core on a screen like ours.
"""
MOUSE_OFF: Final = "\x1b[?1000l\x1b[?1006l"
_POINTER: Final = "\x1b]22;"
"""The sequence that shapes the mouse pointer. Old consoles print it as text, so it is not sent."""


class Host(Protocol):
    """The part of the app that the driver uses."""

    line: Line

    def continued(self, seconds: float | None) -> None:
        """Resume after a suspension of so many seconds; None if the duration is unknown."""

    def input_broke(self, error: Exception) -> None:
        """Handle that nothing can be read from the terminal any more."""


class DeckDriver(LinuxDriver):
    """Writes through `Writer`, stops reading when the terminal is gone, and measures suspensions."""

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
        """Replace the writer that `start_application_mode` creates by ours."""
        self._writer = None if wanted is None or self._file is None else Writer(self._file, self._host.line)

    def write(self, data: str) -> None:
        """Write to the terminal; before it is opened and after it is closed, do nothing."""
        if self._writer is not None and not data.startswith(_POINTER):
            self._writer.write(data)

    def report_mouse(self, *, wanted: bool) -> None:
        """Turn mouse reports on or off."""
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
        """Do nothing.

        Cells are precise enough. After a resize, Textual 8.2.8 may go on counting pixels, which misplaces clicks.
        """

    def stop_application_mode(self) -> None:
        """Restore the terminal's title, then everything else."""
        self.write(RESTORE_TITLE)
        super().stop_application_mode()

    def hang_up(self) -> None:
        """Stop writing and reading, because the terminal is gone. Safe to call from any thread."""
        self._host.line.gone = True
        self.exit_event.set()

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except OSError:
            self.exit_event.set()
        except Exception as error:  # noqa: BLE001 -- an error in a thread would otherwise be lost without a report
            self._app.call_later(self._host.input_broke, error)

    def _sigtstp_application(self, *_: object) -> None:
        self._asleep_since = time.time()
        if self._auto_restart and not self._must_signal_resume:
            self.suspend_application_mode()
            self._must_signal_resume = True
            os.write(self.fileno, _ASLEEP)
        os.kill(os.getpid(), signal.SIGSTOP)

    def _be_raw(self) -> None:
        """Set the terminal's modes again, because a shell that saw us stop has set its own.

        A background process that sets modes is stopped by SIGTTOU, so this call may stop us again.
        """
        with suppress(termios.error):
            modes = termios.tcgetattr(self.fileno)
            modes[tty.LFLAG] = self._patch_lflag(modes[tty.LFLAG])
            modes[tty.IFLAG] = self._patch_iflag(modes[tty.IFLAG])
            modes[tty.CC][termios.VMIN] = 1
            termios.tcsetattr(self.fileno, termios.TCSANOW, modes)

    def _sigcont_application(self, *_: object) -> None:
        """Resume.

        After SIGSTOP, which cannot be caught, the screen is still in place and only needs a repaint.
        """
        asleep = self._must_signal_resume
        if not asleep:
            self._be_raw()
        elif self._auto_restart:
            self.resume_application_mode()
        if not self._must_signal_resume:  # otherwise it was continued in the background and has stopped again
            self._app.call_later(self._host.continued, time.time() - self._asleep_since if asleep else None)
