"""`fetchdeck run`: harvest sources into the database."""

import argparse
import os
from collections.abc import Mapping

from sources.rest.proposal.url import looks_like_url
from tui.cli.subcommands.setup import wiring_for
from tui.session import Output, harvest
from tui.wiring.builder import chosen


def run(arguments: argparse.Namespace) -> int:
    """Harvest the named sources. Without names, the screen offers a choice; headless, all configured ones run."""
    environ: Mapping[str, str] = os.environ
    if any(looks_like_url(word) for word in arguments.sources):
        from tui.cli.subcommands.url_words import resolve_urls  # noqa: PLC0415 -- loads every source, and only an address needs it

        environ = resolve_urls(arguments)
    wiring = wiring_for(arguments, environ=environ)
    wiring.check(arguments.sources)
    output = Output.of(arguments)
    names = chosen(arguments.sources, wiring.settings) if output.headless else arguments.sources
    return harvest(wiring, names=names, output=output)
