"""A token signed here (RFC 7519): requests carry it, or it is exchanged for an access token (RFC 7523).

https://www.rfc-editor.org/rfc/rfc7519, https://www.rfc-editor.org/rfc/rfc7523
"""

from collections.abc import Callable
from typing import Final

from engine.common.errors import SourceError
from engine.common.secret import Secret
from engine.model.credentials import COMMAND_LOOKS, Looks, SignedJwt
from engine.transport.credentials.oauth import GrantSecrets, ReadSecrets, issued
from engine.transport.credentials.renewing import Issued, Issuer
from engine.transport.credentials.stored import reading
from engine.transport.credentials.token_request import TokenEndpoint
from engine.transport.identity import digest

JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SKEW: Final = 30.0
"""Seconds by which a token is dated back, for a server whose clock is behind ours. GitHub advises 60 at most."""


class JwtIssuer(Issuer):
    """Signs tokens.

    Args:
        grant: the claims, and the algorithm.
        endpoint: where the token is exchanged; None carries the token itself.
        read: reads the key.
        first: what it was at the start.
        wall: the time in seconds since the epoch.
    """

    def __init__(
        self,
        *,
        grant: SignedJwt,
        endpoint: TokenEndpoint | None,
        read: ReadSecrets,
        first: GrantSecrets,
        wall: Callable[[], float],
    ) -> None:
        self._grant = grant
        self._endpoint = endpoint
        self._read = read
        self._wall = wall
        claims = " ".join(f"{name}={value}" for name, value in sorted(grant.claims.items()))
        self._identity = digest(f"jwt {claims}", first.main)
        self._sign(first.main)  # refuse a key of the wrong kind now, not at the first request

    @property
    def identity(self) -> str:
        return self._identity

    @property
    def looks(self) -> Looks | None:
        return Looks(place=self._endpoint.name if self._endpoint else "the key", pauses=COMMAND_LOOKS)

    async def issue(self) -> Issued:
        secrets = await reading(self._read)
        token = self._sign(secrets.main)
        if self._endpoint is None:
            return Issued(secrets.place(token), self._grant.lifetime)
        scope = {"scope": self._grant.scope} if self._grant.scope else {}
        answer = await self._endpoint.post_form({"grant_type": JWT_BEARER, "assertion": token.reveal(), **scope})
        refusal = self._endpoint.refusal(answer, [token])
        if refusal is not None:
            raise refusal
        return issued(answer, self._endpoint, secrets.place)

    def _sign(self, key: Secret) -> Secret:
        import jwt

        now = self._wall()
        claims = {**self._grant.claims, "iat": int(now - SKEW), "exp": int(now + self._grant.lifetime)}
        headers = {"kid": self._grant.key_id} if self._grant.key_id else None
        try:
            return Secret(jwt.encode(claims, key.reveal(), algorithm=self._grant.algorithm, headers=headers))
        except (jwt.PyJWTError, ValueError, TypeError, NotImplementedError):
            # Neither chained nor shown: the library's message may repeat a part of the key.
            raise SourceError(
                f"the key is none for {self._grant.algorithm}: want a private key in PEM for RS, PS, ES and EdDSA,"
                " and a long enough text for HS"
            ) from None
