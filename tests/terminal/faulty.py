"""What breaks in a pretended deck, and the real engines behind some of them."""

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NoReturn

from textual import events
from textual.strip import Strip

import tui.app.app
from engine.harvest.engine_thread import EngineThread
from engine.harvest.group import WorkerGroup
from engine.harvest.job import Job
from engine.harvest.sampler import Sampler
from engine.model.source import Memory, Page, RateBudget, Request, Response
from tests.fakes import FakeSource, serves
from tui.widgets.panel import Panel

TOKEN: Final = "ghp_" + "s3cr3t" * 5
BROKE: Final = Path("broke.txt")
"""When it broke, on the clock that all processes of a machine share."""


def blunder() -> NoReturn:
    """Do what nobody foresaw, with a token and a header at hand."""
    token, headers = TOKEN, {"Authorization": f"Bearer {TOKEN}", "Cookie": "me=" + "s3cr3t"}
    BROKE.write_text(str(time.monotonic()), encoding="utf-8")
    raise ValueError(f"a header cannot be {token} in {headers}")


def break_timer(app: tui.app.app.FetchdeckApp) -> None:
    app.set_timer(0.2, blunder)


def break_worker(app: tui.app.app.FetchdeckApp) -> None:
    async def broken() -> None:
        blunder()

    app.run_worker(broken())


def break_render(_app: tui.app.app.FetchdeckApp) -> None:
    def broken(self: Panel, y: int) -> Strip:
        blunder()

    Panel.render_line = broken  # type: ignore[method-assign]  # the fault this process is for


class BrokenSource(FakeSource):
    """Meets what nobody foresaw, in a task of the real engine."""

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        blunder()


def broken_source() -> EngineThread:
    source = BrokenSource()
    return EngineThread(jobs=[Job(source=source, transport=serves(source))], database=Path("rows.db"))


def broken_engine() -> EngineThread:
    """The real engine, whose own task breaks, the one that keeps the journal."""

    async def broken(self: Sampler, groups: Iterable[WorkerGroup]) -> None:
        blunder()

    Sampler.record = broken  # type: ignore[method-assign]  # the fault this process is for
    return paced_engine()


def paced_engine() -> EngineThread:
    """The real engine, real rows and all, at a pace that any machine keeps up with."""
    source = FakeSource(pages=100_000, details=True, budgets=[RateBudget(resource="core", requests=20, per=1.0)])
    return EngineThread(jobs=[Job(source=source, transport=serves(source))], database=Path("rows.db"))


def write_keys(app: tui.app.app.FetchdeckApp) -> None:
    """Write down every key instead of doing what it means."""
    forward, keys = app.on_event, list[str]()

    def heard(key: str) -> None:
        keys.append(f"{key}\n")
        Path("keys.txt").write_text("".join(keys), encoding="utf-8")

    async def note(event: events.Event) -> None:
        if isinstance(event, events.Key):
            heard(event.key)
        else:
            await forward(event)

    app.on_event = note  # type: ignore[method-assign]  # what this process is for


def hang(app: tui.app.app.FetchdeckApp) -> None:
    """Hold the event loop for ever."""
    app.set_timer(0.5, lambda: threading.Event().wait())


FAULTS: Final = {"timer": break_timer, "worker": break_worker, "render": break_render, "hang": hang, "keys": write_keys}
ENGINES: Final[dict[str, Callable[[], EngineThread]]] = {
    "source": broken_source, "engine": broken_engine, "paced": paced_engine
}  # fmt: skip
