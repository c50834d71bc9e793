"""Tokens that are signed here."""

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from engine.common.errors import SourceError
from engine.common.secret import Secret
from engine.config.credentials import read_secret
from engine.model.credentials import Credentials, SignedJwt
from engine.transport.credentials.oauth import GrantSecrets
from engine.transport.credentials.signed_jwt import JwtIssuer
from tests.engine.harness import InThisThread

NOW = 1_750_000_000.0
HS_KEY = "hunter2-" * 4


@pytest.fixture(autouse=True)
def in_this_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.transport.credentials.stored._THREADS", InThisThread())


def issuer(key: str, algorithm: str) -> JwtIssuer:
    secrets = GrantSecrets(main=Secret(key), place=lambda token: Credentials(headers={"Authorization": token}))
    grant = SignedJwt(algorithm=algorithm, key_id="k1", claims={"iss": "app", "admin": True}, lifetime=600)
    return JwtIssuer(grant=grant, endpoint=None, read=lambda: secrets, first=secrets, wall=lambda: NOW)


async def test_a_token_has_the_claims_and_lives_as_long_as_configured() -> None:
    found = await issuer(HS_KEY, "HS256").issue()

    token = found.credentials.headers["Authorization"].reveal()
    claims = jwt.decode(token, HS_KEY, algorithms=["HS256"], options={"verify_exp": False})
    assert claims == {"iss": "app", "admin": True, "iat": NOW - 30, "exp": NOW + 600}
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "kid": "k1", "typ": "JWT"}
    assert found.lifetime == 600


async def test_a_key_in_lines_signs() -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()

    found = await issuer(read_secret(pem, "the key").reveal(), "RS256").issue()

    token = found.credentials.headers["Authorization"].reveal()
    claims = jwt.decode(token, private.public_key(), algorithms=["RS256"], options={"verify_exp": False})
    assert claims["iss"] == "app"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_key_of_another_kind_is_refused_before_the_start(algorithm: str) -> None:
    with pytest.raises(SourceError, match=f"the key is none for {algorithm}: want a private key in PEM") as refused:
        issuer(HS_KEY, algorithm)

    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None
