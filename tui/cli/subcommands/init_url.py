"""`fetchdeck init URL`: asks one address and writes a source for its API."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from engine.common.errors import UsageError
from engine.common.paths import tilde
from engine.common.text import clean
from sources.rest.proposal.proposal import Proposal
from sources.rest.proposal.toml import to_toml
from sources.rest.proposal.url import parse_url
from tui.init.draft import read_text, write_text
from tui.init.preview import preview
from tui.init.source_proposal import Proposer, parse_auth, with_source


def propose_url(arguments: argparse.Namespace, proposer: Proposer) -> Proposal:
    """Ask the address once and show its rows.

    Raises:
        UsageError: it does not answer with items.
    """
    auth = parse_auth(arguments.auth) if arguments.auth else None
    found = proposer.propose(parse_url(arguments.url), auth)
    stream = sys.stderr if arguments.dry_run else sys.stdout
    stream.write(
        preview([record.data for record in found.page.records], found.columns, f"{found.proposal.name}.{found.table}")
    )
    return found.proposal


def write_proposal(proposal: Proposal, file: Path, arguments: argparse.Namespace, database: str) -> bool:
    """Write a proposed source into the configuration, or print it. Returns whether it was written.

    Raises:
        UsageError: the person declines, or the file cannot be written.
    """
    _tell(proposal.notes)
    if arguments.dry_run:
        sys.stdout.write(to_toml(proposal))
        return False
    before = read_text(file)
    made = with_source(before, proposal, database)
    if before and not arguments.yes:
        confirm(file, f"sources.{proposal.name}")
    write_text(file, before=before, made=made)
    return True


def confirm(file: Path, keys: str) -> None:
    """Ask before an existing file is changed.

    Raises:
        UsageError: the person declines, or there is no terminal to ask on.
    """
    if not sys.stdin.isatty():
        raise UsageError(f"{tilde(file)} exists: --yes puts in {keys}, and keeps all the rest as it is")
    sys.stderr.write(f"{tilde(file)} gets {keys}; all the rest stays as it is. Write? y/N ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise UsageError("nothing was written")


def _tell(notes: Sequence[str]) -> None:
    for note in notes:
        sys.stderr.write(f"{clean(note, 400)}\n")
