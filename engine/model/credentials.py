"""The interface of a credential provider, and how a source describes the credential it needs.

A provider hands out the secrets of one request at a time, and renews them. A description (`Auth`) holds no secret: it
says where secrets are, how a token is got for them, and which part of a request carries it.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

from engine.common.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The secrets that one request carries, by name. They are added as it is sent, and no request ever holds them."""

    headers: Mapping[str, Secret] = field(default_factory=dict)
    """Whole values: "Bearer ..."."""
    query: Mapping[str, Secret] = field(default_factory=dict)
    cookies: Mapping[str, Secret] = field(default_factory=dict)

    def same_as(self, other: "Credentials") -> bool:
        """Whether both hold equal secrets; a `Secret` itself is never equal to another."""
        return _revealed(self) == _revealed(other)


def token_variable(source: str) -> str:
    """Return the environment variable that has the secret of a source, unless its configuration names another."""
    return f"FETCHDECK_{source.upper().replace('-', '_')}_TOKEN"


FILE_LOOKS: Final = (2.0,)
"""Seconds between two looks at a file: whoever writes a new token there sees at once that it is used."""
COMMAND_LOOKS: Final = (60.0, 300.0, 900.0, 3600.0)
"""Seconds before a command or a grant is asked again; the last one repeats. It may cost something, or ask a person."""
KEYRING_LOOKS: Final = ()
"""A keyring may ask its owner for a password, so it is only asked when a person wants it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """When a place is looked at again, after its credential was refused."""

    place: str
    """In words: "~/.token", "the command gh", "keyring"."""
    pauses: tuple[float, ...]
    """Seconds before each look, the last one repeats; () for only when a person asks."""


class CredentialProvider(Protocol):
    """Hands out the credentials of a source's requests, and renews them while it runs."""

    @property
    def looks(self) -> Looks | None:
        """When to `look_again` after a refusal; None where no other credential can come while the process runs."""
        return None

    async def look_again(self) -> bool:
        """Ask the place or the grant once more. Return whether there are other credentials than the refused ones.

        Raises:
            TransportError: the server that grants tokens gave no answer.
            LoginNeeded: it refuses to grant one, or the secret cannot be read.
        """
        return False

    @property
    def identity(self) -> str:
        """Return a digest that tells accounts apart without revealing a secret. A renewal does not change it."""

    async def credentials(self) -> Credentials:
        """Return what the next request carries. A token that is about to expire is renewed first.

        Raises:
            TransportError: the server that grants tokens gave no answer; a later call may succeed.
            LoginNeeded: it refuses to grant one, or the secret cannot be read.
        """

    async def refused(self, credentials: Credentials) -> bool:
        """Say that an answer refused these credentials (401). Return whether there are others now.

        The place or the grant is asked once, however many requests were refused with the same credentials.

        Raises:
            TransportError: the server that grants tokens gave no answer; a later call may succeed.
            LoginNeeded: it refuses to grant one, or the secret cannot be read.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretPlace:
    """Where a further secret of a source is, besides the one that `token_env` and its siblings name."""

    key: str
    """The key of the configuration that names the place: "auth.client_secret"."""
    env: str = ""
    file: str = ""
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A further secret that each request carries, for an API that wants two keys at once."""

    place: SecretPlace
    by: Literal["header", "query", "cookie"]
    name: str
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthGrant:
    """OAuth 2: the secret is the client's (client_credentials) or a refresh token; https://www.rfc-editor.org/rfc/rfc6749.

    Tokens are requested from the origin of `token_url` and from no other.
    """

    kind: Literal["client_credentials", "refresh_token"]
    token_url: str
    client_id: str
    client_secret: SecretPlace | None = None
    """With refresh_token: where the secret of the client is, if it has one."""
    client_auth: Literal["basic", "body"] = "basic"
    scope: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLogin:
    """A POST that returns a token in its body or as a cookie: the secret is the password."""

    url: str
    body: Mapping[str, Any]
    """What is sent; "{secret}" in a text of it stands for the secret."""
    form: bool = False
    token: tuple[str | int, ...] = ()
    """The names, and the positions in arrays, that lead to the token in the answer; () for the whole answer, a text."""
    cookie: str = ""
    """The cookie that is the token, instead."""
    lifetime: float | None = None
    """Seconds that a session lives; None if only a 401 tells its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedJwt:
    """A token signed here (RFC 7519): the secret is the key. Needs the extra `jwt`."""

    algorithm: str
    key_id: str = ""
    claims: Mapping[str, Any] = field(default_factory=dict)
    lifetime: float = 300.0
    token_url: str = ""
    """Where it is exchanged for an access token (RFC 7523, the grant jwt-bearer); "" to carry it in each request."""
    scope: str = ""


Grant = OAuthGrant | SessionLogin | SignedJwt
"""How a token is got for a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """Where the secret of a source is found and how it is sent. The secret itself is never in here."""

    env: tuple[str, ...]
    """Environment variables, tried in this order."""
    header: str = "Authorization"
    prefix: str = "Bearer "
    basic: bool = False
    """The secret is "user:password" and is encoded as RFC 7617 says (https://www.rfc-editor.org/rfc/rfc7617)."""
    query: str = ""
    """The query parameter that carries it instead of a header. The transport adds it; no request ever holds it."""
    cookie: str = ""
    """The cookie that carries it instead of a header."""
    also: tuple[Carried, ...] = ()
    """Further secrets of each request."""
    grant: Grant | None = None
    """How a token is got for the secret; it travels where the secret would. None sends the secret itself."""
    required: bool = False
    hint: str = ""
    """How to get one: a sentence and a URL."""


def carrier(auth: Auth) -> str:
    """Say what carries the secrets of a source, for a message."""
    own = f"the header {auth.header}"
    own = f"the parameter {auth.query}" if auth.query else f"the cookie {auth.cookie}" if auth.cookie else own
    kinds = {"header": "the header", "query": "the parameter", "cookie": "the cookie"}
    return " and ".join([own, *(f"{kinds[one.by]} {one.name}" for one in auth.also)])


def placed(auth: Auth, secret: Secret, also: Mapping[str, Secret]) -> Credentials:
    """Put secrets where `auth` says. `also` has the further secrets by the key of their place."""
    value = secret.reveal()
    headers: dict[str, Secret] = {}
    query: dict[str, Secret] = {}
    cookies: dict[str, Secret] = {}
    if auth.query:
        query[auth.query] = secret
    elif auth.cookie:
        cookies[auth.cookie] = secret
    else:
        headers[auth.header] = Secret(auth.prefix + (b64encode(value.encode()).decode() if auth.basic else value))
    parts = {"header": headers, "query": query, "cookie": cookies}
    for one in auth.also:
        parts[one.by][one.name] = Secret(one.prefix + also[one.place.key].reveal())
    return Credentials(headers=headers, query=query, cookies=cookies)


def further_places(auth: Auth) -> Sequence[SecretPlace]:
    """Return the places of all secrets besides the first."""
    found = [one.place for one in auth.also]
    if isinstance(auth.grant, OAuthGrant) and auth.grant.client_secret is not None:
        found.append(auth.grant.client_secret)
    return found


def _revealed(credentials: Credentials) -> list[dict[str, str]]:
    parts = (credentials.headers, credentials.query, credentials.cookies)
    return [{name: secret.reveal() for name, secret in part.items()} for part in parts]
