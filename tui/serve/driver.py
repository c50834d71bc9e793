"""The driver of a served screen: Textual's web driver, but it ends like a lost terminal."""

import asyncio
import os
import signal
from functools import partial
from typing import Any, Final

from textual.app import App
from textual.drivers.web_driver import WebDriver

_MOUSE: Final = ("\x1b[?1000", "\x1b[?1002", "\x1b[?1003", "\x1b[?1006", "\x1b[?1015")
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class ServedDriver(WebDriver):
    """Reports a browser that is gone as SIGHUP, on which a harvest ends as usual."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._gone = False
        self._write = partial(self._write_whole)

    def write(self, data: str) -> None:
        """Write to the browser; without the mouse, leave out its sequences."""
        if self._mouse or not data.startswith(_MOUSE):
            super().write(data)

    def start_application_mode(self) -> None:
        """Start, and restore the previous signal handlers: Textual's would end only the screen, not the harvest."""
        # Textual's web driver installs its handlers while it starts, so they are replaced right after.
        before = {number: signal.getsignal(number) for number in _SIGNALS}
        super().start_application_mode()
        loop = asyncio.get_running_loop()
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)

    def on_meta(self, packet_type: str, payload: dict[str, object]) -> None:
        """Handle a message of the server; "quit" means that the browser is gone."""
        if packet_type == "quit":
            self._hang_up()
        else:
            super().on_meta(packet_type, payload)

    def run_input_thread(self) -> None:
        """Read until the server is gone or the screen has closed."""
        super().run_input_thread()
        self._hang_up()

    def _write_whole(self, data: bytes) -> int:
        """Write all bytes, because a partial packet garbles the following ones; after a hang-up, drop them."""
        rest = memoryview(data)
        while rest and not self._gone:
            try:
                rest = rest[os.write(self.fileno, rest) :]
            except OSError:
                self._hang_up()
        return len(data)

    def _hang_up(self) -> None:
        """Raise SIGHUP once, unless the screen is closing already."""
        before, self._gone = self._gone, True
        if not before and not self.exit_event.is_set():
            os.kill(os.getpid(), signal.SIGHUP)
