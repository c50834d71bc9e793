"""A harvest of half an hour: what it holds in memory does not grow with what it has fetched."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from statistics import median

import pytest

from simulator.process import start
from tests.tui.command import environment

pytestmark = pytest.mark.night

SECONDS = int(os.environ.get("FETCHDECK_SOAK", "1800"))
GROWTH = 16
"""MiB that the second half of a soak may hold more than the first: a row kept in memory would add hundreds."""


def resident(process: int) -> float:
    """Say how many MiB a process holds."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def test_a_harvest_of_half_an_hour_holds_no_more_memory_in_the_end(disk_path: Path) -> None:
    held: list[float] = []

    with start(["--quiet", "--items", "50000000"]) as simulator, (disk_path / "log").open("w") as log:
        (disk_path / "c.toml").write_text(
            f'[sources.pr0gramm]\nbase_url = "{simulator.base_urls["pr0gramm"]}"\nrate = "100000/1s"\n'
        )
        command = [sys.executable, "-m", "tui", "run", "pr0gramm", "--headless", "--json", "--for", f"{SECONDS}s"]
        with subprocess.Popen(
            [*command, "--config", "c.toml", "--db", "h.db"],
            cwd=disk_path,
            env=environment(disk_path),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as harvest:
            while harvest.poll() is None:
                held.append(resident(harvest.pid))
                time.sleep(SECONDS / 200)  # noqa: TID251 -- a sample every so often is what is wanted
            summary = json.loads(harvest.stdout.read() if harvest.stdout else "")

    done = summary["sources"]["pr0gramm"]
    half = len(held) // 2
    print(f"{done['requests']:,} requests, {sum(done['rows'].values()):,} rows; MiB held: {held[:: max(1, half // 5)]}")
    assert (harvest.returncode, done["failed"]) == (3, 0)
    assert median(held[half:]) - median(held[half // 2 : half]) < GROWTH
    with closing(sqlite3.connect(disk_path / "h.db")) as db:
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert db.execute("select count(*) from pr0gramm_item").fetchone() == (done["rows"]["pr0gramm_item"],)
