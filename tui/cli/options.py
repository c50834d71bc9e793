"""Options that several commands share, and the functions that parse their values.

A parser returns the value, or raises an error that says what it wants instead.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

from engine.common.errors import ConfigError
from engine.config.tables import MOST_RETRIES, MOST_SPACING, parse_duration, parse_patience
from engine.pacing.concurrency.policies import parse_policy
from tui.cli.parser import Parser

MOST_WORKERS: Final = 1000


def whole(low: int, high: int | None = None) -> Callable[[str], int]:
    """Return a parser of whole numbers within bounds."""
    bounds = f"of at least {low}" if high is None else f"from {low} to {high}"

    def read(text: str) -> int:
        plain = text.isascii() and text.isdigit() and len(text) < 19
        if not plain or int(text) < low or (high is not None and int(text) > high):
            raise argparse.ArgumentTypeError(f'got "{text}", want a whole number {bounds}')
        return int(text)

    return read


def number(low: float, high: float) -> Callable[[str], float]:
    """Return a parser of numbers within bounds."""

    def read(text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            found = float("nan")
        if not low <= found <= high:
            raise argparse.ArgumentTypeError(f'got "{text}", want a number from {low:g} to {high:g}')
        return found

    return read


def duration(text: str) -> float:
    """Parse a duration, in seconds."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def patience(text: str) -> float:
    """Parse a duration or "unlimited", in seconds."""
    try:
        return parse_patience(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def policy(text: str) -> str:
    """Parse the name of a policy."""
    try:
        parse_policy(text, cap=MOST_WORKERS)
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def add_names(parser: Parser, summary: str) -> None:
    parser.add_argument("sources", nargs="*", metavar="SOURCE", help=summary)


def add_json(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON object")


def add_workers(group: "argparse._ArgumentGroup", summary: str) -> None:
    group.add_argument("-w", "--workers", type=whole(1, MOST_WORKERS), metavar="N", help=summary)


def add_harvest(parser: Parser) -> None:
    """Add the options of a harvest. Their defaults are set on the main parser; a default here would override it."""
    group = parser.add_argument_group("harvest", argument_default=argparse.SUPPRESS)
    add_workers(group, "requests in flight in each lane of a source; automatic when left out")
    group.add_argument(
        "--cap", type=whole(1, MOST_WORKERS), metavar="N", help="never more requests in flight in each lane than this"
    )
    group.add_argument(
        "--policy", type=policy, metavar="NAME", help='adaptive, "fixed N", quota-ladder or latency-step'
    )
    group.add_argument(
        "--max-retries",
        dest="retries", type=whole(0, MOST_RETRIES), metavar="N",
        help="send a request that failed in passing again at most N times, 0 for never",
    )  # fmt: skip
    group.add_argument(
        "--spacing", type=number(0, MOST_SPACING), metavar="SECONDS", help="seconds between two requests in each lane"
    )
    group.add_argument("--limit", type=whole(1), metavar="N", help="stop each source after N requests")
    group.add_argument(
        "--for", dest="duration", type=duration, metavar="DURATION", help="stop after 20s, 5m, 2h or 1h30m"
    )
    group.add_argument(
        "--patience", type=patience, metavar="DURATION",
        help="give up after waiting so long for the network, the disk or a login; unlimited for never,"
        " 1h by default without a screen",
    )  # fmt: skip
    group.add_argument("--retry-failed", action="store_true", help="try again what failed for good in this run")
    group.add_argument("--full", action="store_true", help="fetch everything again, whatever is known already")
    group.add_argument(
        "--fill", action="append", metavar="PART",
        help="fetch only what fills a part, as `coverage` names it, or all that are missing, stale, failed, cut,"
        " bounded, unconfirmed or unknown",
    )  # fmt: skip
    output = parser.add_argument_group("output", argument_default=argparse.SUPPRESS)
    output.add_argument(
        "--headless", action="store_true", help="print lines instead of drawing a screen; so without a terminal"
    )
    output.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    output.add_argument("--json", action="store_true", help="print one JSON object on standard output at the end")
    output.add_argument(
        "--hz",
        type=number(0.2, 30),
        metavar="N",
        help="draw the screen at most N times a second, 0.2 to 30; 4 by default",
    )
    output.add_argument("--slow", action="store_true", help="keep the screen below 10 kB a second, for a slow line")
    output.add_argument("--mouse", action="store_true", help="let the mouse choose and scroll on the screen")
    output.add_argument("--ascii", action="store_true", help="draw the screen with plain ASCII letters")


def add_configuration(parser: Parser, settings: str = "later_settings") -> None:
    """Add the options of every command.

    A command's `--set` needs its own name: argparse would otherwise replace the values given before the command.
    """
    group = parser.add_argument_group("configuration", argument_default=argparse.SUPPRESS)
    group.add_argument("--config", type=Path, metavar="PATH", help="the configuration file to read")
    group.add_argument(
        "--trust",
        action="store_true",
        help="let the file run programs, read and write files and send secrets, this time",
    )
    group.add_argument("--db", type=Path, metavar="PATH", help="the database to write")
    group.add_argument(
        "--set",
        dest=settings, action="append", metavar="KEY=VALUE",
        help="set a configuration value, as in github.year=2024; may be repeated",
    )  # fmt: skip
