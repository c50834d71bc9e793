"""The command line: its commands and options."""

import argparse
from collections.abc import Sequence
from typing import Final

from engine.common.extras import FORMATS
from engine.model.coverage import PartState
from tui.cli import serve_options
from tui.cli.options import add_configuration, add_harvest, add_json, add_names, add_workers, whole
from tui.cli.parser import Parser

FILE: Final = ".toml"
STATES: Final = tuple(state.value for state in PartState)
OPTIONS: Final = """\
Every key of the sources named is an option, too: fetchdeck run github --year 2024 --no-forks.
docs/configuration.md lists the keys."""
EXIT_CODES: Final = """\
exit codes: 0 complete, 1 some items failed for good, 2 usage or configuration error,
3 stopped by --for or --limit, 70 fetchdeck itself failed, 130 interrupted by Ctrl+C or q,
143 by SIGTERM, 129 by SIGHUP or a terminal that went away"""


def parse_arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Parse the command line. `command` is the name of the command, "pick" if none was given.

    Raises:
        UsageError: a word is unknown or invalid.
    """
    parser = build_parser(simulator="simulator" in argv)
    own, left = parser.divided(argv)
    command = parser.subparsers().get(left[0]) if left else None
    if command is None or not any(action.dest == "sources" for action in command.options()):
        arguments, unknown = parser.parse_known_args(argv)
        if unknown:
            parser.subparsers().get(arguments.command, parser).refuse(unknown)
    else:
        known, words = command.divided(left[1:], whole=True)
        arguments = parser.parse_args([*own, left[0], *known])
        arguments.sources = words
        if any(word.startswith("-") or word.lower().endswith(FILE) for word in words):
            arguments.words = words  # options of the sources, and files: `tui.cli.source_flags` reads them
            arguments.options = [name for action in command.options() for name in action.option_strings]
    arguments.settings = [*arguments.settings, *arguments.later_settings]
    return arguments


def build_parser(*, simulator: bool = True) -> Parser:
    """Build the parser of all commands. The simulator's options are optional, because they import its server."""
    parser = Parser(
        prog="fetchdeck",
        description="A terminal deck for harvesting rate-limited APIs at the fastest pace each one tolerates."
        " Without a command it lets you choose sources.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="print the version and leave")
    add_configuration(parser, settings="settings")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", title="commands", prog="fetchdeck", required=False
    )
    _add_init(commands)
    _add_run(commands)
    _add_demo(commands)
    _add_simulator(commands, options=simulator)
    _add_sources(commands)
    _add_check(commands)
    _add_config(commands)
    _add_token(commands)
    _add_trust(commands)
    _add_plan(commands)
    _add_coverage(commands)
    _add_changes(commands)
    _add_errors(commands)
    _add_tree(commands)
    _add_export(commands)
    _add_repair(commands)
    _add_completion(commands)
    serve_options.add_arguments(parser)
    parser.set_defaults(command="pick", **run_defaults())
    return parser


def run_defaults() -> dict[str, object]:
    """Return the defaults of a harvest."""
    return {
        "workers": None, "cap": None, "policy": None, "retries": None, "spacing": None, "limit": None,
        "duration": None, "patience": None, "full": False,
        "headless": False, "quiet": False, "json": False, "hz": None, "slow": False, "ascii": False, "mouse": False,
        "retry_failed": False, "fill": (),
        "config": None, "trust": False, "db": None, "settings": [], "later_settings": [], "words": [], "options": [],
        "served": False,
        **serve_options.DEFAULTS,
    }  # fmt: skip


Commands = argparse._SubParsersAction  # noqa: SLF001 -- argparse has no public name for what add_subparsers returns


def _add_init(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "init", "write a configuration: with a form, from a URL, or with --source and --set")
    parser.add_argument(
        "url", nargs="?", metavar="URL", help="an address of a list: ask it once, and propose a source for its API"
    )
    parser.add_argument("--name", metavar="NAME", help="the name of the source that a URL or a document becomes")
    parser.add_argument(
        "--openapi",
        metavar="FILE",
        help="an OpenAPI or Swagger document, a file or a URL: propose a source for its lists",
    )
    parser.add_argument("--all", action="store_true", help="all lists of the document")
    parser.add_argument(
        "--endpoints",
        metavar="NAMES",
        help="these lists of the document: names, paths or patterns, with commas; ? lists all",
    )
    parser.add_argument(
        "--param", dest="params", action="append", default=[], metavar="NAME=VALUE",
        help="the value of a parameter that lists of the document need; may be repeated",
    )  # fmt: skip
    parser.add_argument("--base-url", metavar="URL", help="the address of the API, instead of the document's")
    parser.add_argument(
        "--auth", metavar="TYPE", help="how that API wants its secret: bearer, basic, header:NAME, query:NAME"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="print what a URL or a document becomes, and write nothing"
    )
    parser.add_argument(
        "--source", dest="wanted", action="append", default=[], metavar="NAME",
        help="a source to put in, instead of asking; may be repeated",
    )  # fmt: skip
    parser.add_argument("-y", "--yes", action="store_true", help="change a file that is there without asking")
    add_configuration(parser)


def _add_run(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "run", "harvest sources into the database")
    parser.epilog = OPTIONS
    add_names(
        parser, "what to harvest; without one, choose on the screen, or headless every source of the configuration"
    )
    add_harvest(parser)
    add_configuration(parser)
    serve_options.add_arguments(parser)


