"""The command `fetchdeck`: parses the command line, runs the command, turns errors into one line and an exit code."""

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from engine.common.errors import UsageError
from tui.common.exit_codes import Exit

GARBAGE: Final = 50_000
"""The threshold of the garbage collector. Imports create many objects and no garbage; with Python's default of 700, its
collections took a fifth of a start."""


def main(argv: Sequence[str] | None = None, *, served: bool = False) -> int:
    """Run fetchdeck and return its exit code. Errors go to standard error, one line each.

    `served` says that the standard streams lead to a browser, for `--serve`.
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
    except Exception as error:  # noqa: BLE001 -- the last handler: a traceback, which may show values, must not reach the terminal
        return _report_crash(error)


def _run(argv: Sequence[str], *, served: bool) -> int:
    """Import only what the command needs, to start quickly."""
    gc.set_threshold(GARBAGE)
    from tui.cli.arguments import parse_arguments  # noqa: PLC0415 -- inside, so that an error of the import is reported as well

    arguments = parse_arguments(argv)
    arguments.served = served
    if arguments.serve and not served:
        return int(import_module("tui.serve.subcommand").run(arguments, argv))
    name = "version" if arguments.version else arguments.command
    code: int = import_module(f"tui.cli.subcommands.{name}").run(arguments)
    sys.stdout.flush()  # raises here if the reader is gone, instead of at the interpreter's exit
    return code


def _silence_stdout() -> None:
    """Redirect standard output to /dev/null, so that the interpreter does not report a broken pipe at exit."""
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
