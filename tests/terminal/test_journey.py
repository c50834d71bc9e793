"""A person at 80x24 without colour can do everything: a whole day's way through fetchdeck, in tmux."""

import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.process import start
from tests.terminal.test_kinds import COLOUR
from tests.terminal.tmux import Tmux, shell

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")]

CONFIG = """
[sources.github]
base_url = "{github}"
orgs = ["aurora", "basalt"]
year = 2025
rate = "2/1s"
[sources.pr0gramm]
base_url = "{pr0gramm}"
rate = "2/1h"
"""


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Tmux]:
    """Someone at a shell, with a GitHub that is slow, and breaks every fifth answer."""
    with start(
        ["--quiet", "--latency", "github:500", "--workers", "github:2", "--fault", "github:malformed=0.3"]
    ) as run:
        (tmp_path / "c.toml").write_text(CONFIG.format(**run.base_urls))
        with shell(tmp_path, NO_COLOR="1", GITHUB_TOKEN="x") as found:
            yield found


def test_a_person_at_80x24_without_colour_can_do_everything(person: Tmux, tmp_path: Path) -> None:
    person.type(f"{sys.executable} -m tui --config c.toml --db rows.db; echo code=$?", "Enter")

    chooses(person)
    steers(person)
    looks_closely(person)
    puts_errors_right(person)
    finds_the_way_about(person)

    assert not COLOUR.search(person.run("capture-pane", "-p", "-e").encode())
    person.type("q")
    person.shows("q again finishes what is in flight and leaves")
    time.sleep(0.5)  # noqa: TID251 -- a second press that comes at once is no person's
    person.type("q")
    person.shows("Database", "rows.db", "code=130")
    assert (tmp_path / "rows.db").exists()


def chooses(person: Tmux) -> None:
    person.shows("choose sources", "[ ] github", "● ready", "[!] videos", "✖ missing", "enter start")
    person.type("/", "g", "i", "t", "h")
    person.shows("/gith▏")
    person.type("Enter", "Space")
    person.shows("▸[x] github", "1 of 6 chosen", "token from GITHUB_TOKEN")
    person.type("Enter")
    person.shows("● running", "▸1 github", "● run", "[l Log]", "in flight", "q quit")


def steers(person: Tmux) -> None:
    person.type("Space")
    person.shows("‖ pause")
    person.type("Space")
    person.shows("● run ")
    person.type("p")
    person.shows("pin ")
    person.type("=")
    person.until(lambda: "pin " not in person.text())


def looks_closely(person: Tmux) -> None:
    person.type("Enter")
    person.shows("fetchdeck ▸ github", "[req/s]", "esc back")
    person.type("/", "w", "a", "r", "n", "Enter")
    person.shows("/warn")
    person.until(lambda: all("warn" in line for line in log(person)))
    person.type("Escape")
    person.until(lambda: "/warn" not in person.text())
    person.type("Escape")
    person.shows("▸1 github", "enter open")


def puts_errors_right(person: Tmux) -> None:
    person.until(lambda: failures(person) > 0)
    person.type("e")
    person.shows("[e Errors", "BadBody")
    person.type("e")
    person.shows("fetchdeck ▸ errors", "BadBody", "R retry", "count", "sample")
    person.type("Enter")
    person.shows("▸ errors ▸ github BadBody", "REQUEST")
    person.type("Enter")
    person.shows("▸ request ", "reason", "attempts", "curl")
    person.type("c")
    person.shows("copied to the tmux buffer")
    assert person.run("show-buffer").startswith("curl ")
    person.type("R")
    person.shows("queued again")
    while found := depth(person):
        goes_back(person, found)
    person.shows("▸1 github")


def goes_back(person: Tmux, found: int) -> None:
    person.type("Escape")
    person.until(lambda: depth(person) < found)


def depth(person: Tmux) -> int:
    """Say how many pages lie over the dashboard: a title has a mark for each, and numbers that move besides."""
    return person.text().splitlines()[0].count("▸")


def finds_the_way_about(person: Tmux) -> None:
    person.type("T")
    person.shows("NO_COLOR is set: themes show no colours")
    person.type("?")
    person.shows("fetchdeck ▸ help", "Move", "View", "Tune", "any action by name", "esc close")
    person.type("Escape")
    person.shows("▸1 github")
    person.type(":")
    person.shows("fetchdeck ▸ commands")
    person.type("p", "a", "u", "s", "e", "-", "a", "l", "l")
    person.shows("▸pause-all")
    person.type("Enter")
    person.shows("‖ paused")


def log(person: Tmux) -> list[str]:
    """Return the lines of the log that are seen."""
    return [line for line in person.text().splitlines() if re.match(r" \d\d:\d\d:\d\d ", line)]


def failures(person: Tmux) -> int:
    """Return how many requests have failed for good."""
    found = re.search(r"Errors (\d+)", person.text())
    return int(found[1]) if found else 0
