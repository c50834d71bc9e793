"""`fetchdeck sources`: lists the sources."""

import argparse
import sys
import time
from collections.abc import Sequence

import msgspec

from engine.common.errors import UsageError
from engine.model.source_card import SourceCard
from engine.storage.history import read_history
from engine.storage.source_tables import table_name
from tui.cli.subcommands.setup import wiring_for
from tui.common.exit_codes import Exit
from tui.wiring.builder import Wiring
from tui.wiring.source_cards import card


def run(arguments: argparse.Namespace) -> int:
    """List every source with its token, limits, tables and last run."""
    wiring = wiring_for(arguments, acts=False)
    history = read_history(wiring.database)
    kinds = [name for name in wiring.names() if name not in wiring.settings.sources and _is_kind(wiring, name)]
    cards = [card(wiring, name, history, time.time()) for name in wiring.names() if name not in kinds]
    tables = {one.name: _tables(wiring, one.name) for one in cards}
    if arguments.json:
        listing = {one.name: msgspec.to_builtins(one) | {"tables": tables[one.name]} for one in cards}
        sys.stdout.write(msgspec.json.encode(listing).decode() + "\n")
    else:
        how = "sources of your own: `fetchdeck init URL` writes one, docs/rest.md tells more"
        sys.stdout.write(
            "\n".join([*(_text(one, tables[one.name]) for one in cards), *(f"{k}  {how}\n" for k in kinds)])
        )
    return Exit.COMPLETE


def _is_kind(wiring: Wiring, name: str) -> bool:
    """Say whether a name is not a source but what a configuration makes sources of."""
    try:
        return bool(getattr(wiring.registry.load(name), "many", False))
    except UsageError:
        return False


def _tables(wiring: Wiring, name: str) -> Sequence[str]:
    try:
        return [table_name(name, table.name) for table in wiring.prepare(name).source.tables]
    except UsageError:
        return []


def _text(one: SourceCard, tables: Sequence[str]) -> str:
    resumable = f"; {one.resumable:,} requests to go on with" if one.resumable else ""
    rows = "" if one.rows is None else f"; {one.rows:,} rows"
    facts = {
        "problem": one.problem,
        "token": one.access,
        "limits": one.limits,
        "terms": one.terms,
        "tables": ", ".join(tables),
        "next run": one.cost,
        "last run": one.last_run + resumable + rows,
    }
    lines = [f"{one.name}  {one.summary}".rstrip(), *(f"  {key:<9} {fact}" for key, fact in facts.items() if fact)]
    return "\n".join(lines) + "\n"
