"""A source as the person configured it: checked, with its secret, and ready to be wired."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.common.errors import ConfigError
from engine.common.extras import YTDLP
from engine.common.secret import Secret
from engine.config.credentials import Credential, missing_credential
from engine.config.settings import SourceSettings
from engine.model.source import Memory, Source
from engine.model.ytdlp import UsesYtDlp


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A source made from its settings, and where its secret is."""

    source: Source
    settings: SourceSettings
    credential: Credential | None
    note: str = ""
    """What is different because there is no secret; "" where nothing is."""

    def check(self, now: float) -> None:
        """Find what would stop it at its first step: no secret where one is needed, options that name nothing.

        Raises:
            UsageError: saying how to put it right.
        """
        auth = self.source.auth
        if auth is not None and auth.required and self.credential is None:
            raise ConfigError(missing_credential(self.settings, auth))
        if isinstance(self.source, UsesYtDlp):
            YTDLP.require()
        memory = Memory(started=datetime.fromtimestamp(now, UTC))
        next(iter(self.source.seed(memory)), None)

    def secret_header(self) -> tuple[str, Secret] | None:
        """Fetch the secret, and return it with the header that carries it, if one does.

        Raises:
            ConfigError: it cannot be fetched.
        """
        auth = self.source.auth
        if auth is None or self.credential is None or auth.query:
            return None
        value = self.credential.read().reveal()
        return auth.header, Secret(auth.prefix + (b64encode(value.encode()).decode() if auth.basic else value))

    def secret_query(self) -> tuple[str, Secret] | None:
        """Fetch the secret, and return it with the query parameter that carries it, if one does.

        Raises:
            ConfigError: it cannot be fetched.
        """
        auth = self.source.auth
        if auth is None or self.credential is None or not auth.query:
            return None
        return auth.query, self.credential.read()
