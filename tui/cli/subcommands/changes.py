"""`fetchdeck changes`: lists rows that are new, changed, renamed or gone. It sends no request."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from engine.common.errors import UsageError
from engine.common.text import clean
from engine.config.tables import parse_duration
from engine.model.changes import Change, Tally
from engine.storage.change_feed import read_changes
from tui.cli.subcommands.setup import wiring_for
from tui.common.exit_codes import Exit
from tui.common.times import timestamp
from tui.screens.changes import last_seen

LAST = "last"
_LONGEST = 500
"""The most characters of a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """The changes to print, and since when."""

    since: float | None
    """Seconds since the epoch; None means since the first run."""
    tallies: Sequence[Tally]
    rows: Sequence[Change]


def run(arguments: argparse.Namespace) -> int:
    """Print what changed. Unless `--keep` is given, printing all of it as text counts as a look at the change feed."""
    wiring = wiring_for(arguments)
    wiring.check(arguments.sources)
    memory = last_seen.LastSeenFile()
    found = news(wiring.database, arguments.sources, arguments.since, memory)
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(_plain(found)).decode() + "\n")
        return Exit.COMPLETE
    sys.stdout.writelines(f"{clean(line, _LONGEST)}\n" for line in text(found, arguments.rows))
    if not arguments.keep and not arguments.sources:
        memory.mark(str(wiring.database), read_changes(wiring.database), time.time())
    return Exit.COMPLETE


def news(database: Path, sources: Sequence[str], since: str, memory: last_seen.LastSeen) -> News:
    """Return what changed since the last look, or since a time.

    Raises:
        UsageError: the time is invalid, or the database cannot be read.
    """
    if since != LAST:
        at = moment(since, time.time())
        found = read_changes(database, sources, since=at)
        return News(since=at, tallies=found.tallies, rows=found.rows)
    found = read_changes(database, sources)
    visit = memory.last(str(database), found)
    number = visit.number if visit else 0
    rows = [one for one in found.rows if one.number > number]
    return News(since=visit.at if visit else None, tallies=last_seen.since(found, visit), rows=rows)


def moment(text: str, now: float) -> float:
    """Parse a day, a time (UTC unless it has an offset) or a duration before now such as 2h; return epoch seconds.

    Raises:
        UsageError: the text is none of these.
    """
    try:
        return now - parse_duration(text)
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        want = "want last, a day as 2026-01-31, a time as 2026-01-31T12:00, or a span as 2h"
        raise UsageError(f'--since "{clean(text, 40)}": {want}') from error
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def text(found: News, most: int) -> Iterator[str]:
    """Write changes as text: the sums, then one line for each row that is still listed, the newest first."""
    since = "the first run" if found.since is None else timestamp(found.since, UTC)
    yield f"since {since}: {last_seen.counted(found.tallies) or 'nothing changed'}"
    for one in found.tallies:
        yield f"  {one.source} {one.table}: {one.count:,} {one.kind}"
    for change in found.rows[:most]:
        what = ", ".join(f"{column} {old} → {new}" for column, old, new in change.what)
        where = f"{change.source} {change.table} {change.key} {change.name}".rstrip()
        yield f"{timestamp(change.at, UTC)}  {change.kind:<8} {where}{': ' if what else ''}{what}"
    if len(found.rows) > most:
        yield f"{len(found.rows) - most:,} more are listed with --rows {len(found.rows)}"


def _plain(found: News) -> Any:
    rows = [
        {**msgspec.to_builtins(one), "what": [{"column": c, "old": o, "new": n} for c, o, n in one.what]}
        for one in found.rows
    ]
    return {"since": found.since, "counts": found.tallies, "changes": rows}
