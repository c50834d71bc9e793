"""`fetchdeck tree`: draws the harvested groups and projects as a tree. It reads the database and sends no request."""

import argparse
import sys
from collections.abc import Iterator
from typing import Final

from engine.common.errors import UsageError
from engine.common.paths import tilde
from engine.common.text import clean
from engine.storage.history import read_history
from engine.storage.source_tables import read_columns
from sources.gitlab.tree import build, render
from tui.cli.subcommands.setup import wiring_for
from tui.common.exit_codes import Exit

LONGEST: Final = 1000
"""The most characters of a line."""
_TABLES: Final = {
    "grp": ("id", "parent_id", "gone", "name", "path", "full_path"),
    "project": ("id", "grp_id", "archived", "empty_repo", "gone", "name", "path", "full_path"),
    "project_share": ("project_id", "grp_id", "active"),
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
    rows = (read_columns(database, arguments.source, table, columns) for table, columns in _TABLES.items())
    text = render(build(*rows), arguments.format)
    lines = text.splitlines() if arguments.format == "tree" else [text.rstrip("\n")]
    sys.stdout.writelines(f"{line}\n" for line in (_shown(lines) if arguments.format == "tree" else lines))
    return Exit.COMPLETE


def _shown(lines: list[str]) -> Iterator[str]:
    return (clean(line, LONGEST) for line in lines)
