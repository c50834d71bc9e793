"""What fetchdeck can use when it is installed beside it: named in pyproject.toml as extras."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

from engine.common.errors import UsageError

FORMATS: Final = ("jsonl", "csv", "parquet")
"""What tables can be exported to; the last one needs pyarrow."""


@dataclass(frozen=True, slots=True)
class Extra:
    """A package that not everybody needs."""

    package: str
    module: str
    extra: str
    """What pyproject.toml calls it: "videos" for `fetchdeck[videos]`."""

    @property
    def is_installed(self) -> bool:
        """Say whether it can be imported, without importing it."""
        return find_spec(self.module) is not None

    def require(self) -> None:
        """Check that it is installed.

        Raises:
            UsageError: it is not; the message has the command that installs it.
        """
        if not self.is_installed:
            raise UsageError(
                f"{self.package} is not installed: pip install 'fetchdeck[{self.extra}]' "
                f"(with pipx: pipx inject fetchdeck {self.package})"
            )


YTDLP: Final = Extra("yt-dlp", "yt_dlp", "videos")
PYARROW: Final = Extra("pyarrow", "pyarrow", "parquet")
KEYRING: Final = Extra("keyring", "keyring", "keyring")
TEXTUAL_SERVE: Final = Extra("textual-serve", "textual_serve", "web")
