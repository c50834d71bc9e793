"""A refresh token that its server replaced: kept in a file of ours with mode 0600, never in the configuration.

The file belongs to the token that the configuration leads to. When the person puts a new one in its place, the file of
the old one is of no use any more, and is not looked at.

A server that sees a replaced token again takes it for stolen, and voids all of them. So one process at a time
refreshes a token: it holds a lock (flock(2), which the kernel drops with the process) until the next one is kept.
"""

import asyncio
import fcntl
import hashlib
import os
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import tomli_w

from engine.common.atomic_file import open_atomic, read_owned
from engine.common.daemon_executor import DaemonExecutor
from engine.common.errors import SourceError
from engine.common.paths import tilde
from engine.common.private_files import make_folder
from engine.common.secret import Secret

_KEY: Final = "refresh_token"
_THREADS: Final = DaemonExecutor("refresh token")


class RefreshTokenFile:
    """Keeps the newest refresh token in a folder. Sources with one server, client and first token share it."""

    def __init__(self, folder: Path, *, about: str) -> None:
        self._folder = folder
        self._about = about
        """The server and the client: a token is never sent to another one."""

    @asynccontextmanager
    async def locked(self, first: Secret) -> AsyncIterator[None]:
        """Hold the lock; wait while another process or source holds it. Where no file can be made there is no lock."""
        waiting = _THREADS.submit(_lock, self._file(first).with_suffix(".lock"))
        try:
            handle = await asyncio.wrap_future(waiting)
        except asyncio.CancelledError:
            waiting.add_done_callback(_unlock)  # the thread cannot be interrupted, and gets the lock in the end
            raise
        try:
            yield
        finally:
            if handle is not None:
                os.close(handle)

    def read(self, first: Secret) -> Secret | None:
        """Return the newest token that began with the configuration's `first`; None if it was never replaced."""
        found = read_owned(self._file(first)).get(_KEY)
        return Secret(found) if isinstance(found, str) and found else None

    def keep(self, first: Secret, token: Secret) -> None:
        """Keep a token, unless it is the one that is kept already.

        Raises:
            SourceError: it cannot be written. The server has voided the old one, so the run must not go on unnoticed.
        """
        known = self.read(first) or first
        if known.reveal() == token.reveal():
            return
        file = self._file(first)
        try:
            make_folder(file.parent)
            with open_atomic(file, mode=0o600) as stream:
                stream.write(tomli_w.dumps({_KEY: token.reveal()}).encode())
        except OSError as error:
            raise SourceError(
                f"{tilde(file)}: the new refresh token cannot be written ({error.strerror}); the server may no longer"
                " take the old one, so log in again when this is mended"
            ) from error

    def _file(self, first: Secret) -> Path:
        # The digest is in the name of a file that holds the like of it: nothing is given away.
        mark = hashlib.sha256(f"{self._about}\n{first.reveal()}".encode()).hexdigest()[:16]
        return self._folder / f"{mark}.toml"


def _lock(file: Path) -> int | None:
    try:
        make_folder(file.parent)
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError:
        os.close(handle)
        return None
    return handle


def _unlock(locked: Future[int | None]) -> None:
    handle = None if locked.cancelled() else locked.result()
    if handle is not None:
        os.close(handle)
