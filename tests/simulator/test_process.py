import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import msgspec
import pytest

from simulator.__main__ import main
from simulator.config import SimulatorConfig, quiet
from simulator.process import CHILD, Announcement, SimulatorDidNotStart, start
from simulator.serving.server import PortInUse, listen, serve, steady_clock
from simulator.testing import running

ROOT = Path(__file__).parents[2]


@contextmanager
def spawn(*arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Start one as a person would; a test that fails leaves none behind."""
    command = [sys.executable, "-m", "simulator", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_process_serves_and_ends_when_it_is_told_to() -> None:
    with start(["--quiet", "--seed", "3"]) as process:
        answer = httpx.get(f"{process.base_urls['pr0gramm']}/items/get?flags=1", headers={"User-Agent": "tests"})

        running_before = process.running
        assert process.base_urls["github"] == f"{process.url}/github"
        assert process.url in repr(process)

    assert answer.status_code == 200
    assert (running_before, process.running) == (True, False)
    assert process.stop() == 0


def test_wrong_options_are_told_by_the_one_who_starts_it() -> None:
    with pytest.raises(SimulatorDidNotStart, match="ended with 2: simulator: --fault flood: there is no fault"):
        start(["--fault", "flood"])


def test_a_child_ends_when_its_standard_input_closes() -> None:
    with spawn("--quiet", CHILD) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        announcement = msgspec.json.decode(child.stdout.readline(), type=Announcement)

        child.stdin.write(b"ignored\n")
        child.stdin.close()

        assert child.wait(20) == 0
    assert announcement.pid == child.pid


def test_a_child_ends_when_its_parent_dies() -> None:
    script = (
        "import os, simulator.process; child = simulator.process.start(['--quiet'])._child;"
        "print(child.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.wait(20)

    until_gone(pid)


def test_ctrl_c_and_terminate_end_it_cleanly_and_it_says_what_to_configure() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        with spawn("--quiet", "--api", "github") as process:
            assert process.stdout is not None
            assert process.stderr is not None
            lines = [process.stdout.readline().decode() for _ in range(3)]

            process.send_signal(number)

            assert process.wait(20) == 0
            assert process.stderr.read() == b""
        assert lines[2].startswith('github     base_url = "http://127.0.0.1:')


def test_a_port_in_use_is_one_line_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with listen() as taken:
        port = taken.getsockname()[1]

        code = main(["--quiet", "--port", str(port)])

    assert code == 2
    assert capsys.readouterr().err == (
        f"simulator: port {port} is in use: choose another one, or 0 for any that is free\n"
    )


def test_a_port_that_is_no_port_is_one_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--quiet", "--port", "99999"]) == 2
    assert capsys.readouterr().err == "simulator: --port 99999: a port lies between 0 and 65535\n"


def test_it_listens_on_loopback_only() -> None:
    with listen() as opened:
        assert opened.getsockname()[0] == "127.0.0.1"


def test_a_second_listener_is_refused() -> None:
    with listen() as taken, pytest.raises(PortInUse):
        listen(taken.getsockname()[1])


def test_a_start_that_fails_in_its_thread_is_told_to_the_test() -> None:
    broken = SimulatorConfig(apis=(), clock_offset="soon")  # type: ignore[arg-type]  # the point of the test
    with pytest.raises(RuntimeError, match="did not start"), running(broken):
        pass


async def test_a_cancelled_server_closes_its_port() -> None:
    task, addresses = asyncio.current_task(), list[str]()
    assert task is not None

    def ready(url: str, simulator: object) -> None:
        addresses.append(url)
        task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await serve(quiet(), ready=ready)
    task.uncancel()

    listen(int(addresses[0].rpartition(":")[2])).close()


def test_a_stopped_simulator_leaves_no_thread_and_drops_its_clients() -> None:
    before = set(threading.enumerate())
    with running() as server, httpx.Client(base_url=server.url) as client:
        client.get("/github/orgs/aurora", headers={"User-Agent": "tests"})

    assert {thread for thread in threading.enumerate() if thread.name == "simulator"} <= before


def test_the_clock_is_the_machine_s_with_an_offset() -> None:
    ahead, right = steady_clock(3600)(), steady_clock()()

    assert 3590 < ahead - right < 3610


def until_gone(pid: int) -> None:
    """Ask until the process is gone, or waits only for somebody to read its exit code."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z":
                return
        except (ProcessLookupError, FileNotFoundError):
            return
    pytest.fail(f"process {pid} outlived its parent")
