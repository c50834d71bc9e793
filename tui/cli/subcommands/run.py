"""`fetchdeck run`: harvest sources into the database."""

import argparse

from tui.cli.subcommands.setup import wiring_for
from tui.session import Output, harvest
from tui.wiring.builder import chosen


def run(arguments: argparse.Namespace) -> int:
    """Harvest the named sources. Without names, the screen offers a choice; headless, all configured ones run."""
    wiring = wiring_for(arguments)
    wiring.check(arguments.sources)
    output = Output.of(arguments)
    names = chosen(arguments.sources, wiring.settings) if output.headless else arguments.sources
    return harvest(wiring, names=names, output=output)
