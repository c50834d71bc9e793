"""Builds the credential provider of a source from its description and the places of its secrets."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.common.errors import ConfigError, SourceError, UsageError
from engine.common.extras import PYJWT
from engine.model.credentials import (
    Auth,
    CredentialProvider,
    Credentials,
    Grant,
    OAuthGrant,
    SessionLogin,
    SignedJwt,
    placed,
)
from engine.transport.http.carrying import Carrying
from tui.wiring.addresses import proxy_for, user_agent
from tui.wiring.configured_source import ConfiguredSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.transport.credentials.oauth import GrantSecrets
    from engine.transport.credentials.renewing import Issuer
    from engine.transport.credentials.token_request import TokenEndpoint


@dataclass(frozen=True, slots=True)
class Provided:
    """The provider of a source, and what its secrets were at the start."""

    provider: CredentialProvider | None = None
    first: Credentials | None = field(default=None, repr=False)
    """None where a token must be got first, or there is no secret."""


class CredentialProviders:
    """Creates providers.

    Args:
        environ: names the proxies.
        version: of fetchdeck, for the user agent.
        folder: where refresh tokens are kept that their servers replaced.
    """

    def __init__(self, *, environ: Mapping[str, str], version: str, folder: Path) -> None:
        self._environ = environ
        self._version = version
        self._folder = folder

    def make(self, configured: ConfiguredSource) -> Provided:
        """Create the provider of a source. Its secrets are read now; nothing is sent.

        Raises:
            UsageError: a secret cannot be read or sent, or the address of a grant is not safe.
        """
        auth = configured.source.auth
        if auth is None or configured.credential is None:
            return Provided()
        # Imports asyncio, which only a harvest needs.
        from engine.transport.credentials.renewing import RenewingCredentials  # noqa: PLC0415
        from engine.transport.credentials.stored import StoredSecret  # noqa: PLC0415 -- likewise

        if auth.grant is not None:
            return Provided(RenewingCredentials(self._issuer(configured, auth, auth.grant)))
        first = _read(configured)
        Carrying(first)  # refuse an unusable credential now, not at the first request
        stored = StoredSecret(partial(_read, configured), first=first, looks=configured.looks())
        return Provided(RenewingCredentials(stored, first=first), first)

    def _issuer(self, configured: ConfiguredSource, auth: Auth, grant: Grant) -> "Issuer":
        from engine.transport.credentials.oauth import OAuthIssuer  # noqa: PLC0415 -- takes 200 ms, as the HTTP client
        from engine.transport.credentials.refresh_token_file import RefreshTokenFile  # noqa: PLC0415 -- likewise
        from engine.transport.credentials.session import SessionIssuer  # noqa: PLC0415 -- likewise

        read = partial(_secrets, configured, auth)
        first = read()
        match grant:
            case OAuthGrant():
                about = f"{grant.token_url} {grant.client_id}"
                kept = RefreshTokenFile(self._folder, about=about)
                endpoint = self._endpoint(configured, grant.token_url, "token_url")
                return OAuthIssuer(grant=grant, endpoint=endpoint, read=read, first=first, kept=kept)
            case SessionLogin():
                endpoint = self._endpoint(configured, grant.url, "login_url")
                return SessionIssuer(login=grant, endpoint=endpoint, read=read, first=first)
            case SignedJwt():
                return self._jwt(configured, grant, read, first)

    def _jwt(
        self, configured: ConfiguredSource, grant: SignedJwt, read: "Callable[[], GrantSecrets]", first: "GrantSecrets"
    ) -> "Issuer":
        from engine.transport.credentials.signed_jwt import JwtIssuer  # noqa: PLC0415 -- with the HTTP client

        PYJWT.require()
        endpoint = self._endpoint(configured, grant.token_url, "token_url") if grant.token_url else None
        try:
            return JwtIssuer(grant=grant, endpoint=endpoint, read=read, first=first, wall=time.time)
        except SourceError as error:
            raise ConfigError(f"{configured.settings.key(('auth', 'algorithm'))}: {error}") from error

    def _endpoint(self, configured: ConfiguredSource, url: str, key: str) -> "TokenEndpoint":
        from engine.transport.credentials.token_request import TokenEndpoint  # noqa: PLC0415 -- likewise

        try:
            return TokenEndpoint(url=url, user_agent=user_agent(self._version), proxy=proxy_for(url, self._environ))
        except UsageError as error:
            raise ConfigError(f"{configured.settings.key(('auth', key))}: {error}") from error


def _read(configured: ConfiguredSource) -> Credentials:
    found = configured.read_credentials()
    assert found is not None, "there was a secret at the start"
    return found


def _secrets(configured: ConfiguredSource, auth: Auth) -> "GrantSecrets":
    from engine.transport.credentials.oauth import GrantSecrets  # noqa: PLC0415 -- likewise

    assert configured.credential is not None, "there was a secret at the start"
    further = {key: place.read() for key, place in configured.further.items()}
    client = auth.grant.client_secret if isinstance(auth.grant, OAuthGrant) else None
    return GrantSecrets(
        main=configured.credential.read(),
        client=further[client.key] if client else None,
        place=partial(placed, auth, also=further),
    )
