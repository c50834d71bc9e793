"""`fetchdeck init`: writes a configuration, with a form on the screen or from options alone."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from engine.common.errors import UsageError
from engine.common.paths import config_file, expand, keyring_file, tilde
from engine.config.keyring import TokenKeyring
from engine.config.overrides import parse_override
from engine.config.settings import load_settings
from sources.rest.proposal.url import looks_like_url, parse_url
from tui.cli.subcommands.findings import Finding
from tui.cli.subcommands.init_url import confirm, propose_url, write_proposal
from tui.cli.subcommands.setup import wiring_for
from tui.cli.subcommands.token import found
from tui.cli.trusting import allow
from tui.common.exit_codes import Exit, of_signal
from tui.common.version import version
from tui.init.document import Change
from tui.init.draft import Draft
from tui.init.source_proposal import Proposer
from tui.session import Output
from tui.wiring.builder import Wiring
from tui.wiring.registry import Registry

KEYRING_WITHIN: Final = 5.0
"""Seconds after which a keyring that does not answer counts as missing."""


def run(arguments: argparse.Namespace) -> int:
    """Ask, show, write, and print what is left to do.

    Raises:
        UsageError: the present file is invalid, or the options are.
    """
    file = expand(arguments.config or os.environ.get("FETCHDECK_CONFIG") or config_file())
    wiring = Wiring(
        settings=load_settings(file),
        registry=Registry(),
        environ=os.environ,
        version=version(),
        keyring=TokenKeyring(index=keyring_file()),
    )
    if arguments.url or arguments.openapi:
        return _proposed(wiring, file, arguments)
    draft = Draft(file=file, registry=wiring.registry, wiring=wiring)
    draft.database = str(arguments.db) if arguments.db else None
    draft.extra = [Change(*parse_override(text)) for text in arguments.settings]
    output = Output.of(arguments)
    by_options = bool(arguments.wanted or draft.extra or draft.database)
    if not by_options and output.headless:
        raise UsageError(
            "name what to harvest, as in `fetchdeck init --source github --set github.orgs='[\"python\"]'`;"
            " on a terminal there is a form"
        )
    return _by_options(draft, arguments) if by_options else _on_screen(draft, wiring, output, arguments)


def _proposed(wiring: Wiring, file: Path, arguments: argparse.Namespace) -> int:
    proposer = Proposer(wiring=wiring, file=file, environ=os.environ, name=arguments.name or "")
    if arguments.openapi:
        from tui.cli.subcommands.init_openapi import propose_document  # noqa: PLC0415 -- only a document needs it

        proposal = propose_document(arguments, proposer)
    else:
        proposal = propose_url(arguments, proposer)
    database = str(arguments.db) if arguments.db else tilde(wiring.database)
    if not write_proposal(proposal, file, arguments, database):
        return Exit.COMPLETE
    return _say(_findings(file, [proposal.name], arguments))


def _by_options(draft: Draft, arguments: argparse.Namespace) -> int:
    draft.choose([*arguments.wanted, *(each.key[1] for each in draft.extra if each.key[0] == "sources")])
    for part in draft.parts:
        problem = draft.problem(part) if part.wanted else ""
        if problem:
            raise UsageError(f"{part.name}: {problem}")
    if draft.text and draft.result() == draft.text:
        return _say([Finding(well=True, what="configuration", detail=f"{tilde(draft.file)} says so already")])
    if draft.text and not arguments.yes:
        confirm(draft.file, ", ".join(".".join(each.key) for each in draft.changes()))
    draft.write()
    return _say(_findings(draft.file, _wanted(draft), arguments))


def _on_screen(draft: Draft, wiring: Wiring, output: Output, arguments: argparse.Namespace) -> int:
    from tui.app.init_launch import run_form  # noqa: PLC0415 -- importing Textual takes 400 ms

    asked = run_form(draft, wiring.settings, output.preferences(wiring.settings.screen), _keyring(), _address)
    if asked.crashed and asked.by is None:
        return Exit.CRASHED
    if asked.url and asked.by is None:
        arguments.url = asked.url
        return _proposed(wiring, draft.file, arguments)
    if not asked.write:
        sys.stderr.write("nothing was written\n")
        return Exit.COMPLETE if asked.by is None else of_signal(asked.by)
    draft.write()
    return _say([*_stored(draft), *_findings(draft.file, _wanted(draft), arguments)])


def _address(text: str) -> str:
    """Return a pasted address without its secret; "" for a text that is none."""
    try:
        return parse_url(text).base_url if looks_like_url(text.strip()) else ""
    except UsageError:
        return ""


def _keyring() -> str:
    """Return the name of the keyring; "" if there is none or it does not answer."""
    try:
        return TokenKeyring(index=keyring_file(), deadline=KEYRING_WITHIN).find()
    except UsageError:
        return ""


def _stored(draft: Draft) -> Iterator[Finding]:
    """Store the typed tokens in the keyring."""
    keyring = TokenKeyring(index=keyring_file())
    for part in draft.parts:
        if part.token is None:
            continue
        try:
            keyring.store(part.name, part.token)
        except (UsageError, OSError) as error:
            again = f"{error}; try again with `fetchdeck token set {part.name}`"
            yield Finding(well=False, what=f"{part.name} token", detail=again)
        else:
            yield Finding(well=True, what=f"{part.name} token", detail="stored in the keyring")


def _wanted(draft: Draft) -> list[str]:
    return [part.name for part in draft.parts if part.wanted]


def _findings(file: Path, names: Sequence[str], arguments: argparse.Namespace) -> Sequence[Finding]:
    """Report what was written, and for each source whether its token is found, as the next command will see it."""
    arguments = argparse.Namespace(**vars(arguments) | {"settings": [], "db": None, "config": file})
    wiring = wiring_for(arguments, acts=False)
    allow(wiring)  # the person has just written it
    written = Finding(well=True, what="configuration", detail=f"wrote {tilde(file)}")
    return [written, *(_token(wiring, name) for name in names)]


def _token(wiring: Wiring, name: str) -> Finding:
    """Report where a source's token is; without one, name the command that stores one."""
    finding, configured = found(wiring, name), wiring.prepare(name)
    if not finding.well or configured.source.auth is None or configured.credential is not None:
        return finding
    return replace(finding, detail=f"{finding.detail}; `fetchdeck token set {name}` keeps one in the keyring")


def _say(findings: Sequence[Finding]) -> int:
    """Print the findings. A missing token is no failure of this command."""
    for finding in findings:
        sys.stdout.write(finding.text(sys.stdout.encoding) + "\n")
    sys.stdout.write("next: `fetchdeck check` asks every API once, `fetchdeck` begins\n")
    return Exit.COMPLETE
