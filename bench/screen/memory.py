"""Measures whether ten million events increase the memory of the screen."""

import sys
import tempfile
from pathlib import Path
from typing import Final

from bench.screen.pseudo_terminal import PseudoTerminal

EVENTS: Final = 10_000_000
SHOWN: Final = (1, 2, 5, 10)
"""Millions of events after which the memory is reported."""
PATIENCE: Final = 3600.0


def print_memory() -> None:
    """Print the resident memory of the process, screen and feed, after so many events at full speed."""
    print("| screen | " + " | ".join(f"after {many} M events" for many in SHOWN) + " | growth from 1 M on |")
    print("|---|" + "---|" * (len(SHOWN) + 1))
    for screen, name in (("plain", "stock widgets"), ("ours", "fetchdeck")):
        found = _memory(screen)
        growth = found[-1] / found[0] - 1
        print(f"| {name} | " + " | ".join(f"{octets / 1e6:.1f} MB" for octets in found) + f" | {growth:+.1%} |")


def _memory(screen: str) -> list[int]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report"
        command = [sys.executable, "-m", "bench.screen.child", screen]
        command += ["--most", str(EVENTS), "--report", str(report)]
        with PseudoTerminal(command, (120, 40)) as terminal:
            for _ in range(int(PATIENCE)):
                terminal.listen(1)
                past = _past(report)
                if past and past[-1][0] >= EVENTS:
                    terminal.listen(5)
                    break
            past = _past(report)
    return [_after(past, many * 1_000_000) for many in SHOWN]


def _past(report: Path) -> list[tuple[int, int]]:
    lines = report.read_text(encoding="ascii").splitlines() if report.exists() else []
    return [(int(events), int(octets)) for _, events, octets in (line.split() for line in lines)]


def _after(past: list[tuple[int, int]], events: int) -> int:
    """Return the median of the memory in the reports around so many events, or in the last ones."""
    later = [octets for many, octets in past if many >= events][:9]
    return sorted(later)[len(later) // 2] if later else 0
