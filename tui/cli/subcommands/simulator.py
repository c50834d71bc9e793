"""`fetchdeck simulator`: serve look-alikes of the real APIs on this machine."""

import argparse


def run(arguments: argparse.Namespace) -> int:
    """Leave it to the simulator, which knows nothing of the rest."""
    from simulator import command  # noqa: PLC0415 -- with the server it serves

    code: int = command.run(arguments)
    return code
