"""A URL as the parts of a configuration: base address, path, parameters, and the secret that must not be written."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from engine.common.errors import UsageError
from engine.common.secret import Secret
from engine.common.text import clean

_SECRET_WORDS: Final = frozenset(
    [
        "token",
        "secret",
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "pass",
        "signature",
        "sig",
        "credential",
        "credentials",
        "bearer",
        "otp",
        "auth",
        "authorization",
        "jwt",
        "sid",
        "appid",
        "apikey",
        "appkey",
        "authkey",
        "hapikey",
        "accesskey",
        "secretkey",
        "privatekey",
        "apitoken",
        "accesstoken",
        "authtoken",
        "sessionid",
        "tok",
    ]
)
"""Last words of the names of parameters that carry a secret."""
_PLACES: Final = frozenset({"page", "next", "prev", "previous", "continuation", "sync", "cursor", "skip", "delta"})
"""Words that make a token a place in a list: "page_token"."""
_KEY_WORDS: Final = frozenset({"key", "id"})
_OF_A_KEY: Final = frozenset(
    [
        "api",
        "app",
        "access",
        "auth",
        "private",
        "client",
        "session",
        "subscription",
        "service",
        "secret",
        "license",
        "consumer",
        "user",
        "account",
        "master",
        "write",
        "read",
        "admin",
        "dev",
        "developer",
        "functions",
        "security",
    ]
)
"""Words before "key" that make it a secret; a "sort_key" is none."""
_MAYBE_NAMES: Final = frozenset({"key", "code", "session", "hash", "k"})
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET_VALUES: Final = re.compile(
    r"^(gh[pousr]_|github_pat_|glpat-|sk[-_]|pk[-_]live|xox[abp]-|AIza|eyJ[A-Za-z0-9_-]+\.|AKIA|Bearer )"
)
_LONG_VALUE: Final = re.compile(r"^(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_=+/\-]{12,}$")
_VERSION: Final = re.compile(r"^(api|rest|apis|v\d+([._]\d+)*(alpha\d*|beta\d*)?|\d{4}-\d{2}(-\d{2})?|latest|json)$")
_ILLEGAL: Final = re.compile(r"[\x00-\x20\x7f\\]")
_HOST: Final = re.compile(r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(:\d+)?/\S*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiUrl:
    """A URL in parts. Only `secret` holds the secret, and it is never written."""

    base_url: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    """The parameters without the secret, in their order."""
    secret_param: str = ""
    """The parameter that carries the secret; "" if none does."""
    basic: bool = False
    """Whether the secret is the user name and password before an @."""
    secret: Secret | None = None

    @property
    def carrier(self) -> str:
        """What carries the secret, for a message."""
        return "the user name and password" if self.basic else f'the parameter "{self.secret_param}"'

    def auth_table(self, env: str) -> dict[str, Any] | None:
        """Return the table `auth` for the secret, which the variable `env` holds; None without one."""
        if self.secret is None:
            return None
        kind = {"type": "basic"} if self.basic else {"type": "query", "name": self.secret_param}
        return {**kind, "env": env}

    def shown(self) -> str:
        """Return the address without its secret."""
        query = "&".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.base_url}{self.path}{f'?{query}' if query else ''}"


def looks_like_url(word: str) -> bool:
    """Say whether a word of the command line is an address: with a scheme, or a host with a dot and a path."""
    return word.startswith(("http://", "https://")) or _HOST.match(word) is not None


def parse_url(text: str) -> ApiUrl:
    """Take a URL apart.

    Raises:
        UsageError: it is no http(s) address, or carries two secrets.
    """
    text = text.strip()
    text = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise UsageError("the address cannot be read: want one such as https://api.example.org/articles") from error
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname or _ILLEGAL.search(text):
        raise UsageError(f"{_safe(text)}: is no http(s) address: want one such as https://api.example.org/articles")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    origin = f"{parts.scheme.lower()}://{host}" + (f":{port}" if port else "")
    prefix, path = _divided(quote(parts.path, safe="/%:@!$&'()*+,;=~-._") or "/")
    params, secrets = _params(parts.query)
    basic = "@" in parts.netloc
    if len(secrets) + basic > 1:
        carriers = ", ".join([*secrets, *(["the user name"] if basic else [])])
        raise UsageError(f"{origin}{prefix}{path}: carries several secrets ({carriers}): leave all but one out")
    secret = Secret(unquote(parts.netloc.rpartition("@")[0])) if basic else next(iter(secrets.values()), None)
    return ApiUrl(
        base_url=f"{origin}{prefix}",
        path=path,
        params=params,
        secret_param=next(iter(secrets), ""),
        basic=basic,
        secret=secret,
    )


def is_secret(name: str, value: str) -> bool:
    """Say whether a parameter carries a secret, by its name or by the look of its value."""
    words = [word.lower() for word in _WORD.findall(name)]
    if _SECRET_VALUES.match(value) or _is_secret_name(words):
        return True
    return bool(words) and words[-1] in _MAYBE_NAMES and _LONG_VALUE.match(value) is not None


def _is_secret_name(words: Sequence[str]) -> bool:
    if not words or not _PLACES.isdisjoint(words):
        return False
    if words[-1] in _SECRET_WORDS:
        return True
    return (
        words[-1] in _KEY_WORDS
        and len(words) > 1
        and (words[-1] == "key" or words[-2] == "app")
        and (words[-2] in _OF_A_KEY)
    )


def _params(query: str) -> tuple[dict[str, str], dict[str, Secret]]:
    params: dict[str, str] = {}
    secrets: dict[str, Secret] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if is_secret(name, value):
            secrets[name] = Secret(value)
        elif name in params:
            raise UsageError(f'the parameter "{clean(name, 60)}" stands twice in the address: leave one out')
        else:
            params[name] = value
    return params, secrets


def _divided(path: str) -> tuple[str, str]:
    """Divide a path into the prefix of the API, up to a version such as /api/v2, and the list below it."""
    steps = path.split("/")[1:]
    prefix = 0
    for number, step in enumerate(steps[:-1], start=1):
        if _VERSION.match(step.lower()) and any(steps[number:]):
            prefix = number
    above = "".join(f"/{step}" for step in steps[:prefix])
    if above.endswith("/") or "//" in above:
        return "", path
    return above, "/" + "/".join(steps[prefix:])


def _safe(text: str) -> str:
    """Return an address for a message, without what may be a secret."""
    return clean(re.sub(r"//[^/@]*@", "//", text.partition("?")[0]), 80)
