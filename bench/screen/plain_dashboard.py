"""The dashboard built from Textual's stock widgets, which our screen is compared with.

It shows every number, bar, sparkline, worker, log line and kind of error that our dashboard shows at 120x40.
"""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import DataTable, Footer, ProgressBar, RichLog, Sparkline, Static

from engine.model.control import Control
from engine.model.snapshot import DeckState, Failure, GroupState, LogLine
from tui.widgets.log import time_of_day, who
from tui.widgets.numbers import count, duration, size


class PlainDashboard(App[int]):
    """Takes a snapshot four times a second and updates every widget with it."""

    CSS = """
    .source { height: 1; }
    .label { width: 50; }
    Sparkline { width: 1fr; height: 1; }
    ProgressBar { width: 20; }
    Bar { width: 14; }
    .reset { width: 10; }
    #workers { height: 13; }
    #bottom { height: 1fr; }
    #log { width: 2fr; }
    #errors { width: 1fr; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(number), f"choose({number})", f"source {number}") for number in range(1, 6)),
        Binding("q", "quit", "quit"),
    ]

    def __init__(self, control: Control, *, hz: float = 4.0) -> None:
        super().__init__()
        self._control, self._hz = control, hz
        self._deck = control.snapshot()
        self._chosen, self._logged = 1, 0

    def compose(self) -> ComposeResult:
        yield Static(id="heading")
        for number, _ in enumerate(self._deck.groups, 1):
            with Horizontal(classes="source"):
                yield Static(id=f"label-{number}", classes="label")
                yield Sparkline(id=f"spark-{number}")
                yield ProgressBar(id=f"bar-{number}", show_eta=False)
                yield Static(id=f"reset-{number}", classes="reset")
        yield DataTable(id="workers")
        with Horizontal(id="bottom"):
            yield RichLog(id="log", max_lines=500)
            yield DataTable(id="errors")
        yield Footer()

    def on_mount(self) -> None:
        workers = self.query_one("#workers", DataTable)
        for column in ("source", "worker", "state", "elapsed", "done", "request"):
            workers.add_column(column, key=column, width=45 if column == "request" else 10)
        for group in self._deck.groups:
            for slot in group.lanes[0].slots:
                cells = (group.name, f"{slot.number:02d}", "", "", "", "")
                workers.add_row(*cells, key=f"{group.name}/{slot.number}")
        errors = self.query_one("#errors", DataTable)
        for column in ("kind", "count", "source", "message"):
            errors.add_column(column, key=column, width=8)
        self._tick()
        self.set_interval(1 / self._hz, self._tick)

    def action_choose(self, number: int) -> None:
        self._chosen = number
        self._label_all()

    def _tick(self) -> None:
        self._deck = deck = self._control.snapshot()
        self.query_one("#heading", Static).update(_heading(deck))
        self._label_all()
        for number, group in enumerate(deck.groups, 1):
            self._meter(number, group)
            self._work(group)
        self._say(deck.log)
        self._fail(deck.failures)

    def _label_all(self) -> None:
        for number, group in enumerate(self._deck.groups, 1):
            mark = "▸" if number == self._chosen else " "
            self.query_one(f"#label-{number}", Static).update(f"{mark}{number} {_label(group)}")

    def _meter(self, number: int, group: GroupState) -> None:
        quota = group.lanes[0].quotas[0]
        self.query_one(f"#spark-{number}", Sparkline).data = [float(one.requests) for one in group.seconds[-60:]]
        self.query_one(f"#bar-{number}", ProgressBar).update(total=quota.limit, progress=quota.remaining or 0)
        self.query_one(f"#reset-{number}", Static).update(f"{group.failed} err")

    def _work(self, group: GroupState) -> None:
        table = self.query_one("#workers", DataTable)
        for slot in group.lanes[0].slots:
            update = partial(table.update_cell, f"{group.name}/{slot.number}")
            update("state", slot.state.value)
            update("elapsed", "" if slot.elapsed is None else f"{slot.elapsed:.1f} s")
            update("done", count(slot.done))
            update("request", slot.what)

    def _say(self, lines: Sequence[LogLine]) -> None:
        log = self.query_one("#log", RichLog)
        for line in lines:
            if line.number > self._logged:
                log.write(f"{time_of_day(line.at, None)} {line.level:5} {who(line):14} {line.text}")
                self._logged = line.number

    def _fail(self, failures: Sequence[Failure]) -> None:
        table = self.query_one("#errors", DataTable)
        for failure in failures:
            if failure.fingerprint in table.rows:
                table.update_cell(failure.fingerprint, "count", str(failure.count))
            else:
                cells = (failure.kind, str(failure.count), failure.source, failure.message)
                table.add_row(*cells, key=failure.fingerprint)


def _heading(deck: DeckState) -> str:
    rate = sum(group.rate for group in deck.groups)
    rows, octets = (sum(getattr(group, name) for group in deck.groups) for name in ("rows", "bytes"))
    return f"{deck.state} {duration(deck.uptime)}   {rate:.0f} req/s   {count(rows)} rows   {size(octets)}"


def _label(group: GroupState) -> str:
    lane = group.lanes[0]
    latency = "" if group.p50 is None else f"{group.p50 * 1000:.0f} ms"
    return f"{group.name:9} {group.state:8} {lane.in_flight:2}/{lane.limit} {group.rate:6.0f}/s {latency:>7}"
