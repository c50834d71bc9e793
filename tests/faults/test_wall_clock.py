"""A real process whose wall clock is set by an hour while a retry waits; libfaketime sets it for that process alone."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
HARVEST = """
import sys
from pathlib import Path

import engine.harvest.outcomes
from engine.harvest.engine_thread import EngineThread
from engine.harvest.event_log import describe
from engine.harvest.job import Job
from engine.transport.http.transport import HttpTransport
from tests.fakes import FakeSource

engine.harvest.outcomes.Backoff = lambda chance: lambda attempt: 4.0
transport = HttpTransport(base_url=sys.argv[1], headers={}, connections=2, user_agent="fetchdeck-test")
source = FakeSource(pages=3, base_url=sys.argv[1])
harvest = EngineThread(
    jobs=[Job(source=source, transport=transport)],
    database=Path(sys.argv[2]),
    listen=lambda event: print(describe(event)[1], flush=True),
)
harvest.start()
harvest.wait()
print(harvest.snapshot().state.value)
"""


@contextmanager
def serving(clock: Path, step: str) -> Iterator[str]:
    """Serve three pages. The second is refused at first, and the clock is set soon afterwards."""
    refused = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = int(self.path.partition("page=")[2])
            if page == 1 and not refused.is_set():
                refused.set()
                threading.Timer(1.0, clock.write_text, [step]).start()
                self.send_error(503)
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"[%d]" % page)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@pytest.mark.skipif(not LIBRARIES, reason="libfaketime is not installed")
@pytest.mark.parametrize(("step", "way"), [("-1h", "back"), ("+1h", "forward")])
def test_a_retry_waits_no_hour_when_the_clock_of_the_machine_is_set(tmp_path: Path, step: str, way: str) -> None:
    clock = tmp_path / "clock"
    clock.write_text("+0")
    environ = {
        **os.environ,
        "LD_PRELOAD": str(LIBRARIES[0]),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with serving(clock, step) as url:
        ended = subprocess.run(
            [sys.executable, "-c", HARVEST, url, str(tmp_path / "rows.db")],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )

    assert ended.stdout.splitlines()[-1] == "done", ended.stderr
    assert f"the clock was set {way} by 60 min: no wait changes" in ended.stdout
