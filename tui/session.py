"""One harvest of the command line: on the screen or headless, then its summary and its exit code."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

from engine.common.errors import UsageError
from engine.common.paths import log_file, tilde
from engine.config.tables import ScreenSettings
from engine.model.snapshot import DeckState, State
from engine.storage.change_feed import last_run_counts
from engine.storage.history import read_history
from tui.common.config_watch import ConfigWatch
from tui.common.exit_codes import Exit
from tui.common.logs import logging_to
from tui.headless.lines import Line, Tone, endings
from tui.headless.printer import Printer, is_terminal
from tui.headless.runner import HeadlessRunner
from tui.headless.summary import HarvestResult, Rows, Summary, summarize, to_json
from tui.terminal.preferences import TerminalPreferences
from tui.terminal.restore import Deadline
from tui.wiring.builder import Wiring


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """How a harvest is shown."""

    headless: bool
    quiet: bool
    json: bool
    hz: float | None = None
    slow: bool = False
    ascii: bool = False
    mouse: bool = False

    @classmethod
    def of(cls, arguments: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> "Output":
        """Read the output options. Without a terminal on all three streams, the harvest is headless."""
        # All three: Textual reads keys from stdin and draws on stderr, and the summary goes to stdout.
        terminal = all(is_terminal(stream, environ) for stream in (sys.stdin, sys.stdout, sys.stderr))
        served = getattr(arguments, "served", False)
        return cls(
            headless=arguments.headless or not (terminal or served),
            quiet=arguments.quiet,
            json=arguments.json and not served,  # standard output leads to the browser
            hz=arguments.hz,
            slow=arguments.slow,
            ascii=arguments.ascii,
            mouse=arguments.mouse,
        )

    def preferences(self, settings: ScreenSettings) -> TerminalPreferences:
        return TerminalPreferences.of(settings, hz=self.hz, slow=self.slow, ascii_only=self.ascii, mouse=self.mouse)


def harvest(
    wiring: Wiring,
    *,
    names: Sequence[str],
    output: Output,
    simulator: Callable[[], Mapping[str, Any]] | None = None,
    after: Callable[[], str] | None = None,
    set_up: Callable[[], object] | None = None,
) -> int:
    """Run a harvest to its end and return the exit code.

    Args:
        wiring: builds the engine.
        names: the sources; without any, the person chooses on the screen.
        output: how the harvest is shown.
        simulator: returns the simulator's counters, for the summary.
        after: returns a line to print at the end.
        set_up: called when the person leaves the screen for `fetchdeck init`.

    Raises:
        UsageError: something is invalid, before anything has started.
    """
    config = ConfigWatch(settings=wiring.settings, reread=wiring.reread) if wiring.rereads else None
    headless = HeadlessRunner(printer=Printer(sys.stderr, quiet=output.quiet), config=config)
    try:
        with logging_to(log_file()):
            lines = output.headless
            ended = _headless(wiring, names, headless) if lines else _on_screen(wiring, names, output, set_up)
        if lines and config is not None:
            ended = replace(ended, edit=config.edit)
        summary = _summary(wiring, ended, simulator)
        code = Exit.CRASHED if ended.crashed else summary.exit_code
        # After a signal, a stalled terminal must not keep the process from ending.
        with Deadline(code) if ended.by is not None and not output.headless else nullcontext():
            _print(ended, summary, output, after=after or (lambda: tilde(wiring.database)))
        return code
    finally:
        headless.close()


def _print(ended: HarvestResult, summary: Summary, output: Output, *, after: Callable[[], str]) -> None:
    printer = Printer(sys.stderr, quiet=output.quiet)
    if ended.deck is not None:
        if not output.headless:
            for line in endings(ended.deck, ended.durations):
                printer.line(line)
        for name, source in summary.sources.items():
            if source.changes:
                changes = ", ".join(f"{many:,} {kind}" for kind, many in source.changes.items())
                printer.line(Line(verb="Changed", source=name, text=changes, tone=Tone.GOOD))
        printer.line(Line(verb="Database", source="", text=after(), tone=Tone.GOOD))
    if output.json:
        sys.stdout.write(to_json(summary) + "\n")
        sys.stdout.flush()


def _headless(wiring: Wiring, names: Sequence[str], headless: HeadlessRunner) -> HarvestResult:
    engine = wiring.engine(names, headless.on_event)
    engine.start()
    by = headless.follow(engine)
    durations = headless.stopwatch.durations()
    return HarvestResult(deck=engine.snapshot(), interrupted=by is not None, by=by, durations=durations)


def _on_screen(
    wiring: Wiring, names: Sequence[str], output: Output, set_up: Callable[[], object] | None
) -> HarvestResult:
    from tui.app.launch import show  # noqa: PLC0415 -- importing Textual takes 400 ms, which a headless run saves

    return show(wiring, names, output.preferences(wiring.settings.screen), set_up)


def _summary(wiring: Wiring, ended: HarvestResult, simulator: Callable[[], Mapping[str, Any]] | None) -> Summary:
    deck = ended.deck or _empty_deck(wiring)
    return summarize(
        deck,
        version=wiring.version,
        interrupted=ended.interrupted,
        by=ended.by,
        rows=_rows(wiring) if deck.groups else {},
        durations=ended.durations,
        edit=ended.edit,
        simulator=simulator() if simulator else None,
        changes=last_run_counts(wiring.database) if deck.groups else {},
    )


def _rows(wiring: Wiring) -> Rows:
    try:
        return {name: past.rows for name, past in read_history(wiring.database).items()}
    except UsageError:
        return {}


def _empty_deck(wiring: Wiring) -> DeckState:
    return DeckState(
        at=0.0, uptime=0.0, state=State.IDLE, reason="", database=str(wiring.database), groups=(), log=(), failures=()
    )  # fmt: skip
