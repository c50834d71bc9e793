"""A session: a POST with the password returns a token, or sets a cookie, which requests then carry."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from engine.common.errors import SourceError
from engine.common.secret import Secret
from engine.model.credentials import COMMAND_LOOKS, Looks, SessionLogin
from engine.transport.credentials.oauth import GrantSecrets, ReadSecrets
from engine.transport.credentials.renewing import Issued, Issuer
from engine.transport.credentials.stored import reading
from engine.transport.credentials.token_request import TokenAnswer, TokenEndpoint, leaf, token_of
from engine.transport.identity import digest

_PLACE: Final = "{secret}"


class SessionIssuer(Issuer):
    """Logs in.

    Args:
        login: what to send, and where the token is in the answer.
        endpoint: the server.
        read: reads the password.
        first: what it was at the start.
    """

    def __init__(self, *, login: SessionLogin, endpoint: TokenEndpoint, read: ReadSecrets, first: GrantSecrets) -> None:
        self._login = login
        self._endpoint = endpoint
        self._read = read
        about = msgspec.json.encode(login.body, order="sorted").decode()
        self._identity = digest(f"{login.url} {about}", first.main)

    @property
    def identity(self) -> str:
        return self._identity

    @property
    def looks(self) -> Looks | None:
        return Looks(place=self._endpoint.name, pauses=COMMAND_LOOKS)

    async def issue(self) -> Issued:
        secrets = await reading(self._read)
        body = filled(self._login.body, secrets.main)
        if self._login.form:
            answer = await self._endpoint.post_form({name: str(value) for name, value in body.items()})
        else:
            answer = await self._endpoint.post_json(body)
        # A login by a form often answers with a redirect to a page. It is not followed; the cookie is what counts.
        if not (self._login.cookie and 300 <= answer.status < 400):
            refusal = self._endpoint.refusal(answer, [secrets.main])
            if refusal is not None:
                raise refusal
        token, lifetime = self._found(answer)
        if token is None or not token.reveal():
            where = (
                f"sets no cookie {self._login.cookie}" if self._login.cookie else "has no token there; see auth.token"
            )
            raise SourceError(f"{self._endpoint.name}: the answer ({answer.status}) {where}")
        return Issued(secrets.place(token), self._login.lifetime or lifetime)

    def _found(self, answer: TokenAnswer) -> tuple[Secret | None, float | None]:
        if self._login.cookie:
            return answer.cookies.get(self._login.cookie), answer.max_ages.get(self._login.cookie)
        return token_of(leaf(answer.json(), self._login.token)), None


def filled(body: Mapping[str, Any], secret: Secret) -> dict[str, Any]:
    """Return the body with the secret in its place."""
    return {name: _filled(value, secret.reveal()) for name, value in body.items()}


def _filled(value: Any, secret: str) -> Any:
    match value:
        case str():
            return value.replace(_PLACE, secret)
        case dict():
            return {name: _filled(inner, secret) for name, inner in value.items()}
        case list():
            return [_filled(inner, secret) for inner in value]
    return value
