"""The interface of a credential provider, and how a source describes the credential it needs.

A provider hands out the secrets of one request at a time, and renews them. A description (`Auth`) holds no secret: it
says where secrets are, how a token is got for them, and which part of a request carries it.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

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


class CredentialProvider(Protocol):
    """Hands out the credentials of a source's requests, and renews them while it runs."""

    @property
    def identity(self) -> str:
        """Return a digest that tells accounts apart without revealing a secret. A renewal does not change it."""

    async def credentials(self) -> Credentials:
        """Return what the next request carries. A token that is about to expire is renewed first.

        Raises:
            TransportError: the server that grants tokens gave no answer; a later call may succeed.
            SourceError: it refuses to grant one, or the secret cannot be read.
        """

    async def refused(self, credentials: Credentials) -> bool:
        """Say that an answer refused these credentials (401). Return whether there are others now.

        The place or the grant is asked once, however many requests were refused with the same credentials.

        Raises:
            TransportError: the server that grants tokens gave no answer; a later call may succeed.
            SourceError: it refuses to grant one, or the secret cannot be read.
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
    required: bool = False
    hint: str = ""
    """How to get one: a sentence and a URL."""


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


def _revealed(credentials: Credentials) -> list[dict[str, str]]:
    parts = (credentials.headers, credentials.query, credentials.cookies)
    return [{name: secret.reveal() for name, secret in part.items()} for part in parts]
