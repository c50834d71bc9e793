"""How long it takes from the start of the process to the first whole frame, nothing of ours being in memory yet."""

import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.pseudo_terminal import PseudoTerminal, marked
from simulator.process import start

ROUNDS: Final = 9
SOURCES: Final = ("github", "gitlab", "pr0gramm")
HELLO: Final = """
from textual.app import App
from textual.widgets import Static
class Hello(App):
    def compose(self): yield Static("q quit")
Hello().run()
"""


def print_start() -> None:
    """Print the medians of some starts of each, taken in turn."""
    with tempfile.TemporaryDirectory() as folder, start(["--quiet"]) as simulator:
        config = Path(folder) / "config.toml"
        config.write_text(_config(simulator.base_urls), encoding="utf-8")
        ours = [sys.executable, "-m", "tui"]
        files = ["--config", str(config), "--db", str(Path(folder) / "rows.db")]
        commands = {
            "a Textual app with one word": ([sys.executable, "-c", HELLO], ("q quit",)),
            "the same dashboard of stock widgets": (_child("plain"), SOURCES),
            "`fetchdeck`, the picker": ([*ours, "run", *files], (*SOURCES, "quit")),
            "`fetchdeck run` with three sources": ([*ours, "run", *SOURCES, *files], (*SOURCES, "quit")),
        }
        print("| first whole frame, 80x24 | median | fastest | CPU until then |")
        print("|---|---|---|---|")
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, (command, shown) in commands.items():
                taken[name].append(_first_frame(command, shown, Path(folder)))
        for name, found in taken.items():
            times = [one for one, _ in found]
            cpu = statistics.median(one for _, one in found)
            print(f"| {name} | {statistics.median(times):.0f} ms | {min(times):.0f} ms | {cpu:.0f} ms |")


def _first_frame(command: Sequence[str], shown: Sequence[str], home: Path) -> tuple[float, float]:
    """Return the milliseconds until all of it was seen, and those the processor worked on it."""
    environ = {"HOME": str(home), "GITHUB_TOKEN": "x", "GITLAB_TOKEN": "x"}
    with PseudoTerminal(command, environ=environ) as terminal:
        seconds = terminal.answers(*(marked(text) for text in shown), within=30)
        if seconds is None:
            raise RuntimeError(f"{command} never showed {shown}")
        return seconds * 1000, terminal.cpu() * 1000


def _child(screen: str) -> list[str]:
    return [sys.executable, "-m", "bench.screen_child", screen, "--rate", "500"]


def _config(base_urls: Mapping[str, str]) -> str:
    wishes = {"github": 'orgs = ["aurora"]\nyear = 2025', "gitlab": "instance = true", "pr0gramm": ""}
    return "".join(f'[sources.{name}]\nbase_url = "{base_urls[name]}"\n{wishes[name]}\n' for name in SOURCES)
