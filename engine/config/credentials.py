"""Finds a source's secret in the environment, a file, a command, systemd or the keyring, in this order.

Values are never shown.
"""

import os
import re
import stat
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from engine.common.errors import ConfigError, UsageError
from engine.common.paths import expand, tilde
from engine.common.secret import Secret
from engine.common.text import clean
from engine.config.keyring import TokenKeyring
from engine.config.settings import SourceSettings
from engine.model.credentials import (
    COMMAND_LOOKS,
    FILE_LOOKS,
    KEYRING_LOOKS,
    Auth,
    SecretPlace,
    SessionLogin,
    further_places,
)

COMMAND_TIMEOUT: Final = 30.0
_LONGEST: Final = 64 * 1024
_NO_TEXT: Final = "\ufffd"
"""What a decoder puts for bytes that are no UTF-8."""
Parse = Callable[[str, str], Secret]
"""Makes a secret of a text; the second argument says in an error where the text came from."""
_PEM: Final = re.compile(r"-----BEGIN [A-Z ]+-----[\sA-Za-z0-9+/=:,-]+-----END [A-Z ]+-----", re.ASCII)
"""A private key, which has lines (RFC 7468)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """Where a secret is, and how to read it. Making one runs no command, so the place can be shown at any time."""

    place: str
    """"GITHUB_TOKEN", "~/.token", "the command gh"."""
    read: Callable[[], Secret] = field(repr=False)
    """Read the secret; raises ConfigError."""
    pauses: tuple[float, ...] | None = None
    """When it is looked at again (see `Looks`); None where it cannot change while the process runs: a variable."""


def find_credential(
    settings: SourceSettings, auth: Auth | None, environ: Mapping[str, str], vault: TokenKeyring | None = None
) -> Credential | None:
    """Find the first place that has a secret for this source; None where no place has one."""
    if auth is None:
        return None
    names = (settings.common.token_env,) if settings.common.token_env else auth.env
    parse = parser_for(auth)
    for name in names:
        if environ.get(name):
            return Credential(place=name, read=partial(_from_variable, Secret(environ[name]), name, parse))
    return _configured(settings, parse) or _systemd(settings, environ, parse) or _keyring(settings, vault, parse)


def find_further(
    settings: SourceSettings, auth: Auth | None, environ: Mapping[str, str]
) -> tuple[Mapping[str, Credential], Sequence[SecretPlace]]:
    """Find the further secrets of a source, by the key that names each place. Return also the places that have none."""
    found: dict[str, Credential] = {}
    missing: list[SecretPlace] = []
    for place in further_places(auth) if auth else ():
        name = settings.key((place.key,))
        if place.env and environ.get(place.env):
            read = partial(_from_variable, Secret(environ[place.env]), place.env, read_secret)
            found[place.key] = Credential(place=place.env, read=read)
        elif place.env:
            missing.append(place)
        elif place.file:
            path = expand(place.file, settings.origin.file.parent)
            found[place.key] = Credential(
                place=tilde(path), read=partial(read_private_file, path, name), pauses=FILE_LOOKS
            )
        else:
            read = partial(_from_command, place.command, name, read_secret)
            said = f"the command {clean(place.command[0], 40)}"
            found[place.key] = Credential(place=said, read=read, pauses=COMMAND_LOOKS)
    return found, missing


def missing_credential(settings: SourceSettings, auth: Auth) -> str:
    """Return a one-line message: a required secret was not found, and how to provide it."""
    names = settings.common.token_env or " or ".join(auth.env)
    hint = f" {auth.hint}" if auth.hint else ""
    return (
        f"{settings.name}: needs a token and found none; set {names}, or token_file or token_command,"
        f" or run `fetchdeck token set {settings.name}`.{hint}"
    )


def missing_further(settings: SourceSettings, place: SecretPlace) -> str:
    """Return a one-line message: a further secret was not found, and how to provide it."""
    return f"{settings.key((place.key,))}: {place.env} is not set; set it, or give file = or command = instead of env ="


def read_secret(text: str, name: str) -> Secret:
    """Make a secret of a text, without the white space around it. `name` says in an error where the text came from.

    Raises:
        ConfigError: it is empty, or holds characters that no token has.
    """
    value = text.strip()
    if not value:
        raise ConfigError(f"{name}: is empty, want a token")
    if _PEM.fullmatch(value):
        return Secret(value)
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ConfigError(f"{name}: holds characters no token has (a space, a line break, or beyond ASCII)")
    return Secret(value)


def read_password(text: str, name: str) -> Secret:
    """Make a secret of a password, which may hold spaces and letters beyond ASCII.

    Raises:
        ConfigError: it is empty, or holds characters that nobody types.
    """
    value = text.strip()
    if not value:
        raise ConfigError(f"{name}: is empty, want a password")
    if not value.isprintable() or _NO_TEXT in value:
        raise ConfigError(f"{name}: holds characters no password has (a line break, or bytes that are no UTF-8)")
    return Secret(value)


def parser_for(auth: Auth) -> Parse:
    """Return what makes a secret of a text: a password is typed by people, a token is not."""
    return read_password if auth.basic or isinstance(auth.grant, SessionLogin) else read_secret


def read_private_file(path: Path, name: str, parse: Parse = read_secret) -> Secret:
    """Read a secret from a file that only its owner may read.

    Raises:
        ConfigError: it cannot be read, others can read it, or it holds no secret.
    """
    return _from_file(path, name, parse, private=True)


def _configured(settings: SourceSettings, parse: Parse) -> Credential | None:
    common = settings.common
    if common.token_file:
        path = expand(common.token_file, settings.origin.file.parent)
        read = partial(read_private_file, path, settings.key(("token_file",)), parse)
        return Credential(place=tilde(path), read=read, pauses=FILE_LOOKS)
    if common.token_command:
        name = settings.key(("token_command",))
        read = partial(_from_command, tuple(common.token_command), name, parse)
        said = f"the command {clean(common.token_command[0], 40)}"
        return Credential(place=said, read=read, pauses=COMMAND_LOOKS)
    return None


def _systemd(settings: SourceSettings, environ: Mapping[str, str], parse: Parse) -> Credential | None:
    """Look where systemd puts `LoadCredential=`: https://systemd.io/CREDENTIALS/."""
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return None
    path = Path(folder) / f"fetchdeck-{settings.name}"
    name = f"systemd credential {path.name}"
    read = partial(_from_file, path, name, parse, private=False)
    return Credential(place=name, read=read, pauses=FILE_LOOKS) if path.is_file() else None


