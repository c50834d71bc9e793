"""`fetchdeck changes`: which rows are new, changed, renamed or gone. Asks nobody."""

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
from engine.model.snapshot import Change, Tally
from engine.storage.change_feed import read_changes
from tui.cli.subcommands.setup import wiring_for
from tui.common.exit_codes import Exit
from tui.screens.changes import last_seen

LAST = "last"
_SHOWN = 500
"""Characters of a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What there is to tell, and from when on."""

    since: float | None
    """Seconds since the epoch; None is from the first run on."""
    tallies: Sequence[Tally]
    rows: Sequence[Change]


def run(arguments: argparse.Namespace) -> int:
    """Print what changed. Reading all of it as lines is having looked, unless `--keep` is given."""
    wiring = wiring_for(arguments)
    wiring.check(arguments.sources)
    memory = last_seen.LookedFile()
    found = news(wiring.database, arguments.sources, arguments.since, memory)
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(_plain(found)).decode() + "\n")
        return Exit.COMPLETE
    sys.stdout.writelines(f"{clean(line, _SHOWN)}\n" for line in text(found, arguments.rows))
    if not arguments.keep and not arguments.sources:
        memory.mark(str(wiring.database), read_changes(wiring.database), time.time())
    return Exit.COMPLETE


def news(database: Path, sources: Sequence[str], since: str, memory: last_seen.LastSeen) -> News:
    """Find what changed since the last look, or since a moment.

    Raises:
        UsageError: the moment is none, or the database cannot be read.
    """
    if since != LAST:
        at = moment(since, time.time())
        found = read_changes(database, sources, since=at)
        return News(since=at, tallies=found.tallies, rows=found.rows)
    found = read_changes(database, sources)
    look = memory.last(str(database), found)
    number = look.number if look else 0
    rows = [one for one in found.rows if one.number > number]
    return News(since=look.at if look else None, tallies=last_seen.since(found, look), rows=rows)


def moment(text: str, now: float) -> float:
    """Read a day, a time (UTC where it does not say) or a span such as 2h, counted back from now; in epoch seconds.

    Raises:
        UsageError: it is none of these.
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
    """Write news for a person: the sums, then a line for each row that is still known, the newest first."""
    since = "the first run" if found.since is None else _moment(found.since)
    yield f"since {since}: {last_seen.counted(found.tallies) or 'nothing changed'}"
    for one in found.tallies:
        yield f"  {one.source} {one.table}: {one.count:,} {one.kind}"
    for change in found.rows[:most]:
        what = ", ".join(f"{column} {old} → {new}" for column, old, new in change.what)
        where = f"{change.source} {change.table} {change.key} {change.name}".rstrip()
        yield f"{_moment(change.at)}  {change.kind:<8} {where}{': ' if what else ''}{what}"
    if len(found.rows) > most:
        yield f"{len(found.rows) - most:,} more are listed with --rows {len(found.rows)}"


def _plain(found: News) -> Any:
    rows = [
        {**msgspec.to_builtins(one), "what": [{"column": c, "old": o, "new": n} for c, o, n in one.what]}
        for one in found.rows
    ]
    return {"since": found.since, "counts": found.tallies, "changes": rows}


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
