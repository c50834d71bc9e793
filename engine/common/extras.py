"""Optional packages: the extras in pyproject.toml."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

from engine.common.errors import UsageError

FORMATS: Final = ("jsonl", "csv", "parquet")
"""Export formats. "parquet" needs pyarrow."""


@dataclass(frozen=True, slots=True)
class Extra:
    """An optional package."""

    package: str
    module: str
    extra: str
    """Its name in pyproject.toml: "videos" for `fetchdeck[videos]`."""

    @property
    def is_installed(self) -> bool:
        """Whether it can be imported. Importing it here would slow the start."""
        return find_spec(self.module) is not None

    def require(self) -> None:
        """Check that the package is installed.

        Raises:
            UsageError: it is not. The message has the command that installs it.
        """
        if not self.is_installed:
            raise UsageError(
                f"{self.package} is not installed: pip install 'fetchdeck[{self.extra}]' "
                f"(with pipx: pipx inject fetchdeck {self.package})"
            )


YTDLP: Final = Extra("yt-dlp", "yt_dlp", "videos")
PYARROW: Final = Extra("pyarrow", "pyarrow", "parquet")
KEYRING: Final = Extra("keyring", "keyring", "keyring")
PYJWT: Final = Extra("pyjwt", "jwt", "jwt")
TEXTUAL_SERVE: Final = Extra("textual-serve", "textual_serve", "web")
OPENAPI: Final = Extra("referencing", "referencing", "openapi")
PYYAML: Final = Extra("PyYAML", "yaml", "openapi")
