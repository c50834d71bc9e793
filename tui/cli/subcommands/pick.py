"""`fetchdeck` without a command: choose sources on the screen, then harvest them."""

import argparse
from threading import Event

from engine.common.errors import UsageError
from tui.cli.arguments import parse_arguments
from tui.cli.subcommands.setup import wiring_for
from tui.session import Output, harvest


def run(arguments: argparse.Namespace) -> int:
    """Open the picker. Without a terminal it is refused."""
    output = Output.of(arguments)
    if output.headless:
        raise UsageError("choosing sources needs a terminal; name them instead, as in `fetchdeck run github`")
    while True:
        wanted = Event()
        set_up = None if arguments.served else wanted.set  # a session in a browser ends with its screen
        code = harvest(wiring_for(arguments), names=(), output=output, set_up=set_up)
        if not wanted.is_set():
            return code
        from tui.cli.subcommands import init  # noqa: PLC0415 -- only needed after the form was chosen

        init.run(_arguments_of_init(arguments))


def _arguments_of_init(arguments: argparse.Namespace) -> argparse.Namespace:
    """Return what `fetchdeck init` without options gets, with the configuration and the output of the picker."""
    unset = vars(parse_arguments(["init"]))
    chosen = {name: value for name, value in vars(arguments).items() if name not in {"settings", "db"}}
    return argparse.Namespace(**unset | chosen)
