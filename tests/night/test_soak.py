"""A harvest of 300,000 requests, some of which fail: what it holds in memory, and what it has open, do not grow."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import pytest

from simulator.process import start
from tests.tui.command import environment

pytestmark = pytest.mark.night

REQUESTS = int(os.environ.get("FETCHDECK_SOAK", "300000"))
WARM = REQUESTS // 6
"""Requests after which nothing may grow any more."""
GROWTH = 1.05
"""What the last sixth may hold of what was held after the first one."""
FAULTS = (
    "--fault",
    "pr0gramm:502=0.004",
    "--fault",
    "pr0gramm:reset=0.002",
    "--fault",
    "pr0gramm:truncated-gzip=0.002",
)


def resident(process: int) -> float:
    """Say how many MiB a process holds."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def opened(process: int) -> int:
    """Say how many descriptors a process has open."""
    return sum(1 for _ in Path(f"/proc/{process}/fd").iterdir())


def test_a_harvest_of_300000_requests_holds_no_more_in_the_end(disk_path: Path) -> None:
    samples: list[tuple[float, int]] = []

    with start(["--quiet", "--items", "50000000", *FAULTS]) as simulator, (disk_path / "log").open("w") as log:
        (disk_path / "c.toml").write_text(
            f'[sources.pr0gramm]\nbase_url = "{simulator.base_urls["pr0gramm"]}"\nrate = "100000/1s"\n'
        )
        command = [sys.executable, "-m", "tui", "run", "pr0gramm", "--headless", "--json", "--limit", str(REQUESTS)]
        with subprocess.Popen(
            [*command, "--config", "c.toml", "--db", "h.db"],
            cwd=disk_path,
            env=environment(disk_path),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as harvest:
            while harvest.poll() is None:
                try:
                    samples.append((resident(harvest.pid), opened(harvest.pid)))
                except OSError:
                    break
                time.sleep(0.5)  # noqa: TID251 -- a sample every so often is what is wanted
            summary = json.loads(harvest.stdout.read() if harvest.stdout else "")

    done = summary["sources"]["pr0gramm"]
    sixth = len(samples) // 6
    after, late = samples[sixth : 2 * sixth], samples[-sixth - 2 : -2]  # the end closes and writes: no part of it
    memory = median(held for held, _ in after), median(held for held, _ in late)
    # The concurrency moves all the time, and connections with it. What leaks is there when the fewest are open, too.
    files = min(many for _, many in after), min(many for _, many in late)
    print(
        f"{done['requests']:,} requests, {sum(done['rows'].values()):,} rows, {done['retries']:,} sent again:"
        f" {memory[0]:.0f} MiB after {WARM:,}, {memory[1]:.0f} in the end;"
        f" {files[0]} and {files[1]} descriptors at least"
    )
    assert (harvest.returncode, done["failed"]) == (3, 0)
    assert memory[1] <= GROWTH * memory[0]
    assert files[1] <= GROWTH * files[0]
