"""What the terminal tests share: terminals that are closed in the end, and a deck that needs no API."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulator.process import Process, start
from tests.terminal.terminal import Terminal, terminals

Open = Callable[..., Terminal]


@pytest.fixture(scope="session")
def simulator() -> Iterator[Process]:
    with start(["--quiet", "--items", "5000"]) as process:
        yield process


@pytest.fixture
def terminal(tmp_path: Path, simulator: Process) -> Iterator[Open]:
    """Open terminals with fetchdeck, whose pr0gramm source is so slow that nothing ends by itself."""
    text = f'[sources.pr0gramm]\nbase_url = "{simulator.base_urls["pr0gramm"]}"\nrate = "2/1h"\n'
    (tmp_path / "c.toml").write_text(text)
    with terminals(tmp_path) as make:
        yield lambda *arguments, **options: make("tui", *arguments, "--config", "c.toml", "--db", "rows.db", **options)


@pytest.fixture
def pretended(tmp_path: Path) -> Iterator[Open]:
    """Open terminals with a deck over an engine that only pretends: `still`, `busy`, `hostile` and so on."""
    with terminals(tmp_path) as make:
        yield lambda *arguments, **options: make("tests.terminal.pretended", *arguments, **options)
