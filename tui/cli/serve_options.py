"""The options of `--serve`, and what can be combined with them."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.common.errors import UsageError
from engine.common.hosts import is_loopback
from engine.common.paths import expand
from engine.common.secret import Secret
from engine.common.text import clean

HOST: Final = "127.0.0.1"
PORT: Final = 8000
SHORTEST_TOKEN: Final = 16
"""The least characters of a token; a shorter one could be guessed."""
DEFAULTS: Final[Mapping[str, object]] = {
    "serve": False, "host": None, "port": None, "serve_names": [], "serve_token_env": None, "serve_token_file": None,
}  # fmt: skip
_SHOWS: Final = frozenset({"pick", "run", "demo"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The address of the served deck, and who may use it."""

    host: str
    port: int
    names: tuple[str, ...]
    """Host names that a browser may use besides the address, such as that of a proxy."""
    token: Secret | None
    token_env: str | None
    """The variable that holds the token. It is removed from the environment of child processes."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options. Their defaults are set on the main parser."""
    group = parser.add_argument_group("in a browser", argument_default=argparse.SUPPRESS)
    group.add_argument("--serve", action="store_true", help="show the screen in a browser instead of this terminal")
    group.add_argument("--host", metavar="ADDRESS", help=f"the address to listen on; {HOST} by default")
    group.add_argument("--port", type=_port, metavar="N", help=f"the port, {PORT} by default; 0 takes any")
    group.add_argument(
        "--serve-name", dest="serve_names", action="append", metavar="NAME",
        help="a host name the browser may use, such as that of a proxy; may be repeated",
    )  # fmt: skip
    group.add_argument(
        "--serve-token-env", metavar="NAME", help="the environment variable with the token a browser must present"
    )
    group.add_argument("--serve-token-file", type=Path, metavar="PATH", help="a file (mode 0600) with that token")


def place_of(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Place:
    """Read the address from the command line.

    Raises:
        UsageError: the command has no screen to serve, or others could reach the deck without a token.
    """
    if arguments.command not in _SHOWS:
        raise UsageError(f"--serve shows a harvest: use it with `run`, `demo` or alone, not with `{arguments.command}`")
    if arguments.headless:
        raise UsageError("--serve shows a screen and --headless none: give one or the other")
    host = arguments.host or HOST
    token = _token(arguments, environ)
    if token is None and not is_loopback(host):
        raise UsageError(
            f"--host {clean(host, 60)}: others could reach this deck; give a token with --serve-token-env or"
            " --serve-token-file, or leave --host out and use an SSH tunnel"
        )
    return Place(
        host=host,
        port=PORT if arguments.port is None else arguments.port,
        names=tuple(arguments.serve_names),
        token=token,
        token_env=arguments.serve_token_env,
    )


def _token(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Secret | None:
    from engine.config.credentials import read_private_file, read_secret  # noqa: PLC0415 -- every start imports this module

    if arguments.serve_token_env and arguments.serve_token_file:
        raise UsageError("give --serve-token-env or --serve-token-file, not both")
    if arguments.serve_token_env:
        name = f"--serve-token-env {clean(arguments.serve_token_env, 60)}"
        found = read_secret(environ.get(arguments.serve_token_env, ""), name)
    elif arguments.serve_token_file:
        name = "--serve-token-file"
        found = read_private_file(expand(arguments.serve_token_file), name)
    else:
        return None
    if len(found.reveal()) < SHORTEST_TOKEN:
        raise UsageError(
            f"{name}: want at least {SHORTEST_TOKEN} characters; `openssl rand -hex 16` makes a good token"
        )
    return found


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > 65535:
        raise argparse.ArgumentTypeError(f'got "{text}", want a port from 0 to 65535')
    return int(text)
