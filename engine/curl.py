"""A request as a command line to try it by hand. The secret is named by its variable, never shown."""

import json
import shlex
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from engine.model.source import Auth, Request

_SAFE: Final = "!#$&'()*+,/:;=?@[]~%"
_TELLING: Final = frozenset({"token", "access_token", "api_key", "apikey", "key", "secret", "password", "me"})
HIDDEN: Final = "HIDDEN"


def curl(request: Request, *, base_url: str, headers: Mapping[str, str], auth: Auth | None) -> str:
    """Return a line of printable ASCII for a POSIX shell; "" where the request is no HTTP request.

    A header with the secret is added where the request goes to the source's own address; a parameter whose name tells
    of a secret is hidden, should a source ever put one there.
    """
    if request.via != "http":
        return ""
    address = request.url if "://" in request.url else base_url + request.url
    words = ["curl", "-gsS"]
    if request.method != "GET":
        words += ["-X", request.method]
    for name, value in headers.items():
        words += ["-H", shlex.quote(f"{name}: {value}")]
    if auth is not None and address.startswith(base_url + "/"):
        words += ["-H", f'"{_plain(auth.header)}: {_plain(auth.prefix)}{_variable(auth)}"']
    if request.json is not None:
        words += ["-H", "'Content-Type: application/json'", "--data", shlex.quote(json.dumps(request.json))]
    return _ascii(" ".join([*words, shlex.quote(_with_params(address, request.params))]))


def _with_params(address: str, params: Mapping[str, str | int]) -> str:
    shown = {name: HIDDEN if name.lower() in _TELLING else value for name, value in params.items()}
    query = urlencode(shown)
    between = "&" if "?" in address else "?"
    return quote(address, safe=_SAFE) + (between + query if query else "")


def _variable(auth: Auth) -> str:
    return f"${auth.env[0]}" if auth.env else HIDDEN


def _plain(text: str) -> str:
    """Keep what means nothing to a shell between double quotes."""
    return "".join(letter for letter in text if letter not in '"$`\\!')


def _ascii(text: str) -> str:
    return "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in text)
