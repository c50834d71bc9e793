"""The signals that ask a harvest to end: Ctrl+C, a service manager's SIGTERM, a lost terminal's SIGHUP."""

import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Final, Self

ASKS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """Calls `asked` with each signal, in the main thread. The third signal has its default effect again.

    A signal that is ignored from outside (SIGHUP under nohup) stays ignored.
    """

    def __init__(self, asked: Callable[[signal.Signals], object]) -> None:
        self._asked = asked
        self._before: dict[signal.Signals, signal._HANDLER] = {}
        self._count = 0

    def __enter__(self) -> Self:
        for number in ASKS:
            before = signal.getsignal(number)
            if before is not signal.SIG_IGN:
                self._before[number] = before
                signal.signal(number, self._handle)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._restore()

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self._count += 1
        if self._count == 2:
            self._restore()  # so that a third signal ends the process even if the harvest hangs
        self._asked(signal.Signals(number))

    def _restore(self) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)
