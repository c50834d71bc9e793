"""A harvest in a process of its own, to be killed: `python -m tests.faults.harvester BASE_URL DATABASE`."""

import sys
from pathlib import Path

from engine.harvest.engine_thread import EngineThread
from engine.harvest.job import Job
from engine.model.snapshot import State
from engine.transport.http.transport import HttpTransport
from tests.fakes import FakeSource

PAGES = 50
PER_PAGE = 99
REQUESTS = PAGES + PAGES * PER_PAGE
CONNECTIONS = 34


def source(base_url: str) -> FakeSource:
    return FakeSource(pages=PAGES, per_page=PER_PAGE, details=True, base_url=base_url)


def main() -> int:
    base_url, database = sys.argv[1], Path(sys.argv[2])
    transport = HttpTransport(base_url=base_url, headers={}, connections=CONNECTIONS, user_agent="fetchdeck-test")
    engine = EngineThread(jobs=[Job(source=source(base_url), transport=transport)], database=database)
    engine.start()
    engine.wait()
    return 0 if engine.snapshot().state is State.DONE else 1


if __name__ == "__main__":
    sys.exit(main())
