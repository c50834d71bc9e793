"""The command `fetchdeck`: reads the command line, runs the command, turns every error into one line and a code."""

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from engine.common.errors import UsageError
from tui.common.exit_codes import Exit

GARBAGE: Final = 50_000
"""Objects between two looks for garbage. Loading makes classes by the hundred and no garbage: looking after every 700
objects, as Python does by itself, was a fifth of a start."""


def main(argv: Sequence[str] | None = None, *, served: bool = False) -> int:
    """Run fetchdeck and return its exit code. Errors go to standard error, one line each.

    `served` says that a browser is at the other end of the streams, as `--serve` wanted.
    """
    try:
        return _run(sys.argv[1:] if argv is None else argv, served=served)
    except UsageError as error:
        print(f"fetchdeck: error: {error}", file=sys.stderr)  # noqa: T201 -- the command line speaks here
        return Exit.USAGE
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        _silence_stdout()
        return Exit.COMPLETE
    except Exception as error:  # noqa: BLE001 -- the last resort: no traceback with values on a terminal
        return _report_crash(error)


def _run(argv: Sequence[str], *, served: bool) -> int:
    """Import only what the command needs: a start over a slow line should feel immediate."""
    gc.set_threshold(GARBAGE)
    from tui.cli.arguments import parse_arguments  # noqa: PLC0415 -- inside, so that its errors are reported as well

    arguments = parse_arguments(argv)
    arguments.served = served
    if arguments.serve and not served:
        return int(import_module("tui.serve.subcommand").run(arguments, argv))
    name = "version" if arguments.version else arguments.command
    code: int = import_module(f"tui.cli.subcommands.{name}").run(arguments)
    sys.stdout.flush()  # a reader that has gone is noticed here, not at the interpreter's exit
    return code


def _silence_stdout() -> None:
    """Keep the interpreter from complaining, at its exit, of a reader that has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report_crash(error: Exception) -> int:
    from engine.common.paths import log_file, tilde  # noqa: PLC0415 -- only a crash needs them
    from tui.common.logs import log_crash  # noqa: PLC0415 -- likewise

    file = log_file()
    where = f"the log has it whole: {tilde(file)}" if log_crash(file, error) else f"and {tilde(file)} cannot be written"
    print(f"fetchdeck: internal error: {type(error).__name__}; {where}", file=sys.stderr)  # noqa: T201 -- likewise
    return Exit.CRASHED


if __name__ == "__main__":
    sys.exit(main())
