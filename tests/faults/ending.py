"""A headless harvest that hangs, in a process of its own: `python -m tests.faults.ending WHAT BASE_URL DATABASE`."""

import os
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from engine.common.orphan_guard import OrphanGuard
from engine.harvest.engine_thread import EngineThread
from engine.harvest.job import Job
from engine.model.capabilities import Stored
from engine.model.source import RateBudget, Request, Response
from engine.transport.base import Transport
from engine.transport.git import command
from engine.transport.git.transport import GitTransport
from engine.transport.http.transport import HttpTransport
from tests.fakes import FakeSource, answer
from tui.common.exit_codes import exit_code
from tui.common.signals import Interrupts
from tui.headless.printer import Printer
from tui.headless.runner import HeadlessRunner


class Hanging(FakeSource):
    """Delivers for ever, in a thread that nothing can end."""

    def deliver(self, _stored: Stored, _since: float) -> Sequence[str]:
        threading.Event().wait()
        return ()


class Clones(FakeSource):
    """Asks for one clone."""

    def page(self, number: int) -> Request:
        return Request(
            key=f"clone {number}", url="/group/one.git", via="git", json={"project": 1, "folder": "group/one"}
        )


class Answers(Transport):
    identity = "nobody"

    async def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        del request, headers
        return answer([1])

    async def close(self) -> None:
        """Hold nothing."""


class SaysSo(Interrupts):
    """Says `started` once signals are handled. One that comes before has its default effect."""

    def __enter__(self) -> Self:
        super().__enter__()
        print("started", flush=True)  # noqa: T201 -- for the test, which waits for it
        return self


def note_what_is_guarded(file: Path) -> None:
    """Have git's guard make a file once it knows of a process: a kill before that leaves git behind."""

    class Noting(OrphanGuard):
        def add(self, group: int) -> None:
            super().add(group)
            file.touch()

    command.OrphanGuard = Noting  # type: ignore[attr-defined]


def job(what: str, base_url: str, folder: Path) -> Job:
    budgets = (RateBudget(resource="core"),)
    if what == "delivery":
        return Job(source=Hanging(base_url=base_url, budgets=budgets), transport=Answers())
    if what == "git":
        clones = GitTransport(
            base_url=base_url, root=folder / "mirror", secret=None, timeout=600.0, environ=dict(os.environ)
        )
        return Job(source=Clones(base_url=base_url, budgets=budgets), transport=clones)
    pages = HttpTransport(base_url=base_url, headers={}, connections=4, user_agent="fetchdeck-test", total_timeout=600)
    return Job(source=FakeSource(base_url=base_url, budgets=budgets), transport=pages)


def main() -> int:
    what, base_url, database = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    note_what_is_guarded(database.parent / "guarded")
    headless = HeadlessRunner(printer=Printer(sys.stderr), interrupts=SaysSo)
    engine = EngineThread(jobs=[job(what, base_url, database.parent)], database=database, listen=headless.on_event)
    engine.start()
    by = headless.follow(engine)
    headless.close()
    return exit_code(engine.snapshot(), interrupted=by is not None, by=by)


if __name__ == "__main__":
    sys.exit(main())
