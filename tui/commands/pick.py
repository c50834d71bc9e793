"""`fetchdeck` alone: choose sources on the screen, then harvest them."""

import argparse

from engine.errors import UsageError
from tui.session import Output, harvest
from tui.setup import wiring_for


def run(arguments: argparse.Namespace) -> int:
    """Open the picker; without a terminal there is nothing to choose with."""
    output = Output.of(arguments)
    if output.headless:
        raise UsageError("choosing sources needs a terminal; name them instead, as in `fetchdeck run github`")
    return harvest(wiring_for(arguments), names=(), output=output)
