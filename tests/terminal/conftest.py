"""What the terminal tests share: terminals that are closed in the end, and a deck that needs no API."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulator.process import Process, start
from tests.terminal.terminal import Terminal, terminals

Open = Callable[..., Terminal]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: takes seconds of waiting; `make terminal` runs it")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not os.environ.get("FETCHDECK_TERMINAL"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="takes seconds of waiting; `make terminal` runs it"))


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
