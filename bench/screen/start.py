"""Measures the time from the start of the process to the first complete frame, in a new interpreter each time."""

import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bench.screen.pseudo_terminal import PseudoTerminal, marked
from simulator import process

ROUNDS: Final = 9
SIZES: Final = ((80, 24), (120, 40), (200, 60))
SOURCES: Final = ("github", "gitlab", "pr0gramm")
HELLO: Final = """
from textual.app import App
from textual.widgets import Static
class Hello(App):
    def compose(self): yield Static("q quit")
Hello().run()
"""


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """One row of the table: a command, and the texts of its first complete frame."""

    what: str
    command: Sequence[str]
    shown: Sequence[str]
    size: tuple[int, int] = SIZES[0]


def print_start() -> None:
    """Print the medians of several starts of each command, measured alternately."""
    with tempfile.TemporaryDirectory() as folder, process.start(["--quiet"]) as simulator:
        config = Path(folder) / "config.toml"
        config.write_text(_config(simulator.base_urls), encoding="utf-8")
        ours = [sys.executable, "-m", "tui"]
        files = ["--config", str(config), "--db", str(Path(folder) / "rows.db")]
        run = Start("`fetchdeck run` with three sources", [*ours, "run", *SOURCES, *files], (*SOURCES, "quit"))
        starts = [
            Start("a Textual app with one word", [sys.executable, "-c", HELLO], ("q quit",)),
            Start("the same dashboard of stock widgets", _child("plain"), SOURCES),
            Start("`fetchdeck`, the picker", [*ours, "run", *files], (*SOURCES, "quit")),
            *(replace(run, size=size) for size in SIZES),
        ]
        print("| first whole frame | size | median | fastest | CPU until then |")
        print("|---|---|---|---|---|")
        taken: dict[Start, list[tuple[float, float]]] = {one: [] for one in starts}
        for _ in range(ROUNDS):
            for one in starts:
                taken[one].append(_first_frame(one, Path(folder)))
        for one, found in taken.items():
            times = [wall for wall, _ in found]
            cpu = statistics.median(worked for _, worked in found)
            size = f"{one.size[0]}x{one.size[1]}"
            print(f"| {one.what} | {size} | {statistics.median(times):.0f} ms | {min(times):.0f} ms | {cpu:.0f} ms |")


def _first_frame(start: Start, home: Path) -> tuple[float, float]:
    """Return the milliseconds until all texts were seen, and the CPU milliseconds until then."""
    environ = {"HOME": str(home), "GITHUB_TOKEN": "x", "GITLAB_TOKEN": "x"}
    with PseudoTerminal(start.command, start.size, environ=environ) as terminal:
        seconds = terminal.answers(*(marked(text) for text in start.shown), within=30)
        if seconds is None:
            raise RuntimeError(f"{start.command} never showed {start.shown}")
        return seconds * 1000, terminal.cpu() * 1000


def _child(screen: str) -> list[str]:
    return [sys.executable, "-m", "bench.screen.child", screen, "--rate", "500"]


def _config(base_urls: Mapping[str, str]) -> str:
    wishes = {"github": 'orgs = ["aurora"]\nyear = 2025', "gitlab": "instance = true", "pr0gramm": ""}
    return "".join(f'[sources.{name}]\nbase_url = "{base_urls[name]}"\n{wishes[name]}\n' for name in SOURCES)
