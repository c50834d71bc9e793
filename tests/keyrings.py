"""Keyrings for tests, in keyring's own class: in memory, in a file for a process of its own, and broken ones."""

import json
import threading
from pathlib import Path
from typing import ClassVar

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked


class MemoryKeyring(KeyringBackend):
    """Keeps secrets in memory."""

    priority = 0.1
    name = "Memory"

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring leaves it bare
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class FileKeyring(MemoryKeyring):
    """Keeps them in a file of the home directory, so that processes share them."""

    name = "File"

    def __init__(self) -> None:
        super().__init__()
        self._file = Path.home() / "keyring.json"
        if self._file.exists():
            self.kept = {tuple(key.split()): value for key, value in json.loads(self._file.read_text()).items()}

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password)
        self._file.write_text(json.dumps({" ".join(key): value for key, value in self.kept.items()}))

    def delete_password(self, service: str, username: str) -> None:
        super().delete_password(service, username)
        self._file.write_text(json.dumps({" ".join(key): value for key, value in self.kept.items()}))


class LockedKeyring(MemoryKeyring):
    """Says no, and the secret with it, as a careless backend might."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked(f"cannot keep {password}\nsecond line")

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("the collection is locked")


class ForgetfulKeyring(MemoryKeyring):
    """Takes everything and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class SilentKeyring(MemoryKeyring):
    """Waits for somebody to unlock it; nobody comes."""

    release: ClassVar[threading.Event] = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.release.wait()
        return None
