"""`fetchdeck --version`."""

import argparse
import sys

from tui.common.exit_codes import Exit
from tui.common.version import version


def run(_: argparse.Namespace) -> int:
    sys.stdout.write(f"fetchdeck {version()}\n")
    return Exit.COMPLETE
