"""Runs fetchdeck as a person would: in a process of its own, with a home directory of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulator.process import Process, start

ROOT = Path(__file__).parents[2]
_PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    paths = os.pathsep.join(filter(None, [str(ROOT), kept.get("PYTHONPATH", "")]))
    return {**kept, "HOME": str(home), "TERM": "xterm", "PYTHONPATH": paths, **more}


def fetchdeck(home: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui", *arguments],
        cwd=home,
        env=environment(home, **environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def complaint(ended: subprocess.CompletedProcess[str]) -> str:
    """Return the one line of an error, and make sure that it is one."""
    assert ended.returncode == 2, ended
    lines = ended.stderr.splitlines()
    assert len(lines) == 1, ended.stderr
    assert lines[0].startswith("fetchdeck: error: ")
    return lines[0].removeprefix("fetchdeck: error: ")


@contextmanager
def small_simulator(repos: int) -> Iterator[Process]:
    """Serve look-alikes whose limits are out of reach, with so many repositories of each organisation."""
    with start(["--quiet", "--repos", str(repos), "--items", "150"]) as process:
        yield process


def configure(home: Path, simulator: Process, pr0gramm: str) -> Path:
    """Write a configuration that points github and pr0gramm at a simulator; `pr0gramm` adds lines to the latter."""
    text = f"""
        database = "rows.db"
        [sources.github]
        base_url = "{simulator.base_urls["github"]}"
        orgs = ["aurora"]
        year = 2025
        [sources.pr0gramm]
        base_url = "{simulator.base_urls["pr0gramm"]}"
        {pr0gramm}
    """
    (home / "c.toml").write_text(text)
    return home
