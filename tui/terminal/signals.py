"""Ends the screen on a signal or a hang-up, even if the screen itself cannot react any more."""

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Final, Self

from tui.common.exit_codes import of_signal
from tui.common.signals import ASKS
from tui.terminal.hangup import Hangup
from tui.terminal.restore import Modes, modes, restore

PATIENCE: Final = 2.0
"""Seconds that the screen has to close once the harvest has ended."""
ENOUGH: Final = 3
"""The signal, counted from one, that ends the process at once."""


class SignalGuard:
    """Calls `leave` on a signal, and ends the process itself if the screen then does not close.

    Textual alone leaves the terminal raw after SIGTERM and SIGHUP. A handler in its event loop is not enough: a stalled
    terminal blocks that loop, and the signal would be ignored. So a thread waits for the harvest and then for the
    screen, and restores the terminal by itself.

    A terminal that is gone counts as SIGHUP. If SIGHUP is ignored from outside (nohup, setsid), the harvest is meant to
    go on: the screen closes, and `detached` says that nobody watches the harvest.

    Args:
        leave: asks the screen to close; called once for each signal, in any thread.
        ended: waits until the harvest has ended; called in its own thread.
        gone: detaches the screen from a terminal that is gone; called in any thread.
        detach: closes the screen and lets the harvest go on; called in any thread.
        give_up: ends the process; by default after restoring the terminal.
    """

    def __init__(
        self,
        *,
        leave: Callable[[], object],
        ended: Callable[[], object],
        gone: Callable[[], object] = lambda: None,
        detach: Callable[[], object] = lambda: None,
        give_up: Callable[[int], object] | None = None,
        patience: float = PATIENCE,
        hangup: Callable[[Callable[[], object]], Hangup] = Hangup,
    ) -> None:
        self.first: signal.Signals | None = None
        """The first signal received."""
        self.detached = False
        self._leave, self._ended, self._gone, self._detach = leave, ended, gone, detach
        self._modes: Modes | None = modes()
        self._give_up = give_up or self._end_process
        self._patience = patience
        self._closed = threading.Event()
        self._count = 0
        self._before: dict[signal.Signals, signal._HANDLER] = {}
        self._hangup = hangup(self._hung_up)

    def __enter__(self) -> Self:
        for number in (*ASKS, signal.SIGQUIT):
            before = signal.getsignal(number)
            if before is not signal.SIG_IGN:
                self._before[number] = before
                signal.signal(number, self._quit if number is signal.SIGQUIT else self._signalled)
        self._hangup.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closed.set()
        self._hangup.stop()
        for number, before in self._before.items():
            signal.signal(number, before)

    def _signalled(self, number: int, _frame: FrameType | None) -> None:
        self._count += 1
        if self._count >= ENOUGH:
            self._give_up(of_signal(self.first))
        self._begin_to_end(signal.Signals(number))
        self._leave()

    def _quit(self, _number: int, _frame: FrameType | None) -> None:
        """Restore the terminal, then do what SIGQUIT does by default."""
        restore(self._modes)
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGQUIT)

    def _hung_up(self) -> None:
        self._gone()
        if signal.SIGHUP not in self._before:
            self.detached = True
            self._detach()
        elif self.first is None:  # the kernel may have sent SIGHUP too: whichever comes first counts
            self._begin_to_end(signal.SIGHUP)
            self._leave()

    def _begin_to_end(self, by: signal.Signals) -> None:
        if self.first is None:
            self.first = by
            threading.Thread(target=self._watch, name="signal-guard", daemon=True).start()

    def _watch(self) -> None:
        # Runs in its own thread: the main thread may be blocked by the very terminal that has to be restored.
        self._ended()
        if not self._closed.wait(self._patience):
            self._give_up(of_signal(self.first))

    def _end_process(self, code: int) -> None:
        restore(self._modes)
        os._exit(code)
