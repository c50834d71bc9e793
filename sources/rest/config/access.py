"""The table `auth` of a REST configuration: how the secret is sent, or how a token is got for it. It holds none."""

import re
from collections.abc import Collection, Iterator
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from sources.rest.config.types import CookieName, HeaderName, JsonPath, Scalar, Word
from sources.rest.json_paths import takes_many

_DAY: Final = 86_400.0
_PRIVATE: Final = re.compile(r"secret|passw|token|assertion", re.IGNORECASE)
SECRET: Final = "{secret}"  # noqa: S105 -- the place of a secret in a body, not one
EnvName = Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*\Z", description="an environment variable")]
TokenUrl = Annotated[
    str,
    Meta(
        pattern=r"^(https?://[^\s/@?#]+)?/[^\s#]*\Z",
        description="an address that begins with https://, or a path below base_url",
    ),
]
Lifetime = Annotated[float, Meta(ge=1, le=365 * _DAY, description="seconds")]


class Place(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Where a further secret is: exactly one of the three."""

    env: EnvName | None = None
    file: str | None = None
    command: Annotated[tuple[str, ...], Meta(min_length=1)] | None = None


class Also(Place, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A further secret that each request carries, for an API that wants two keys at once."""

    type: Literal["header", "query", "cookie"] = "header"
    name: HeaderName
    prefix: str = ""


class _Access(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, tag_field="type"):
    """What every kind has. The place of its secret is given by token_env, token_file or token_command, too."""

    env: EnvName | None = None
    required: bool = True
    hint: str = ""
    also: tuple[Also, ...] = ()


class Bearer(_Access, forbid_unknown_fields=True, frozen=True, kw_only=True, tag="bearer"):
    """`Authorization: Bearer SECRET`."""


class Basic(_Access, forbid_unknown_fields=True, frozen=True, kw_only=True, tag="basic"):
    """The secret is "user:password"."""


class Header(_Access, forbid_unknown_fields=True, frozen=True, kw_only=True, tag="header"):
    """A header of the API's own."""

    name: HeaderName
    prefix: str = ""
    """Text before the secret."""


class Query(_Access, forbid_unknown_fields=True, frozen=True, kw_only=True, tag="query"):
    """A query parameter."""

    name: Word


class Cookie(_Access, forbid_unknown_fields=True, frozen=True, kw_only=True, tag="cookie"):
    """A cookie."""

    name: CookieName


class _Granted(_Access, forbid_unknown_fields=True, frozen=True, kw_only=True, tag_field="type"):
    """A token that is got for the secret. `name` and `prefix` say which header carries it."""

    name: HeaderName = "Authorization"
    prefix: str = "Bearer "


class OAuth2(_Granted, forbid_unknown_fields=True, frozen=True, kw_only=True, tag="oauth2"):
    """OAuth 2 (RFC 6749). The secret is that of the client, or the refresh token."""

    token_url: TokenUrl
    grant: Literal["client_credentials", "refresh_token"] = "client_credentials"
    client_id: str
    client_secret: Place | None = None
    """refresh_token: where the secret of the client is, if it has one."""
    client_auth: Literal["basic", "body"] = "basic"
    """How the client says who it is: HTTP Basic, or keys of the form."""
    scope: str = ""
    params: dict[Word, str] = {}
    """Further keys of the form, such as `audience`."""


class Session(_Granted, forbid_unknown_fields=True, frozen=True, kw_only=True, tag="session"):
    """A login that returns a token or a cookie. The secret is the password."""

    login_url: TokenUrl
    body: Annotated[dict[str, Any], Meta(min_length=1)]
    """What is sent; "{secret}" in a text of it stands for the secret."""
    form: bool = False
    """Whether it is sent as a form; otherwise as JSON."""
    token: JsonPath | None = None
    """Path in the answer to the token."""
    cookie: CookieName | None = None
    """Instead of `token`: the cookie that the answer sets, and that requests then carry."""
    lifetime: Lifetime | None = None
    """After so many seconds it logs in again; without it, when a request is refused."""


class Jwt(_Granted, forbid_unknown_fields=True, frozen=True, kw_only=True, tag="jwt"):
    """A signed token (RFC 7519). The secret is the key it is signed with."""

    algorithm: Literal["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
    key_id: str = ""
    claims: dict[str, Scalar] = {}
    """Claims besides `iat` and `exp`."""
    lifetime: Annotated[float, Meta(ge=30, le=_DAY, description="seconds")] = 300.0
    token_url: TokenUrl | None = None
    """Where it is exchanged for an access token (RFC 7523); without it, requests carry the signed token itself."""
    scope: str = ""


Access = Bearer | Basic | Header | Query | Cookie | OAuth2 | Session | Jwt


def problems(auth: Access, params: Collection[str]) -> Iterator[str]:
    """Yield what the types cannot say."""
    for number, one in enumerate(auth.also):
        yield from _place(f"auth.also[{number}]", one)
        if one.type == "query" and one.name in params:
            yield f"params.{one.name}: this parameter carries a secret, see auth.also[{number}]; leave it out here"
    match auth:
        case Query() if auth.name in params:
            yield f"params.{auth.name}: this parameter carries the secret, see auth.name; leave it out here"
        case OAuth2():
            yield from _oauth(auth)
        case Session():
            yield from _session(auth)
        case Jwt() if auth.scope and auth.token_url is None:
            yield f'auth.scope: "{auth.scope}" has no use without auth.token_url'


def _oauth(auth: OAuth2) -> Iterator[str]:
    for name in auth.params:
        if _PRIVATE.search(name):
            yield f"auth.params.{name}: a secret never stands in a configuration; name its place under auth"
    if auth.client_secret is None:
        return
    yield from _place("auth.client_secret", auth.client_secret)
    if auth.grant == "client_credentials":
        yield (
            "auth.client_secret: the secret of client_credentials is the source's own; name its place with"
            " auth.env, token_env, token_file or token_command"
        )


def _session(auth: Session) -> Iterator[str]:
    if (auth.token is None) == (auth.cookie is None):
        said = "there are both" if auth.cookie else "there is neither"
        yield f'auth.token: want either token, a path such as "data.token", or cookie, the name of a cookie; {said}'
    if auth.token and takes_many(auth.token):
        yield f'auth.token: "{auth.token}" may be several values, and one is the token; name it, as in tokens[0].id'
    if SECRET not in msgspec.json.encode(auth.body).decode():
        yield f'auth.body: nothing in it stands for the secret; want {SECRET}, as in password = "{SECRET}"'
    if auth.form and not all(isinstance(value, str | int | float | bool) for value in auth.body.values()):
        yield "auth.body: a form has texts and numbers only; leave out form = true to send JSON"


def _place(at: str, place: Place) -> Iterator[str]:
    given = [name for name in ("env", "file", "command") if getattr(place, name) is not None]
    if len(given) != 1:
        said = f"has {' and '.join(given)}" if given else "names no place of its secret"
        yield f"{at}: {said}; want exactly one of env, file and command"
