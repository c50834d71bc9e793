"""A harvest whose process has little room: `python -m tests.faults.crowded BASE_URL DATABASE WORKERS TAKEN MORE`.

It prints what came of it as JSON: the state, the rows, the failures, what the events said, and MiB held before and at
most. Once the first answer is there, TAKEN descriptors are opened, and the process may map MORE bytes besides (0: any).
"""

import os
import resource
import sys
from pathlib import Path

import msgspec

from engine.harvest.engine_thread import EngineThread
from engine.harvest.job import Job
from engine.model.events import Event, LimitMoved, RequestLanded, RunStarted
from engine.model.source import Memory, Page, RateBudget, Record, Request, Response
from engine.model.tuning import Tuning
from engine.transport.http.transport import HttpTransport
from tests.fakes import FakeSource

ITEMS = 60


class DecodingSource(FakeSource):
    """Decodes each item, as real sources do, and keeps no more of it than its row, or as many rows as it says."""

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        if request.route != "detail":
            return super().parse(request, response, memory)
        item = response.json(dict[str, int])
        ids = range(item["id"], item["id"] + ITEMS * item.get("rows", 1), ITEMS)
        return Page(records=[Record(table="detail", data={"item_id": id, "text": "d"}, raw=b"{}") for id in ids])


class Outcome(msgspec.Struct):
    state: str
    rows: int
    failed: int
    said: list[str]
    before: float
    most: float


def memory(name: str) -> float:
    """Return a line of this process's status in MiB: VmRSS, what it holds now; VmHWM, what it has held at most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def main() -> int:
    base_url, database, workers, taken = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    source = DecodingSource(per_page=ITEMS, details=True, base_url=base_url, budgets=(RateBudget(concurrency=workers),))
    transport = HttpTransport(
        base_url=base_url, headers={}, connections=workers + 2, user_agent="fetchdeck-test", total_timeout=60
    )
    more = int(sys.argv[5])
    said: list[str] = []
    before: list[float] = []
    others: list[int] = []

    def listen(event: Event) -> None:
        if isinstance(event, LimitMoved):
            said.append(event.reason)
        if isinstance(event, RunStarted):
            said.append(event.note)
        if isinstance(event, RequestLanded) and not before:
            before.append(memory("VmRSS"))
            others.extend(os.open(os.devnull, os.O_RDONLY) for _ in range(taken))
            if more:
                most = int(memory("VmSize") * 2**20) + more
                resource.setrlimit(resource.RLIMIT_AS, (most, most))

    tuning = Tuning(workers=workers)
    engine = EngineThread(
        jobs=[Job(source=source, transport=transport, tuning=tuning)], database=database, listen=listen
    )
    engine.start()
    engine.wait()
    (group,) = engine.snapshot().groups
    done = Outcome(
        state=group.state, rows=group.rows, failed=group.failed, said=said, before=before[0], most=memory("VmHWM")
    )
    sys.stdout.write(msgspec.json.encode(done).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
