"""What the screen costs: bytes a second to the terminal and processor time, in a real pseudo-terminal.

The deck is pretended: five sources with 49 workers, whose numbers come from arithmetic. "rush" moves as 500 requests a
second would: every number, every worker and every log line changes in every frame.
"""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from engine.snapshot import Deck, State
from tui import sample
from tui.picture import Still
from tui.sample_log import log
from tui.terminal.manners import Manners

WARM_UP: Final = 2.5
SECONDS: Final = 6.0
RUSH: Final = 125
"""The sample log moves four lines a second."""
BLUR: Final = b"\x1b[O"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row of the table."""

    what: str
    deck: str
    size: tuple[int, int] = (80, 24)
    options: tuple[str, ...] = ()
    typed: bytes = b""


CASES: Final = (
    Case(what="nothing changes", deck="still"),
    Case(what="only the clock", deck="clock"),
    Case(what="rush, 4 Hz", deck="rush"),
    Case(what="rush, 4 Hz", deck="rush", size=(120, 40)),
    Case(what="rush, 4 Hz", deck="rush", size=(200, 60)),
    Case(what="rush, `--hz 1`", deck="rush", options=("--hz", "1")),
    Case(what="rush, `--slow`", deck="rush", options=("--slow",)),
    Case(what="rush, `--slow`", deck="rush", size=(200, 60), options=("--slow",)),
    Case(what="rush, not looked at", deck="rush", typed=BLUR),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a case came to, a second."""

    octets: float
    compressed: float
    """As `ssh -C` would send them."""
    cpu: float


def measure(case: Case) -> Cost:
    """Run a case in a pseudo-terminal and read along."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", case.size[1], case.size[0], 0, 0))
    command = [sys.executable, "-m", "bench.screen", case.deck, *case.options]
    environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    child = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environ)  # noqa: S603 -- ourselves
    try:
        _listen(master, WARM_UP)
        os.write(master, case.typed)
        _listen(master, 0.5)
        before, began = _cpu(child.pid), time.monotonic()
        data = _listen(master, SECONDS)
        seconds = time.monotonic() - began
        cpu = _cpu(child.pid) - before
    finally:
        child.kill()
        child.wait()
        os.close(master)
        os.close(slave)
    packed = len(zlib.compress(data)) if data else 0
    return Cost(octets=len(data) / seconds, compressed=packed / seconds, cpu=cpu / seconds)


def main() -> None:
    """Print the table."""
    print("| what happens | size | kB/s | kB/s compressed | CPU of a core |")
    print("|---|---|---|---|---|")
    for case in CASES:
        cost = measure(case)
        size = f"{case.size[0]}x{case.size[1]}"
        print(f"| {case.what} | {size} | {cost.octets / 1000:.1f} | {cost.compressed / 1000:.2f} | {cost.cpu:.1%} |")


class Moving(Still):
    """Serves a deck made anew for every snapshot."""

    def __init__(self, make: Callable[[float], Deck]) -> None:
        self._make = make
        self._began = time.time()

    def snapshot(self) -> Deck:
        """Return the deck of this moment."""
        return replace(self._make(time.time() - self._began), at=time.time())


@cache
def _still() -> Deck:
    """Return a deck in which nothing has ever happened."""
    deck = sample.deck()
    return replace(deck, groups=tuple(replace(group, state=State.RUNNING, seconds=()) for group in deck.groups))


def still(_seconds: float) -> Deck:
    """Return it, made once: making it is no work of the screen's."""
    return _still()


def clock(seconds: float) -> Deck:
    """Return the same, only later."""
    return replace(still(seconds), uptime=seconds)


def rush(seconds: float) -> Deck:
    """Return a deck in which everything moves."""
    return replace(sample.deck(sample.NOW + seconds), log=log(sample.NOW + seconds, seconds * RUSH))


def _listen(master: int, seconds: float) -> bytes:
    found, deadline = b"", time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if select.select([master], [], [], left)[0]:
            found += os.read(master, 65536)
    return found


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _child(arguments: Sequence[str]) -> None:
    from tui.app import FetchdeckApp  # noqa: PLC0415 -- the process that measures need not know Textual

    name, *options = arguments
    hz = float(options[1]) if options[:1] == ["--hz"] else 4.0
    control = Moving({"still": still, "clock": clock, "rush": rush}[name])
    manners = Manners(hz=hz, slow=options == ["--slow"])
    FetchdeckApp(cards=sample.cards, start=lambda _names: control, selected=["github"], manners=manners).run(
        mouse=False
    )


if __name__ == "__main__":
    _child(sys.argv[1:])
