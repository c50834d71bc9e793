"""`fetchdeck simulator`: serves imitations of the real APIs on this machine."""

import argparse


def run(arguments: argparse.Namespace) -> int:
    """Run the simulator. It does not know the rest of fetchdeck."""
    from simulator import command  # noqa: PLC0415 -- with the server it serves

    code: int = command.run(arguments)
    return code
