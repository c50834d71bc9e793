"""`fetchdeck token`: stores tokens in the system's keyring, removes them, or says where each one is found."""

import argparse
import sys
from collections.abc import Callable
from getpass import getpass
from typing import Final

from engine.common.errors import ConfigError, UsageError
from engine.common.paths import keyring_file
from engine.common.secret import Secret
from engine.common.text import clean
from engine.config.credentials import missing_credential, parser_for
from engine.config.keyring import TokenKeyring
from engine.model.source import Auth
from tui.cli.subcommands.findings import Finding
from tui.cli.subcommands.setup import wiring_for
from tui.common.exit_codes import Exit
from tui.wiring.builder import Wiring
from tui.wiring.configured_source import ConfiguredSource
from tui.wiring.source_cards import access

_LONGEST: Final = 64 * 1024
"""The most characters read from standard input."""


def run(arguments: argparse.Namespace) -> int:
    """Store, remove or look up tokens.

    Raises:
        UsageError: there is no such source, or the keyring cannot be used.
    """
    wiring = wiring_for(arguments, acts=False)
    wiring.check(arguments.named)
    if arguments.action == "status":
        return _status(wiring, arguments.named)
    if len(arguments.named) != 1:
        raise UsageError(f"name one source, as in `fetchdeck token {arguments.action} github`")
    configured = wiring.prepare(arguments.named[0])
    keyring = TokenKeyring(index=keyring_file())
    if arguments.action == "remove":
        _changing_index(lambda: keyring.remove(configured.settings.name))
        return _say(f"{configured.settings.name}: the keyring has no token any more")
    return _set(configured, keyring)


def _set(configured: ConfiguredSource, keyring: TokenKeyring) -> int:
    """Store a token. The keyring is looked up first, so that nobody types a token that cannot be stored."""
    name, auth = configured.settings.name, configured.source.auth
    if auth is None:
        raise UsageError(f"{name}: needs no token")
    try:
        where = keyring.find()
    except UsageError as error:
        raise UsageError(f"{error}; {instead(auth)}") from error
    secret = _ask(name, auth)
    _changing_index(lambda: keyring.store(name, secret))
    found = configured.credential
    if configured.settings.common.token_env:
        return _say(f"{name}: stored in the keyring ({where}), but token_env names another place, which comes first")
    if found is not None and found.place != "keyring":
        return _say(f"{name}: stored in the keyring ({where}), but {found.place} is set and comes first")
    return _say(f"{name}: stored in the keyring ({where})")


def instead(auth: Auth) -> str:
    """Return how to give a token without a keyring."""
    return f"set {auth.env[0]} instead, or put the token into a file (chmod 600) and name it as token_file"


def _ask(name: str, auth: Auth) -> Secret:
    """Read the token: from a terminal without echo, otherwise all of standard input."""
    if not sys.stdin.isatty():
        return parser_for(auth)(sys.stdin.read(_LONGEST), "standard input")
    if auth.hint:
        sys.stderr.write(clean(auth.hint, 300) + "\n")
    return parser_for(auth)(getpass(f"token for {name} (it is not shown): "), "the token")


def _status(wiring: Wiring, names: list[str]) -> int:
    well = True
    for name in names or _usable(wiring):
        finding = found(wiring, name)
        sys.stdout.write(finding.text(sys.stdout.encoding) + "\n")
        well = well and finding.well
    return Exit.COMPLETE if well else Exit.USAGE


def _usable(wiring: Wiring) -> list[str]:
    """Return the configured sources, and those that need no configuration to name their token."""
    return [name for name in wiring.names() if name in wiring.settings.sources or _configured(wiring, name)]


def _configured(wiring: Wiring, name: str) -> bool:
    try:
        wiring.prepare(name)
    except UsageError:
        return False
    return True


def found(wiring: Wiring, name: str) -> Finding:
    """Check that a source has the token it needs, by fetching it; an optional token may be missing."""
    try:
        configured = wiring.prepare(name)
        if configured.credential is not None:
            configured.credential.read()
        elif configured.source.auth is not None and configured.source.auth.required:
            raise ConfigError(missing_credential(configured.settings, configured.source.auth))
    except UsageError as error:
        return Finding(well=False, what=name, detail=str(error).removeprefix(f"{name}: "))
    return Finding(well=True, what=name, detail=access(configured))


def _changing_index(change: Callable[[], None]) -> None:
    try:
        change()
    except OSError as error:
        raise UsageError(f"{keyring_file()} cannot be written: {error.strerror}") from error


def _say(text: str) -> int:
    sys.stdout.write(text + "\n")
    return Exit.COMPLETE
