"""Tokens in the system's keyring: each call has a deadline, for a locked keyring waits for a person.

Which sources have a token there is also noted in a file of ours, so that saying it never asks the keyring, which might
open a window to be unlocked. The file holds names, never a secret.
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
"""Seconds the keyring has to answer: a person may have to unlock it."""
_KEY: Final = "sources"
T = TypeVar("T")


class Backend(Protocol):
    """What is used of a keyring: https://keyring.readthedocs.io/en/latest/#api-interface."""

    @property
    def name(self) -> str:
        """Which one it is: "SecretService Keyring"."""

    def get_password(self, service: str, username: str) -> str | None:
        """Fetch a secret; None where there is none."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret."""

    def delete_password(self, service: str, username: str) -> None:
        """Forget a secret."""


def system_backend() -> Backend:
    """Find the keyring of this system.

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


class Vault:
    """The tokens fetchdeck keeps in the keyring, by source."""

    def __init__(
        self, *, index: Path, backend: Callable[[], Backend] = system_backend, deadline: float = DEADLINE
    ) -> None:
        self._index = index
        self._backend = backend
        self._deadline = deadline

    def names(self) -> frozenset[str]:
        """Say which sources have a token in the keyring, without asking it."""
        found = read_owned(self._index).get(_KEY, [])
        return frozenset(name for name in found if isinstance(name, str)) if isinstance(found, list) else frozenset()

    def find(self) -> str:
        """Name the keyring of this system.

        Raises:
            UsageError: there is none, or it cannot be used.
        """
        return clean(self._within(lambda: str(self._backend().name)), 60)

    def read(self, source: str) -> Secret:
        """Fetch a source's token.

        Raises:
            UsageError: the keyring does not give it.
        """
        value = self._within(lambda: self._backend().get_password(SERVICE, source))
        if not value:
            raise ConfigError(f"the keyring has no token for {source} any more: run `fetchdeck token set {source}`")
        return Secret(value)

    def store(self, source: str, secret: Secret) -> None:
        """Keep a source's token, in the place of an earlier one.

        Raises:
            UsageError: the keyring does not take it.
            OSError: it is kept, but that cannot be noted.
        """
        self._within(lambda: self._keep(source, secret), hidden=secret.reveal())
        self._note(self.names() | {source})

    def remove(self, source: str) -> None:
        """Forget a source's token.

        Raises:
            UsageError: the keyring cannot be used.
            OSError: it is forgotten, but that cannot be noted.
        """
        self._within(lambda: self._forget(source))
        self._note(self.names() - {source})

    def _keep(self, source: str, secret: Secret) -> None:
        backend = self._backend()
        backend.set_password(SERVICE, source, secret.reveal())
        if backend.get_password(SERVICE, source) != secret.reveal():
            raise ConfigError("the keyring took the token and does not give it back")

    def _forget(self, source: str) -> None:
        backend = self._backend()
        if backend.get_password(SERVICE, source) is not None:
            backend.delete_password(SERVICE, source)

    def _note(self, names: frozenset[str]) -> None:
        write_owned(self._index, {_KEY: sorted(names)})

    def _within(self, ask: Callable[[], T], hidden: str = "") -> T:
        """Ask in a thread that is left behind when it does not come back: no keyring can be interrupted."""
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
            raise _translated(error, hidden) from None  # its own words may hold the token
        return cast("T", answer)


def _translated(error: Exception, hidden: str) -> UsageError:
    """Say what a backend raised, in one line without the token. Ours are said already."""
    if isinstance(error, UsageError):
        return error
    said = str(error).strip().partition("\n")[0]
    said = clean(said.replace(hidden, "***") if hidden else said, 160)
    return ConfigError(f"the keyring cannot be used: {said or type(error).__name__}")
