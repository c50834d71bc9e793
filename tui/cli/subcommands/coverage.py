"""`fetchdeck coverage`: lists which parts of a harvest are complete, stale, failed or missing. It sends no request."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from engine.model.coverage import Part
from engine.storage.coverage_map import coverage_map
from tui.cli.subcommands.setup import wiring_for
from tui.common.exit_codes import Exit
from tui.wiring.builder import Wiring, chosen

NONE: Final = "-"
SHOWN: Final = ("source", "key", "name", "state", "detail", "rows", "updated", "fillable")
"""What `--json` has of a part."""


def run(arguments: argparse.Namespace) -> int:
    wiring = wiring_for(arguments)
    wiring.check(arguments.sources)
    wanted = set(arguments.state or ())
    found = {
        name: [one for one in parts_of(wiring, name) if not wanted or one.state in wanted]
        for name in chosen(arguments.sources, wiring.settings)
    }
    if arguments.json:
        listed = {name: [{key: getattr(one, key) for key in SHOWN} for one in parts] for name, parts in found.items()}
        sys.stdout.write(msgspec.json.encode(listed).decode() + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for name, parts in found.items() for line in text(name, parts))
    return Exit.COMPLETE


def parts_of(wiring: Wiring, name: str) -> Sequence[Part]:
    """Return the parts of a source.

    Raises:
        UsageError: its settings are wrong, or the database cannot be read.
    """
    with coverage_map(wiring.database, wiring.prepare(name).source, now=time.time()) as found:
        return found.shown()


def text(name: str, parts: Sequence[Part]) -> Iterator[str]:
    """Write the parts of a source as text: their sums, then one line for each part."""
    counts = Counter(one.state for one in parts)
    sums = ", ".join(f"{many:,} {state}" for state, many in counts.most_common()) or "no parts"
    yield f"{name}  {sums}"
    width = max((len(one.key) for one in parts), default=0)
    for one in parts:
        rows = NONE if one.rows is None else f"{one.rows:,}"
        known = _moment(one.updated)
        yield f"  {one.state:<11} {rows:>11}  {known}  {one.key:<{min(width, 40)}}  {one.detail}".rstrip()


def _moment(at: float | None) -> str:
    """Return when a part was last known to be complete, in UTC."""
    return f"{NONE:<16}" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")
