"""`fetchdeck check`: checks whether a harvest would work. Each line reports one check, and the way out if it failed."""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator

from engine.common.errors import BadBody, TransportError, UsageError
from engine.common.paths import tilde
from engine.model.source import Request, Response
from engine.storage.history import read_history
from engine.transport.base import Transport
from tui.cli.subcommands.findings import Finding, usable_folder
from tui.cli.subcommands.setup import wiring_for
from tui.common.exit_codes import Exit
from tui.wiring.builder import Wiring
from tui.wiring.configured_source import ConfiguredSource
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
        wiring = wiring_for(arguments)
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
    for name in arguments.sources or sorted(wiring.settings.sources) or wiring.names():
        yield from _source(wiring, name)


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


def _source(wiring: Wiring, name: str) -> Iterator[Finding]:
    try:
        configured = wiring.prepare(name)
        configured.check(time.time())
        yield Finding(well=True, what=name, detail=access(configured))
        transport = wiring.transport(configured, timeout=ANSWER_WITHIN)
    except UsageError as error:
        yield Finding(well=False, what=name, detail=str(error).removeprefix(f"{name}: "))
        return
    yield reached(configured, transport)


def reached(configured: ConfiguredSource, transport: Transport) -> Finding:
    """Request the base address of an API once. Any answer shows that it is reachable; 401 means a refused token."""
    name, address = configured.source.name, configured.source.base_url
    try:
        response = asyncio.run(_ask(transport))
    except (TransportError, BadBody) as error:
        way_out = "check the network, the proxy and base_url"
        return Finding(well=False, what=name, detail=f"{address} cannot be reached: {error}; {way_out}")
    if response.status == 401:
        return Finding(well=False, what=name, detail=f"{address} refuses the token (401): make a new one")
    if response.status >= 500:
        return Finding(well=False, what=name, detail=f"{address} is ailing ({response.status}): try later")
    return Finding(well=True, what=name, detail=f"{address} answers ({response.status}, {response.elapsed:.2f} s)")


async def _ask(transport: Transport) -> Response:
    try:
        return await transport.send(Request(key="check", url="/"), {})
    finally:
        await transport.close()
