"""Tokens in the system's keyring. Each call has a deadline, because a locked keyring waits for the user.

An index file lists the sources that have a token, so that showing this never asks the keyring, which might open a
window to be unlocked. The file holds names, never a secret.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final, Protocol, TypeVar, cast

from engine.common.atomic_file import read_owned, write_owned
from engine.common.errors import ConfigError, UsageError
from engine.common.extras import KEYRING
from engine.common.secret import Secret
from engine.common.text import clean

SERVICE: Final = "fetchdeck"
DEADLINE: Final = 30.0
"""Seconds the keyring may take to answer: the user may have to unlock it."""
_KEY: Final = "sources"
T = TypeVar("T")


class Backend(Protocol):
    """The part of the keyring API that is used: https://keyring.readthedocs.io/en/latest/#api-interface."""

    @property
    def name(self) -> str:
        """For example "SecretService Keyring"."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


def system_backend() -> Backend:
    """Return the keyring of this system.

    Raises:
        UsageError: the package keyring is not installed.
        ConfigError: there is no keyring.
    """
    KEYRING.require()
    import keyring
    from keyring.backends import fail, null

    found = keyring.get_keyring()
    if isinstance(found, fail.Keyring | null.Keyring):
        raise ConfigError("there is no keyring on this system")
    return cast("Backend", found)


class TokenKeyring:
    """The tokens that fetchdeck keeps in the keyring, by source."""

    def __init__(
        self, *, index: Path, backend: Callable[[], Backend] = system_backend, deadline: float = DEADLINE
    ) -> None:
        self._index = index
        self._backend = backend
        self._deadline = deadline

    def names(self) -> frozenset[str]:
        """Return the sources that have a token, from the index file: the keyring is not asked."""
        found = read_owned(self._index).get(_KEY, [])
        return frozenset(name for name in found if isinstance(name, str)) if isinstance(found, list) else frozenset()

    def find(self) -> str:
        """Return the name of this system's keyring.

        Raises:
            UsageError: there is none, or it cannot be used.
        """
        return clean(self._within(lambda: str(self._backend().name)), 60)

    def read(self, source: str) -> Secret:
        """Read a source's token.

        Raises:
            UsageError: the keyring has none, or cannot be used.
        """
        value = self._within(lambda: self._backend().get_password(SERVICE, source))
        if not value:
            raise ConfigError(f"the keyring has no token for {source} any more: run `fetchdeck token set {source}`")
        return Secret(value)

    def store(self, source: str, secret: Secret) -> None:
        """Store a source's token over an earlier one.

        Raises:
            UsageError: the keyring does not store it.
            OSError: the token is stored, but the index cannot be written.
        """
        self._within(lambda: self._keep(source, secret), hidden=secret.reveal())
        self._note(self.names() | {source})

    def remove(self, source: str) -> None:
        """Delete a source's token.

        Raises:
            UsageError: the keyring cannot be used.
            OSError: the token is deleted, but the index cannot be written.
        """
        self._within(lambda: self._forget(source))
        self._note(self.names() - {source})

    def _keep(self, source: str, secret: Secret) -> None:
        backend = self._backend()
        backend.set_password(SERVICE, source, secret.reveal())
        # Some backends drop a secret without an error, so it is read back.
        if backend.get_password(SERVICE, source) != secret.reveal():
            raise ConfigError("the keyring took the token and does not give it back")

    def _forget(self, source: str) -> None:
        backend = self._backend()
        if backend.get_password(SERVICE, source) is not None:
            backend.delete_password(SERVICE, source)

    def _note(self, names: frozenset[str]) -> None:
        write_owned(self._index, {_KEY: sorted(names)})

    def _within(self, ask: Callable[[], T], hidden: str = "") -> T:
        """Call the keyring in a daemon thread, because no such call can be interrupted.

        At the deadline it is abandoned.
        """
        answers: SimpleQueue[tuple[T | None, Exception | None]] = SimpleQueue()

        def go() -> None:
            try:
                answers.put((ask(), None))
            except Exception as error:  # noqa: BLE001 -- a backend may raise anything
                answers.put((None, error))

        threading.Thread(target=go, name="keyring", daemon=True).start()
        try:
            answer, error = answers.get(timeout=self._deadline)
        except Empty:
            raise ConfigError(f"the keyring gave no answer in {self._deadline:g} s: unlock it and try again") from None
        if error is not None:
            raise _translate(error, hidden) from None  # the backend's message may hold the token
        return cast("T", answer)


def _translate(error: Exception, hidden: str) -> UsageError:
    """Turn a backend's exception into a one-line error without the token. Our own errors pass unchanged."""
    if isinstance(error, UsageError):
        return error
    said = str(error).strip().partition("\n")[0]
    said = clean(said.replace(hidden, "***") if hidden else said, 160)
    return ConfigError(f"the keyring cannot be used: {said or type(error).__name__}")
