"""`fetchdeck completion`: a script for the shell, made from the parser itself."""

import argparse
import sys

from tui.arguments import build_parser
from tui.exit_codes import Exit
from tui.registry import Registry


def run(arguments: argparse.Namespace) -> int:
    """Print the script for one shell, with the names of the sources installed now."""
    sys.stdout.write(script(arguments.shell, Registry()) + "\n")
    return Exit.COMPLETE


def script(shell: str, registry: Registry) -> str:
    """Make the script that completes commands, options, files and source names."""
    import shtab  # noqa: PLC0415 -- nothing else needs it

    parser = build_parser()
    for one in (parser, *parser.subparsers().values()):
        for action in one.options():
            if action.dest in {"config", "db", "serve_token_file"}:
                action.complete = shtab.FILE  # type: ignore[attr-defined]  # shtab's own protocol
            if action.dest in {"sources", "named", "wanted"}:
                action.choices = list(registry.names())
    made: str = shtab.complete(parser, shell)
    return made
