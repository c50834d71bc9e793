"""How a REST configuration authenticates."""

from collections.abc import Iterator
from dataclasses import replace

from engine.model.credentials import Carried, Grant, OAuthGrant, SecretPlace, SessionLogin, SignedJwt, token_variable
from engine.model.source import Auth
from sources.rest.config.access import (
    Access,
    Basic,
    Bearer,
    Cookie,
    Header,
    Jwt,
    OAuth2,
    Place,
    Query,
    Session,
)
from sources.rest.config.options import RestOptions
from sources.rest.json_paths import compile_path


def auth(access: Access, name: str, base_url: str) -> Auth:
    """Return where the secret is found and what carries it. `name` is that of the source."""
    env = (access.env or token_variable(name),)
    common = Auth(env=env, required=access.required, hint=access.hint, also=tuple(_also(access)))
    match access:
        case Bearer():
            return common
        case Basic():
            return replace(common, prefix="Basic ", basic=True)
        case Query():
            return replace(common, query=access.name, prefix="")
        case Cookie():
            return replace(common, cookie=access.name, prefix="")
        case Header():
            return replace(common, header=access.name, prefix=access.prefix)
        case Session() if access.cookie:
            return replace(common, cookie=access.cookie, prefix="", grant=_grant(access, base_url))
        case OAuth2() | Session() | Jwt():
            return replace(common, header=access.name, prefix=access.prefix, grant=_grant(access, base_url))


def _also(access: Access) -> Iterator[Carried]:
    for number, one in enumerate(access.also):
        place = _place(f"auth.also[{number}]", one)
        yield Carried(place=place, by=one.type, name=one.name, prefix=one.prefix)


def _place(key: str, place: Place) -> SecretPlace:
    return SecretPlace(key=key, env=place.env or "", file=place.file or "", command=place.command or ())


def _grant(access: OAuth2 | Session | Jwt, base_url: str) -> Grant:
    match access:
        case OAuth2():
            return OAuthGrant(
                kind=access.grant,
                token_url=_absolute(access.token_url, base_url),
                client_id=access.client_id,
                client_secret=_place("auth.client_secret", access.client_secret) if access.client_secret else None,
                client_auth=access.client_auth,
                scope=access.scope,
                params=access.params,
            )
        case Session():
            return SessionLogin(
                url=_absolute(access.login_url, base_url),
                body=access.body,
                form=access.form,
                token=_names(access.token) if access.token else (),
                cookie=access.cookie or "",
                lifetime=access.lifetime,
            )
        case Jwt():
            return SignedJwt(
                algorithm=access.algorithm,
                key_id=access.key_id,
                claims=access.claims,
                lifetime=access.lifetime,
                token_url=_absolute(access.token_url, base_url) if access.token_url else "",
                scope=access.scope,
            )


def _names(path: str) -> tuple[str | int, ...]:
    """Return a path whose `*` the configuration has refused."""
    return tuple(each for each in compile_path(path) if isinstance(each, str | int))


def _absolute(address: str, base_url: str) -> str:
    return address if "://" in address else base_url + address


def secret_param(options: RestOptions) -> str | None:
    """Return the query parameter that carries the secret, if there is one."""
    return options.auth.name if isinstance(options.auth, Query) else None