def _add_demo(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "demo", "harvest from the built-in simulator: no account, no network, nothing to configure")
    add_harvest(parser)
    add_configuration(parser)
    serve_options.add_arguments(parser)


def _add_simulator(commands: "Commands[Parser]", *, options: bool) -> None:
    parser = _add(commands, "simulator", "serve look-alikes of the real APIs, limits included, on this machine")
    if options:
        from simulator.command import add_arguments  # noqa: PLC0415 -- with the server it starts

        add_arguments(parser)


def _add_sources(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "sources", "list the sources, their limits, their tables and where their tokens are found")
    add_json(parser)
    add_configuration(parser)


def _add_token(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "token", "keep a source's token in the system's keyring, or say where each is found")
    parser.add_argument("action", choices=("set", "remove", "status"), metavar="ACTION", help="set, remove or status")
    parser.add_argument("named", nargs="*", metavar="SOURCE", help="the source; status takes several, or all")
    add_configuration(parser)


def _add_trust(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "trust", "let a configuration run programs, read files and send secrets")
    parser.add_argument("file", nargs="?", metavar="FILE", help="the configuration; the one in use when left out")
    add_configuration(parser)


def _add_check(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "check", "check the configuration, the tokens, the database and that the APIs answer")
    add_names(parser, "what to check; without one, every source of the configuration")
    parser.add_argument("--offline", action="store_true", help="check the settings only; read no secret, ask no API")
    add_configuration(parser)


def _add_config(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "config", "print the JSON Schema of the configuration, which editors check a file with")
    parser.add_argument("action", choices=("schema",), metavar="ACTION", help="schema")


def _add_plan(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "plan", "tell what a harvest would ask for, what it costs and how long it takes")
    add_names(parser, "what to estimate; without one, every source of the configuration")
    group = parser.add_argument_group("harvest", argument_default=argparse.SUPPRESS)
    add_workers(group, "requests in flight in each lane of a source")
    group.add_argument("--full", action="store_true", help="as if nothing were known already")
    add_json(parser)
    add_configuration(parser)


def _add_coverage(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "coverage", "say which parts of a harvest are complete, stale, failed or missing")
    add_names(parser, "what to look at; without one, every source of the configuration")
    parser.add_argument(
        "--state", action="append", choices=STATES, metavar="STATE", help=f"only {', '.join(STATES)}; may be repeated"
    )
    add_json(parser)
    add_configuration(parser)


def _add_changes(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "changes", "say which rows are new, changed, renamed or gone since you last looked")
    add_names(parser, "whose rows; without one, of all there are")
    parser.add_argument(
        "--since", default="last", metavar="WHEN", help="last (the default), a day, a time, or a span such as 2h"
    )
    parser.add_argument("--rows", type=whole(1), default=50, metavar="N", help="list so many rows at most; 50")
    parser.add_argument("--keep", action="store_true", help="leave the last look where it was")
    add_json(parser)
    add_configuration(parser)


def _add_errors(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "errors", "list what failed for good, and set requests aside or release them")
    add_names(parser, "whose errors; without one, of all there are")
    parser.add_argument("--requests", action="store_true", help="each request too, with the head of its last answer")
    parser.add_argument("--notes", action="store_true", help="what the sources noted on answers, with counts, instead")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--quarantine", metavar="WHICH", help="set aside a request, a kind of error, or all")
    group.add_argument("--release", metavar="WHICH", help="let a request out of quarantine, or all")
    add_json(parser)
    add_configuration(parser)


def _add_tree(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "tree", "print the tree of groups and projects that was harvested")
    parser.add_argument("source", choices=("gitlab",), metavar="SOURCE", help="gitlab")
    parser.add_argument(
        "--format", choices=("tree", "json", "yaml"), default="tree", metavar="FORMAT", help="tree, json or yaml"
    )
    add_configuration(parser)


def _add_export(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "export", "write tables of the database as JSON lines, CSV or Parquet")
    parser.add_argument("table", metavar="TABLE", help='a table such as github_pull, or "all"')
    parser.add_argument(
        "--format", choices=FORMATS, metavar="NAME", help="jsonl, csv or parquet; by the ending of --out when left out"
    )
    parser.add_argument(
        "--out", default="-", metavar="PATH", help="the file to write, a folder for all tables; - is standard output"
    )
    parser.add_argument("--raw", action="store_true", help="JSON lines with each row's JSON as the API sent it")
    parser.add_argument("-q", "--quiet", action="store_true", default=argparse.SUPPRESS, help="print errors only")
    add_configuration(parser)


def _add_repair(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "repair", "save what can be read of a damaged database into a new file")
    parser.add_argument("--out", metavar="PATH", help="the new file; NAME.repaired beside the database when left out")
    parser.add_argument("-q", "--quiet", action="store_true", default=argparse.SUPPRESS, help="print errors only")
    add_configuration(parser)


def _add_completion(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "completion", "print a script that completes commands and options in your shell")
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), metavar="SHELL", help="bash, zsh or tcsh")


def _add(commands: "Commands[Parser]", name: str, summary: str) -> Parser:
    return commands.add_parser(
        name, help=summary, description=summary[0].upper() + summary[1:] + ".", allow_abbrev=False
    )
