"""`fetchdeck trust`: lets a configuration run programs, read and write files, and send secrets."""

import argparse
import sys
from pathlib import Path

from engine.common.errors import UsageError
from engine.common.paths import tilde
from engine.common.text import counted
from tui.cli.subcommands.setup import wiring_for
from tui.cli.trusting import acts, allow
from tui.common.exit_codes import Exit


def run(arguments: argparse.Namespace) -> int:
    """Trust a configuration as it is now, and say what that allows.

    Raises:
        UsageError: there is no such file, or something is wrong in it.
    """
    if arguments.file is not None:
        arguments.config = Path(arguments.file)
    wiring = wiring_for(arguments, acts=False)
    file = wiring.settings.origin.file
    if not wiring.settings.exists:
        raise UsageError(f"{tilde(file)}: there is no such file")
    allow(wiring)
    found = acts(wiring)
    sys.stdout.write(f"{tilde(file)} is trusted: {counted(len(found), 'value')} of it may act\n")
    sys.stdout.writelines(f"  {act.key} {act.does}\n" for act in found)
    return Exit.COMPLETE
