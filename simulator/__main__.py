"""`python -m simulator`: the same as `fetchdeck simulator`."""

import argparse
import sys
from collections.abc import Sequence

from simulator.command import add_arguments, run


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulator from the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="simulator", description="Serve look-alike APIs with real limits on 127.0.0.1."
    )
    add_arguments(parser)
    return run(parser.parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main())
