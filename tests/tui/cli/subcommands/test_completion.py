"""The completion scripts, and what bash makes of its own."""

import shutil
import subprocess
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from tests.tui.command import fetchdeck
from tui.cli.subcommands.completion import script
from tui.wiring.registry import GROUP, Registry


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_knows_commands_options_and_sources(tmp_path: Path, shell: str) -> None:
    ended = fetchdeck(tmp_path, "completion", shell)

    assert ended.returncode == 0, ended
    for word in ("simulator", "workers", "pr0gramm"):
        assert word in ended.stdout


def completed(script: str, *words: str) -> list[str]:
    """Return what bash offers for the last of some words."""
    ask = 'COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _shtab_fetchdeck; printf "%s\\n" "${COMPREPLY[@]}"'
    command = ["bash", "--norc", "-c", f"{script}\n{ask}", "bash", "fetchdeck", *words]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stderr == ""
    return ended.stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_completion_offers_the_options_of_the_sources_where_they_mean_something() -> None:
    made = script("bash", Registry())

    assert completed(made, "run", "github", "--year", "2024", "--no-f") == [
        "--no-fail-fast", "--no-feeds", "--no-fill-gaps", "--no-forks",
    ]  # fmt: skip
    assert completed(made, "plan", "gitlab", "--protocol", "") == ["http", "ssh"]
    assert completed(made, "run", "--year", "2024", "gi") == ["github", "gitlab"]
    assert completed(made, "run", "--archived", "ex") == ["exclude"]  # a switch of github, a word of gitlab
    assert completed(made, "errors", "--ye") == []


def test_completion_leaves_out_the_options_of_a_source_that_cannot_be_loaded() -> None:
    registry = Registry(
        [EntryPoint("broken", "no.such.module:Source", GROUP), EntryPoint("rest", "sources.rest.source:Rest", GROUP)]
    )

    made = script("bash", registry)

    assert "broken" in made
    assert "--endpoints" in made
