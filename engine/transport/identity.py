"""A digest that tells credentials apart. It is stored on disk, so it is a slow hash: guessing must cost."""

import hashlib
from typing import Final

from engine.common.secret import Secret
from engine.model.credentials import Credentials

ANONYMOUS: Final = "anonymous"
"""The identity of requests without a credential."""


def digest(name: str, secret: Secret) -> str:
    """Return the digest of a secret that is known by a name."""
    salt = f"fetchdeck {name.lower()}".encode()
    return hashlib.scrypt(secret.reveal().encode(), salt=salt, n=2**13, r=8, p=1, dklen=12).hex()


def identity_of(credentials: Credentials) -> str:
    """Return the digest of all secrets of a request."""
    parts = (credentials.headers, credentials.query, credentials.cookies)
    found = [(name, secret) for part in parts for name, secret in part.items()]
    if not found:
        return ANONYMOUS
    names = " ".join(name for name, _ in found)
    return digest(names, Secret("\n".join(secret.reveal() for _, secret in found)))
