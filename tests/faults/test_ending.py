"""SIGTERM ends a harvest within ten seconds whatever hangs, and kill -9 leaves no git behind."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from engine.common.orphan_guard import OrphanGuard

ROOT = Path(__file__).parents[2]
WITHIN = 12.0
"""Seconds: the ten that are promised, and two for a machine with much else to do."""
LONG = 120.0
"""Seconds after which something that is waited for does not come any more."""
GIT = """#!/bin/sh
# Ignores the request to end, and has a child, as git has.
trap '' TERM
sh -c "trap '' TERM; echo \\$\\$ > '{pids}/child'; while :; do sleep 1; done" &
echo $$ > '{pids}/git'
while :; do sleep 1; done
"""


def wait_for(true: Callable[[], object]) -> None:
    last = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < last
        threading.Event().wait(0.02)


@contextmanager
def dripping() -> Iterator[tuple[str, threading.Event]]:
    """Serve a body that never ends, a byte every tenth of a second. The event is set once it is being sent."""
    asked, over = threading.Event(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):  # the harvest ends first
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n[")
                asked.set()
                while not over.wait(0.1):
                    connection.sendall(b" ")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}", asked
        finally:
            over.set()


@contextmanager
def harvesting(what: str, base_url: str, folder: Path, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.ending", what, base_url, str(folder / "rows.db")],
        cwd=ROOT,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"started\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def terminated(process: subprocess.Popen[bytes]) -> float:
    """Send SIGTERM; return how many seconds the end took."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(LONG) == 143
    return time.monotonic() - began


def alive(pid: int) -> bool:
    """Whether a process runs. One that was killed and is not waited for yet does not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.fixture
def pids(tmp_path: Path) -> Iterator[Path]:
    """A folder in which a false git notes its process, and that of its child."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (tmp_path / "pids").mkdir()
    (folder / "git").write_text(GIT.format(pids=(tmp_path / "pids").as_posix()))
    (folder / "git").chmod(0o755)
    yield tmp_path / "pids"
    for file in (tmp_path / "pids").iterdir():
        with suppress(ProcessLookupError):
            os.kill(int(file.read_text()), signal.SIGKILL)


def noted(pids: Path) -> list[int]:
    """Return git's process and its child's, once the guard knows of them."""
    wait_for(lambda: all((pids / name).exists() and (pids / name).read_text().strip() for name in ("git", "child")))
    wait_for((pids.parent / "guarded").exists)
    return [int((pids / name).read_text()) for name in ("git", "child")]


def with_git(tmp_path: Path) -> dict[str, str]:
    return {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}


def test_sigterm_leaves_a_body_that_never_ends(tmp_path: Path) -> None:
    with dripping() as (url, asked), harvesting("body", url, tmp_path) as process:
        assert asked.wait(LONG)

        assert terminated(process) < WITHIN


def test_sigterm_leaves_a_delivery_that_never_ends(tmp_path: Path) -> None:
    with harvesting("delivery", "http://127.0.0.1:1", tmp_path) as process:
        assert terminated(process) < WITHIN


def test_sigterm_ends_a_git_that_ignores_it_and_its_children(tmp_path: Path, pids: Path) -> None:
    with harvesting("git", "http://127.0.0.1:1", tmp_path, **with_git(tmp_path)) as process:
        running = noted(pids)

        assert terminated(process) < WITHIN

    wait_for(lambda: not any(map(alive, running)))


def test_sigterm_leaves_a_database_that_another_program_has_locked(tmp_path: Path) -> None:
    with dripping() as (url, asked), harvesting("body", url, tmp_path) as process:
        assert asked.wait(LONG)
        with closing(sqlite3.connect(tmp_path / "rows.db", isolation_level=None)) as other:
            other.execute("begin immediate")

            assert terminated(process) < WITHIN


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with harvesting("delivery", "http://127.0.0.1:1", tmp_path) as process:
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)

        assert process.wait(LONG) in {130, 143}
        assert time.monotonic() - began < WITHIN


def test_kill_9_takes_git_and_its_children_along(tmp_path: Path, pids: Path) -> None:
    with harvesting("git", "http://127.0.0.1:1", tmp_path, **with_git(tmp_path)) as process:
        running = noted(pids)
        assert all(map(alive, running))

        process.kill()

        wait_for(lambda: not any(map(alive, running)))


def test_a_group_that_has_ended_is_not_killed_by_its_number() -> None:
    with subprocess.Popen(["sleep", "1000"], start_new_session=True) as innocent:
        guard = OrphanGuard()
        guard.add(innocent.pid)
        guard.remove(innocent.pid)

        guard.close()

        assert innocent.poll() is None
        innocent.kill()


def test_what_is_registered_when_the_guard_is_closed_is_killed() -> None:
    with subprocess.Popen(["sleep", "1000"], start_new_session=True) as child:
        guard = OrphanGuard()
        guard.add(child.pid)

        guard.close()

        assert child.wait(LONG) == -signal.SIGKILL
    guard.close()
