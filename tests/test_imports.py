"""What a package may drag in, looked at in a process of its own."""

import os
import subprocess
import sys
import tomllib
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
    [
        "engine.harvest.deck",
        "engine.harvest.engine_thread",
        "sources.github.source",
        "sources.pr0gramm.source",
        "sources.videos.source",
    ],
)
def test_the_core_leaves_the_terminal_out(module: str) -> None:
    assert modules_after(f"import {module}").isdisjoint({"textual", "rich", "tui", "simulator"})


def test_a_source_brings_no_client_and_no_database_along() -> None:
    assert modules_after("import sources.github.source").isdisjoint({"httpx2", "sqlite3", "asyncio"})


def test_the_first_frame_waits_neither_for_the_deck_nor_for_the_client() -> None:
    """docs/decisions/0019-the-first-frame-comes-before-the-engine.md."""
    loaded = modules_after("import tui.__main__, tui.cli.subcommands.run, tui.app.launch, tui.app.app")

    assert "tui.screens.dashboard.dashboard" in loaded
    assert loaded.isdisjoint(
        {"engine.harvest.deck", "engine.harvest.group", "engine.transport.http.transport", "httpx2", "yt_dlp"}
    )


def test_every_package_itself_is_empty() -> None:
    found = [
        path
        for top in ("engine", "sources", "tui", "themes", "simulator")
        for path in (ROOT / top).rglob("__init__.py")
    ]

    assert len(found) > 30
    assert [str(path) for path in found if path.read_text()] == []


def test_the_contract_of_sources_that_do_not_know_each_other_names_every_source() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (named,) = (each["modules"] for each in contracts if each["type"] == "independence")

    folders = {path.parent.name for path in (ROOT / "sources").glob("*/__init__.py")}

    assert sorted(named) == sorted(f"sources.{name}" for name in folders - {"common"})


def test_every_module_of_the_engine_and_of_the_sources_is_in_a_room() -> None:
    assert [path.name for top in ("engine", "sources") for path in (ROOT / top).glob("*.py")] == ["__init__.py"] * 2
