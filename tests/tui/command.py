"""Runs fetchdeck as a person would, with a home directory of its own: in this process, or in one of its own."""

import gc
import io
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from simulator.process import Process, start
from tui.__main__ import main

ROOT = Path(__file__).parents[2]
_PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    paths = os.pathsep.join(filter(None, [str(ROOT), kept.get("PYTHONPATH", "")]))
    return {**kept, "HOME": str(home), "TERM": "xterm", "PYTHONPATH": paths, **more}


def fetchdeck(home: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command in this process: a process of its own takes half a second to begin.

    For what a command says. A harvest, a signal, and whatever begins or ends with the process take `launch`.
    """
    out, err = Stream(), Stream()
    threshold, level = gc.get_threshold(), logging.getLogger().level
    with (
        pytest.MonkeyPatch.context() as patch,
        Path(os.devnull).open(encoding="utf-8") as nothing,
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        for name in os.environ.keys() - environment(home, **environ).keys():
            patch.delenv(name)
        for name, value in environment(home, **environ).items():
            patch.setenv(name, value)
        patch.chdir(home)
        patch.setattr(sys, "stdin", nothing)
        patch.setattr(sys, "argv", ["fetchdeck", *arguments])
        try:
            code = main(arguments)
        except SystemExit as ended:  # argparse, after --help
            code = ended.code if isinstance(ended.code, int) else 0
        finally:
            gc.set_threshold(*threshold)
            logging.getLogger().setLevel(level)
    return subprocess.CompletedProcess(["fetchdeck", *arguments], code, out.text(), err.text())


class Stream(io.TextIOWrapper):
    """A stream that keeps what is written, as text and as bytes."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def text(self) -> str:
        """Return what was written."""
        kept = self.buffer
        assert isinstance(kept, io.BytesIO)
        return kept.getvalue().decode().replace("\r\n", "\n")


def launch(home: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tui", *arguments],
        cwd=home,
        env=environment(home, **environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=280,
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
