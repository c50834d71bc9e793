"""What a package may drag in, looked at in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def modules_after(statement: str) -> set[str]:
    script = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, text=True, check=True)
    names = set(done.stdout.split())
    return names | {name.partition(".")[0] for name in names}


@pytest.mark.parametrize(
    "module",
    ["engine.harvest.deck", "engine.harvest.engine_thread", "sources.github", "sources.pr0gramm", "sources.videos"],
)
def test_the_core_leaves_the_terminal_out(module: str) -> None:
    assert modules_after(f"import {module}").isdisjoint({"textual", "rich", "tui", "simulator"})


def test_a_source_brings_no_client_and_no_database_along() -> None:
    assert modules_after("import sources.github").isdisjoint({"httpx2", "sqlite3", "asyncio"})


def test_the_first_frame_waits_neither_for_the_deck_nor_for_the_client() -> None:
    """docs/decisions/0019-the-first-frame-comes-before-the-engine.md."""
    loaded = modules_after("import tui.__main__, tui.cli.subcommands.run, tui.app.launch, tui.app.app")

    assert "tui.screens.dashboard.dashboard" in loaded
    assert loaded.isdisjoint(
        {"engine.harvest.deck", "engine.harvest.group", "engine.transport.http.transport", "httpx2", "yt_dlp"}
    )


@pytest.mark.parametrize("package", ["engine", "sources", "tui", "themes", "simulator"])
def test_a_package_itself_is_empty(package: str) -> None:
    assert (ROOT / package / "__init__.py").read_text() == ""