def _keyring(settings: SourceSettings, vault: TokenKeyring | None, parse: Parse) -> Credential | None:
    """Look the source up in the index of the keyring. A table with `token_env` uses that variable or nothing."""
    if vault is None or settings.common.token_env or settings.name not in vault.names():
        return None
    read = partial(_from_keyring, vault, settings.name, parse)
    return Credential(place="keyring", read=read, pauses=KEYRING_LOOKS)


def _from_variable(value: Secret, name: str, parse: Parse) -> Secret:
    return parse(value.reveal(), name)  # a Secret until then, because the repr of a `partial` shows its arguments


def _from_keyring(vault: TokenKeyring, name: str, parse: Parse) -> Secret:
    try:
        return parse(vault.read(name).reveal(), "the keyring")
    except UsageError as error:
        raise ConfigError(f"{name}: {error}") from error


def _from_file(path: Path, name: str, parse: Parse, *, private: bool) -> Secret:
    try:
        with path.open("rb") as stream:
            # The mode is read from the open file: a path could be exchanged between a check and the reading.
            mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
            text = stream.read(_LONGEST).decode(errors="replace")
    except OSError as error:
        raise ConfigError(f"{name}: {tilde(path)} cannot be read: {error.strerror}") from error
    if private and mode & 0o077:
        raise ConfigError(f"{name}: others can read {tilde(path)} (mode {mode:04o}); run: chmod 600 {tilde(path)}")
    return parse(text, f"{name}: {tilde(path)}")


def _from_command(argv: tuple[str, ...], name: str, parse: Parse) -> Secret:
    program = clean(argv[0], 60)
    try:
        ended = subprocess.run(  # noqa: S603 -- named by the user's own configuration, and run without a shell
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_TIMEOUT, check=False
        )
    except OSError as error:
        raise ConfigError(f"{name}: {program} cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise ConfigError(f"{name}: {program} gave no answer in {COMMAND_TIMEOUT:g} s") from error
    if ended.returncode:
        said = clean(ended.stderr.decode(errors="replace").strip().partition("\n")[0]) or "no message"
        raise ConfigError(f"{name}: {program} ended with {ended.returncode}: {said}")
    return parse(ended.stdout[:_LONGEST].decode(errors="replace"), f"{name}: {program}")
