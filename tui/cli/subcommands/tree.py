"""`fetchdeck tree`: draws the harvested groups and projects as a tree. It reads the database and sends no request."""

import argparse
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from engine.common.errors import StoreUnusable, UsageError
from engine.common.paths import tilde
from engine.common.text import clean
from engine.storage.database import open_read_only
from engine.storage.history import read_history
from engine.storage.source_tables import table_name
from sources.gitlab.tree import build, render
from tui.cli.subcommands.setup import wiring_for
from tui.common.exit_codes import Exit

LONGEST: Final = 1000
"""The most characters of a line."""
_TABLES: Final = {
    "grp": "id, parent_id, gone, name, path, full_path",
    "project": "id, grp_id, archived, empty_repo, gone, name, path, full_path",
    "project_share": "project_id, grp_id, active",
}


def run(arguments: argparse.Namespace) -> int:
    """Print the tree of groups and projects.

    Raises:
        UsageError: nothing was harvested from this source.
    """
    database = wiring_for(arguments).database
    if arguments.source not in read_history(database):
        name = arguments.source
        raise UsageError(f"{tilde(database)} holds nothing of {name} yet: run `fetchdeck run {name}` first")
    text = render(build(*(_rows(database, arguments.source, table) for table in _TABLES)), arguments.format)
    lines = text.splitlines() if arguments.format == "tree" else [text.rstrip("\n")]
    sys.stdout.writelines(f"{line}\n" for line in (_shown(lines) if arguments.format == "tree" else lines))
    return Exit.COMPLETE


def _shown(lines: list[str]) -> Iterator[str]:
    return (clean(line, LONGEST) for line in lines)


def _rows(database: Path, source: str, table: str) -> list[Mapping[str, Any]]:
    try:
        with closing(open_read_only(database)) as db:
            db.row_factory = sqlite3.Row
            query = f"select {_TABLES[table]} from {table_name(source, table)}"  # noqa: S608 - names of ours only
            return [dict(row) for row in db.execute(query)]
    except sqlite3.DatabaseError as error:
        raise StoreUnusable(f"cannot read the database {tilde(database)}: {error}") from error
