"""`fetchdeck check`: checks whether a harvest would work. Each line reports one check, and the way out if it failed."""

import argparse
import sys
import time
from collections.abc import Iterator

from engine.common.errors import UsageError
from engine.common.paths import tilde
from engine.storage.history import read_history
from tui.cli.subcommands.api_check import answers
from tui.cli.subcommands.findings import Finding, usable_folder
from tui.cli.subcommands.setup import wiring_for
from tui.common.exit_codes import Exit
from tui.wiring.builder import Wiring
from tui.wiring.source_cards import access

ANSWER_WITHIN = 10.0
"""Seconds after which an API counts as unreachable."""


def run(arguments: argparse.Namespace) -> int:
    """Check and print line by line, because some checks wait for the network."""
    well = True
    for finding in findings(arguments):
        sys.stdout.write(finding.text(sys.stdout.encoding) + "\n")
        sys.stdout.flush()
        well = well and finding.well
    return Exit.COMPLETE if well else Exit.USAGE


def findings(arguments: argparse.Namespace) -> Iterator[Finding]:
    """Check the configuration, the database, and for each source its settings, its token and its API."""
    try:
        wiring = wiring_for(arguments, acts=not arguments.offline)
    except UsageError as error:
        yield Finding(well=False, what="configuration", detail=str(error))
        return
    wiring.check(arguments.sources)
    file = tilde(wiring.settings.origin.file)
    yield Finding(
        well=True, what="configuration", detail=file if wiring.settings.exists else f"none at {file}: defaults"
    )
    if wiring.settings.keys:
        yield _keys(wiring)
    yield _database(wiring)
    names = arguments.sources or sorted(wiring.settings.sources)
    for name in names:
        yield from _offline(wiring, name) if arguments.offline else _source(wiring, name)
    if not names:
        nobody = "none is configured, so nobody was asked: `fetchdeck init` writes a configuration, or name a source"
        yield Finding(well=True, asked=False, what="sources", detail=nobody)


def _keys(wiring: Wiring) -> Finding:
    from tui.app.keymap import checked  # noqa: PLC0415 -- importing Textual takes 400 ms

    try:
        found = checked(wiring.settings)
    except UsageError as error:
        return Finding(well=False, what="keys", detail=str(error))
    return Finding(well=True, what="keys", detail=f"{len(found)} of your own")


def _database(wiring: Wiring) -> Finding:
    try:
        read_history(wiring.database)
        usable_folder(wiring.database)
    except UsageError as error:
        return Finding(well=False, what="database", detail=str(error))
    new = "" if wiring.database.exists() else " (made by the first harvest)"
    return Finding(well=True, what="database", detail=f"{tilde(wiring.database)}{new}")


def _offline(wiring: Wiring, name: str) -> Iterator[Finding]:
    """Check the settings of a source. No secret is read, because that may run a command, and no API is asked."""
    try:
        configured = wiring.prepare(name)
    except UsageError as error:
        yield Finding(well=False, what=name, detail=str(error).removeprefix(f"{name}: "))
        return
    yield Finding(well=True, what=name, detail=access(configured))
    yield Finding(well=True, asked=False, what=name, detail="its API was not asked (--offline)")


def _source(wiring: Wiring, name: str) -> Iterator[Finding]:
    try:
        configured = wiring.prepare(name)
        configured.check(time.time())
        yield Finding(well=True, what=name, detail=access(configured))
        transport = wiring.transport(configured, timeout=ANSWER_WITHIN)
    except UsageError as error:
        yield Finding(well=False, what=name, detail=str(error).removeprefix(f"{name}: "))
        return
    place = configured.credential.place if configured.credential else ""
    yield from answers(configured.source, transport, time.time(), place)
