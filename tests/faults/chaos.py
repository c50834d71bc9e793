"""`make chaos SEED=7`: a harvest with a fault every 0 to 2 seconds, then its store against that of a calm harvest.

The engine is a process of its own, the simulator another one, and the network between them is a relay in this process.
Each fault is drawn from the seed and printed, so a seed can be run again; what it meets differs, of course.
"""

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import msgspec

from simulator.process import Process, start
from tests.faults.relay import Mode, Relay
from tests.harvesting import contents, rows
from tests.tui.command import environment

SECONDS: float = 120.0
CANARY = "CANARY-7f3a91c2d4"
"""In every secret of the harvest."""
MOST_RUNS = 12
"""Calm runs, at most, until nothing is left: requests that failed for good are tried again by the next one."""
CONFIGURATION = """
database = "{folder}/disk/rows.db"
patience = "10m"
[http]
total_timeout = 6
[sources.github]
base_url = "{github}"
orgs = ["aurora"]
year = 2025
token_file = "{folder}/token"
[sources.gitlab]
base_url = "{gitlab}"
instance = true
[sources.pr0gramm]
base_url = "{pr0gramm}"
rate = "60/2s"
token_file = "{folder}/cookie"
"""
SIMULATOR = ("--quiet", "--latency", "60", "--repos", "60", "--items", "1500", "--budget", "pr0gramm=60/2s")


