"""How fetchdeck starts, and how it ends when things go wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.command import environment, fetchdeck
from tui.__main__ import main
from tui.common.exit_codes import Exit

SLOW = ("textual", "rich", "httpx2", "uvicorn", "starlette", "asyncio", "sqlite3")


def imported_by(home: Path, *arguments: str) -> set[str]:
    code = (
        "import sys; before = set(sys.modules)\n"
        f"from tui.__main__ import main; main({list(arguments)!r})\n"
        "print(*(sys.modules.keys() - before), file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=home,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(ended.stderr.split())


def test_the_version_imports_nothing_slow(tmp_path: Path) -> None:
    assert imported_by(tmp_path, "--version").isdisjoint(SLOW)


def test_a_usage_error_imports_nothing_slow(tmp_path: Path) -> None:
    assert imported_by(tmp_path, "rnu").isdisjoint(SLOW)


@pytest.mark.parametrize("arguments", [("sources",), ("run", "github"), ("completion", "bash")])
def test_what_needs_no_screen_imports_none(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert imported_by(tmp_path, *arguments).isdisjoint({"textual"})


def test_listing_sources_imports_no_network(tmp_path: Path) -> None:
    assert imported_by(tmp_path, "sources").isdisjoint({"httpx2", "uvicorn", "starlette", "textual"})


def test_an_error_nobody_foresaw_is_one_line_that_names_the_log(tmp_path: Path) -> None:
    code = (
        "import sys, types; broken = types.ModuleType('tui.cli.subcommands.version')\n"
        "def run(arguments): token = 's3cret'; raise RuntimeError('what happened with ' + token)\n"
        "broken.run = run; sys.modules['tui.cli.subcommands.version'] = broken\n"
        "from tui.__main__ import main; sys.exit(main(['--version']))"
    )

    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    log = tmp_path / ".local" / "state" / "fetchdeck" / "log" / "fetchdeck.log"
    assert ended.returncode == Exit.CRASHED
    assert ended.stderr.splitlines() == [
        "fetchdeck: internal error: RuntimeError; the log has it whole: ~/.local/state/fetchdeck/log/fetchdeck.log"
    ]
    assert "RuntimeError" in log.read_text()


def test_main_returns_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert main(["rnu"]) == 2
    assert capsys.readouterr().out.startswith("fetchdeck ")


def test_help_is_shown_in_colour_only_on_terminals(tmp_path: Path) -> None:
    ended = fetchdeck(tmp_path, "run", "--help")

    assert ended.returncode == 0
    assert "\x1b" not in ended.stdout
    assert "--workers" in ended.stdout
