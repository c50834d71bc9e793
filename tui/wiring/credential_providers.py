"""Builds the credential provider of a source from its description and the places of its secrets."""

from engine.model.credentials import CredentialProvider, Credentials
from engine.transport.http.carrying import Carrying
from tui.wiring.configured_source import ConfiguredSource


def provider_of(configured: ConfiguredSource, first: Credentials | None) -> CredentialProvider | None:
    """Create the provider of a source; None for one without a secret.

    Args:
        configured: the source, and where its secrets are.
        first: what the places held just now.

    Raises:
        UsageError: a secret holds a character that a header or a cookie may not hold.
    """
    if first is None:
        return None
    from engine.transport.credentials.renewing import RenewingCredentials  # noqa: PLC0415 -- imports asyncio, which only a harvest needs
    from engine.transport.credentials.stored import StoredSecret  # noqa: PLC0415 -- likewise

    Carrying(first)  # refuse an unusable credential now, not at the first request

    def read() -> Credentials:
        again = configured.read_credentials()
        assert again is not None, "there was a secret at the start"
        return again

    return RenewingCredentials(StoredSecret(read, first=first), first=first)
