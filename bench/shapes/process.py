"""One run of a program against a shape: what it stored, what the server counted, and what it cost."""

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.shapes.case import Case
from simulator.common.settings import Capacity
from simulator.testing import Running

PATIENCE: Final = 120.0
"""Seconds that a run may take."""
_LOOK: Final = 0.005
"""Seconds between two looks at the server's counters, before a kill."""
_UNHURRIED: Final = 0.05
"""Seconds that the server takes for an answer while a process is to be killed in the middle."""
UNCHANGED: Final = "304"
_DLT: Final = Path(__file__).with_name("dlt_rest.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run did."""

    code: int | None
    """The exit code; None where it was killed."""
    summary: Mapping[str, Any] = field(default_factory=dict)
    """What `--json` printed."""
    said: str = ""
    """The last lines of standard error."""
    requests: int
    bodies: int
    """Answers with a body: all but 304."""
    cpu: float
    """CPU seconds, the start of the program included."""


def fetchdeck(
    case: Case,
    server: Running,
    folder: Path,
    *,
    auto: bool = False,
    full: bool = False,
    kill_after: int = 0,
    settings: Mapping[str, bool] | None = None,
) -> Outcome:
    """Harvest a shape in a process of its own; kill it as soon as the server saw `kill_after` requests.

    `settings` are keys of the paging of its items.
    """
    config = folder / "fetchdeck.toml"
    config.write_text(case.document(server.url, auto=auto), encoding="utf-8")
    options = ["--config", str(config), "--db", str(database(folder)), "--headless", "--json"]
    options += ["--full"] if full else []
    for key, value in (settings or {}).items():
        options += ["--set", f"{case.name}.endpoints.{case.table}.paging.{key}={str(value).lower()}"]
    command = [sys.executable, "-m", "tui", "run", case.name, *options]
    return measured(case, server, command, folder, kill_after=kill_after)


def dlt(case: Case, server: Running, folder: Path, python: Path) -> Outcome:
    """Load a shape with dlt, by the Python of its environment."""
    command = [str(python), str(_DLT), case.name, f"{server.url}/{case.name}", str(folder)]
    return measured(case, server, command, folder)


def measured(case: Case, server: Running, command: Sequence[str], folder: Path, *, kill_after: int = 0) -> Outcome:
    """Run a program that prints a JSON object on standard output."""
    server.reset(case.name)
    if kill_after:
        server.capacity(case.name, Capacity(latency=_UNHURRIED))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with (folder / "stdout").open("w+b") as out, (folder / "stderr").open("w+b") as errors:
        child = subprocess.Popen(  # noqa: S603 - our own programs
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=errors, env=_environ(folder), cwd=folder
        )
        try:
            code = _killed(child, server, case.name, kill_after) if kill_after else child.wait(PATIENCE)
        finally:
            child.kill()
            child.wait()
        out.seek(0)
        errors.seek(0)
        printed, said = out.read().decode(errors="replace"), errors.read().decode(errors="replace")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    stats = server.stats(case.name)
    return Outcome(
        code=code,
        summary=_json(printed),
        said=said.strip()[-2000:],
        requests=stats["requests"],
        bodies=stats["requests"] - stats["statuses"].get(UNCHANGED, 0),
        cpu=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
    )


def database(folder: Path) -> Path:
    return folder / "shapes.db"


def stored(case: Case, folder: Path) -> Mapping[str, list[tuple[Any, ...]]]:
    """Return the rows of each table that the truth has; none where there is no such table."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for table in case.truth:
        try:
            with closing(sqlite3.connect(f"file:{database(folder)}?mode=ro", uri=True)) as db:
                found[table] = db.execute(case.query(table)).fetchall()
        except sqlite3.OperationalError:
            found[table] = []
    return found


def _killed(child: "subprocess.Popen[bytes]", server: Running, name: str, after: int) -> int | None:
    """Kill a process in the middle of its requests; return its exit code if it was done before."""
    for _ in range(int(PATIENCE / _LOOK)):
        if server.stats(name)["requests"] >= after:
            child.send_signal(signal.SIGKILL)
        try:
            code = child.wait(_LOOK)
        except subprocess.TimeoutExpired:
            continue
        return None if code == -signal.SIGKILL else code
    raise TimeoutError(f"{name}: it did not send {after} requests in {PATIENCE:g} s")


def _environ(folder: Path) -> dict[str, str]:
    """Let the process see no configuration and no credential of the person who measures."""
    root = str(Path(__file__).parents[2])
    return {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "PYTHONPATH": root}


def _json(text: str) -> Mapping[str, Any]:
    lines = text.strip().splitlines()
    try:
        return dict(json.loads(lines[-1])) if lines else {}
    except ValueError:
        return {}
