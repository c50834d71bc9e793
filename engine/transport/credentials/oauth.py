"""OAuth 2: tokens for a client (client_credentials) or a person (refresh_token); https://www.rfc-editor.org/rfc/rfc6749.

A refresh token that the server replaces is kept before the new access token is used: the old one is void from then on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.common.errors import SourceError
from engine.common.secret import Secret
from engine.model.credentials import COMMAND_LOOKS, Credentials, Looks, OAuthGrant
from engine.transport.credentials.refresh_token_file import RefreshTokenFile
from engine.transport.credentials.renewing import Issued, Issuer
from engine.transport.credentials.stored import reading
from engine.transport.credentials.token_request import TokenAnswer, TokenEndpoint, leaf, seconds, token_of
from engine.transport.identity import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantSecrets:
    """The secrets of a grant, as their places hold them now."""

    main: Secret
    """The client's secret, the refresh token, the password or the key."""
    client: Secret | None = None
    """The client's secret beside a refresh token."""
    place: Callable[[Secret], Credentials] = field(repr=False)
    """Puts a token where requests carry it."""


ReadSecrets = Callable[[], GrantSecrets]
"""Reads the places of the secrets; it may block, and raises a UsageError."""


class OAuthIssuer(Issuer):
    """Requests access tokens.

    Args:
        grant: what to ask for.
        endpoint: the server.
        read: reads the secrets.
        first: what they were at the start.
        kept: where a refresh token is kept that the server replaced.
    """

    def __init__(
        self,
        *,
        grant: OAuthGrant,
        endpoint: TokenEndpoint,
        read: ReadSecrets,
        first: GrantSecrets,
        kept: RefreshTokenFile,
    ) -> None:
        self._grant = grant
        self._endpoint = endpoint
        self._read = read
        self._kept = kept
        self._identity = digest(f"{grant.token_url} {grant.client_id} {grant.scope}", first.main)

    @property
    def identity(self) -> str:
        return self._identity

    @property
    def looks(self) -> Looks | None:
        return Looks(place=self._endpoint.name, pauses=COMMAND_LOOKS)

    async def issue(self) -> Issued:
        secrets = await reading(self._read)
        if self._grant.kind == "client_credentials":
            return issued(await self._ask({}, secrets.main, secrets), self._endpoint, secrets.place)
        async with self._kept.locked(secrets.main):
            answer = await self._refresh(self._kept.read(secrets.main) or secrets.main, secrets)
            rotated = token_of(leaf(answer.json(), ("refresh_token",)))
            if rotated is not None:
                self._kept.keep(secrets.main, rotated)
        return issued(answer, self._endpoint, secrets.place)

    async def _refresh(self, token: Secret, secrets: GrantSecrets) -> TokenAnswer:
        return await self._ask({"refresh_token": token.reveal()}, secrets.client, secrets)

    async def _ask(self, form: Mapping[str, str], client_secret: Secret | None, secrets: GrantSecrets) -> TokenAnswer:
        grant = self._grant
        asked = {"grant_type": grant.kind, **form, **({"scope": grant.scope} if grant.scope else {}), **grant.params}
        basic = None
        if client_secret is not None and grant.client_auth == "basic":
            basic = grant.client_id, client_secret
        else:
            asked["client_id"] = grant.client_id
            if client_secret is not None:
                asked["client_secret"] = client_secret.reveal()
        answer = await self._endpoint.post_form(asked, basic=basic)
        sent = [secrets.main, *([secrets.client] if secrets.client else []), *map(Secret, form.values())]
        refusal = self._endpoint.refusal(answer, sent)
        if refusal is not None:
            raise refusal
        return answer


def issued(answer: TokenAnswer, endpoint: TokenEndpoint, place: Callable[[Secret], Credentials]) -> Issued:
    """Return the access token of an answer (RFC 6749, 5.1).

    Raises:
        SourceError: it has none.
    """
    data = answer.json()
    token = token_of(leaf(data, ("access_token",)))
    if token is None:
        raise SourceError(f"{endpoint.name}: the answer ({answer.status}) has no access_token; see auth.token_url")
    return Issued(place(token), seconds(leaf(data, ("expires_in",))))
