"""`fetchdeck run`: harvest sources into the database."""

import argparse

from tui.cli.subcommands.setup import wiring_for
from tui.session import Output, harvest
from tui.wiring.builder import chosen


def run(arguments: argparse.Namespace) -> int:
    """Harvest what was named. On the screen a person may choose; headless, the configuration says it."""
    wiring = wiring_for(arguments)
    wiring.check(arguments.sources)
    output = Output.of(arguments)
    names = chosen(arguments.sources, wiring.settings) if output.headless else arguments.sources
    return harvest(wiring, names=names, output=output)
