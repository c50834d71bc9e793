"""`fetchdeck repair`: saves what can be read of a damaged database into a new file, and counts what is lost."""

import argparse
import sys
from collections.abc import Iterator

from engine.common.paths import expand, tilde
from engine.common.text import counted
from engine.storage.repair import Repair, TableRepair, repair
from tui.cli.subcommands.setup import wiring_for
from tui.common.exit_codes import Exit
from tui.headless.lines import Line, Tone
from tui.headless.printer import Printer


def run(arguments: argparse.Namespace) -> int:
    """Repair the database; report each table, and how to go on."""
    database = wiring_for(arguments).database
    done = repair(database, expand(arguments.out) if arguments.out else None)
    printer = Printer(sys.stderr, quiet=arguments.quiet)
    for line in lines(done):
        printer.line(line)
    way = f"mv {tilde(done.file)} {tilde(database)}" if done.damaged else "nothing is damaged, so this is a copy"
    printer.line(Line(verb="Database", source="", text=f"{tilde(done.file)}: {way}", tone=Tone.GOOD))
    return Exit.COMPLETE if done.is_whole else Exit.FAILED


def lines(done: Repair) -> Iterator[Line]:
    """Return a line for each table that has or had rows, and what to do about rows that are lost."""
    for table in done.tables:
        if table.saved or table.lost != 0:
            tone = Tone.GOOD if table.lost == 0 else Tone.ERROR
            yield Line(verb="Saved", source=table.name, text=counted(table.saved, "row") + lost(table), tone=tone)
    if not done.is_whole:
        text = "`fetchdeck run SOURCE --full` fetches the rows that are lost again"
        yield Line(verb="Note", source="", text=text, tone=Tone.WARNING)


def lost(table: TableRepair) -> str:
    """Say how many rows are lost: the number, or the most there can have been."""
    if table.lost is None:
        return ", and an unknown number lost"
    if not table.lost:
        return ""
    return f", {table.lost:,} lost" if table.exact else f", about {table.lost:,} lost"