@dataclass
class Chaos:
    """A harvest, and what happens to it."""

    folder: Path
    relay: Relay
    disk: bool
    """Whether the database lies on a small disk of its own, which can be filled."""
    engine: "subprocess.Popen[bytes] | None" = None
    happened: Counter[str] = field(default_factory=Counter)

    def begin(self, *words: str) -> None:
        """Start the engine, or start it again."""
        command = [sys.executable, "-m", "tui", "run", "--headless", "--quiet", "--trust", "--config", "c.toml", *words]
        with (self.folder / "log").open("ab") as log:
            self.engine = subprocess.Popen(
                command, cwd=self.folder, env=environment(self.folder), stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    def send(self, number: signal.Signals) -> None:
        if self.engine is not None and self.engine.poll() is None:
            os.kill(self.engine.pid, number)

    @property
    def database(self) -> Path:
        return self.folder / "disk" / "rows.db"

    # The faults. Each lasts for some seconds and leaves nothing behind but what the engine makes of it.

    def refuses(self, seconds: float) -> None:
        self._network(Mode.REFUSES, seconds)

    def resets(self, seconds: float) -> None:
        self._network(Mode.RESETS, seconds)

    def freezes(self, seconds: float) -> None:
        self._network(Mode.FREEZES, seconds)

    def maintenance(self, seconds: float) -> None:
        self._network(Mode.MAINTENANCE, seconds)

    def token(self, seconds: float) -> None:
        """The token is revoked; after a while there is another one in the file."""
        self._network(Mode.UNAUTHORIZED, seconds)
        write_secret(self.folder / "token", f"{CANARY}-token-{time.monotonic_ns()}")

    def stop(self, seconds: float) -> None:
        self.send(signal.SIGSTOP)
        time.sleep(seconds)  # noqa: TID251 -- a fault lasts
        self.send(signal.SIGCONT)

    def kill(self, seconds: float) -> None:
        self.send(signal.SIGKILL)
        if self.engine is not None:
            self.engine.wait()
        time.sleep(min(seconds, 0.5))  # noqa: TID251 -- likewise
        self.begin()

    def lock(self, seconds: float) -> None:
        """Another program writes to the database for longer than SQLite waits."""
        with suppress(sqlite3.Error), closing(sqlite3.connect(self.database, timeout=0.5, isolation_level=None)) as db:
            db.execute("begin immediate")
            time.sleep(3 * seconds)  # noqa: TID251 -- likewise

    def full(self, seconds: float) -> None:
        if not self.disk:
            return
        with suppress(OSError), (self.folder / "disk" / "filler").open("wb") as filler:
            while True:
                filler.write(bytes(2**20))
                filler.flush()
        time.sleep(seconds)  # noqa: TID251 -- likewise
        (self.folder / "disk" / "filler").unlink()

    def _network(self, mode: Mode, seconds: float) -> None:
        self.relay.mode = mode
        time.sleep(seconds)  # noqa: TID251 -- likewise
        self.relay.mode = Mode.PASSES


FAULTS: tuple[Callable[[Chaos, float], None], ...] = (
    Chaos.refuses, Chaos.resets, Chaos.freezes, Chaos.maintenance, Chaos.token, Chaos.stop, Chaos.kill, Chaos.lock,
    Chaos.full,
)  # fmt: skip


def write_secret(file: Path, secret: str) -> None:
    file.write_text(secret)
    file.chmod(0o600)


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Mount a disk of 400 MB, where that is allowed; say whether it was."""
    folder.mkdir()
    mounted = not subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", str(folder)], check=False, capture_output=True
    ).returncode
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)


def configure(folder: Path, base_urls: Mapping[str, str]) -> None:
    (folder / "c.toml").write_text(CONFIGURATION.format(folder=folder, **base_urls))
    write_secret(folder / "token", f"{CANARY}-token-0")
    write_secret(folder / "cookie", f"{CANARY}-cookie")


def run(seed: int, seconds: float, folder: Path, say: Callable[[str], object]) -> list[str]:
    """Harvest in chaos and in calm; return what differs, or what promise is broken."""
    chance = random.Random(seed)
    with (
        start(SIMULATOR) as simulator,
        Relay(int(simulator.url.rpartition(":")[2])) as relay,
        small_disk(folder / "disk") as disk,
    ):
        chaos = Chaos(folder=folder, relay=relay, disk=disk)
        base_urls = {name: url.replace(simulator.url, relay.url) for name, url in simulator.base_urls.items()}
        configure(folder, base_urls)
        chaos.begin()
        told = set[bytes]()
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            time.sleep(chance.uniform(0.0, 2.0))  # noqa: TID251 -- the time between two faults
            fault, lasts = chance.choice(FAULTS), chance.uniform(0.3, 2.5)
            chaos.happened[fault.__name__] += 1
            say(f"{fault.__name__} for {lasts:.1f} s")
            fault(chaos, lasts)
            told.update(commands())
            if chaos.engine is not None and chaos.engine.poll() is not None:
                chaos.begin("--retry-failed")
        problems = calm_down(chaos)
        problems += violations(simulator)
        problems += leaks(folder, told)
        problems += differences(chaos, folder / "calm", base_urls)
    say(f"seed {seed}: {', '.join(f'{many} {name}' for name, many in sorted(chaos.happened.items()))}")
    return problems


def calm_down(chaos: Chaos) -> list[str]:
    """Let the harvest go on in peace until it is complete."""
    codes = []
    for _ in range(MOST_RUNS):
        assert chaos.engine is not None, "it was started"
        codes.append(chaos.engine.wait())
        if codes[-1] == 0:
            return []
        chaos.begin("--retry-failed")
    chaos.send(signal.SIGKILL)
    return [f"it is not complete after {MOST_RUNS} calm runs, which ended with {codes}"]


def commands() -> Iterator[bytes]:
    """Yield the command lines of all processes, which any user of the machine may read."""
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            yield (process / "cmdline").read_bytes() if process.name.isdigit() else b""


def leaks(folder: Path, told: set[bytes]) -> list[str]:
    """Return where a secret is that should be nowhere but in its own file."""
    forms = [CANARY.encode(), *(b64encode(b" " * shift + CANARY.encode())[4:-4] for shift in range(3))]
    files = [file for file in folder.rglob("*") if file.is_file() and file.name not in {"token", "cookie"}]
    found = [str(file) for file in files if any(form in file.read_bytes() for form in forms)]
    found += ["a command line"] if any(form in line for form in forms for line in told) else []
    return [f"a secret is in {', '.join(found)}"] if found else []


def violations(simulator: Process) -> list[str]:
    """Return which limits were broken."""
    with urlopen(f"{simulator.url}/_simulator/stats") as answer:
        stats = msgspec.json.decode(answer.read())
    found = {name: each["violations"] for name, each in stats.get("apis", stats).items() if each.get("violations")}
    return [f"limits were broken: {found}"] if found else []


def differences(chaos: Chaos, calm: Path, base_urls: Mapping[str, str]) -> list[str]:
    """Harvest the same in calm, and return how the stores differ."""
    (calm / "disk").mkdir(parents=True)
    configure(calm, base_urls)
    other = Chaos(folder=calm, relay=chaos.relay, disk=False)
    other.begin()
    assert other.engine is not None, "it was started"
    problems = [] if other.engine.wait() == 0 else ["the calm harvest is not complete"]
    was, should = contents(chaos.database), contents(other.database)
    for table in sorted({*was, *should}):
        missing = len([row for row in should.get(table, []) if row not in set(was.get(table, []))])
        more = len([row for row in was.get(table, []) if row not in set(should.get(table, []))])
        if missing or more:
            problems.append(f"{table}: {missing} rows are missing or differ, {more} are there that should not be")
    if rows(chaos.database, "pragma integrity_check") != [("ok",)]:
        problems.append("the database is damaged")
    left = rows(chaos.database, "select state, count(*) from request where state <> 'done' group by state")
    return [*problems, *(f"{many} requests are {state}" for state, many in left)]


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="chaos")
    parser.add_argument("seed", nargs="?", type=int, default=int(os.environ.get("SEED", "1")))
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--keep", action="store_true", help="keep the folder")
    wanted = parser.parse_args(words)
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.1f}  {text}", flush=True)  # noqa: T201 -- a command

    problems = run(wanted.seed, wanted.seconds, folder, say)
    for problem in problems:
        say(f"BROKEN: {problem}")
    say("every row is there once, every walk whole, every limit kept" if not problems else f"see {folder}")
    if not problems and not wanted.keep:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
