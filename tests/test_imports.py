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
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize(
    "module", ["engine.deck", "engine.thread", "sources.github", "sources.pr0gramm", "sources.videos"]
)
def test_the_core_leaves_the_terminal_out(module: str) -> None:
    assert modules_after(f"import {module}").isdisjoint({"textual", "rich", "tui", "simulator"})


def test_a_source_brings_no_client_and_no_database_along() -> None:
    assert modules_after("import sources.github").isdisjoint({"httpx2", "sqlite3", "asyncio"})


@pytest.mark.parametrize("package", ["engine", "sources", "tui", "themes", "simulator"])
def test_a_package_itself_is_empty(package: str) -> None:
    assert (ROOT / package / "__init__.py").read_text() == ""
