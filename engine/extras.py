"""What fetchdeck can use when it is installed beside it: named in pyproject.toml as extras."""

from importlib.util import find_spec
from typing import Final

from engine.errors import UsageError

FORMATS: Final = ("jsonl", "csv", "parquet")
"""What tables can be exported to; the last one needs pyarrow."""


def require(module: str, *, extra: str, package: str) -> None:
    """Check that a module is installed, without importing it.

    Raises:
        UsageError: it is not; the message has the command that installs it.
    """
    if find_spec(module) is None:
        raise UsageError(
            f"{package} is not installed: pip install 'fetchdeck[{extra}]' (with pipx: pipx inject fetchdeck {package})"
        )


def require_ytdlp() -> None:
    """Check that yt-dlp is installed.

    Raises:
        UsageError: it is not.
    """
    require("yt_dlp", extra="videos", package="yt-dlp")


def require_pyarrow() -> None:
    """Check that pyarrow is installed.

    Raises:
        UsageError: it is not.
    """
    require("pyarrow", extra="parquet", package="pyarrow")


def require_keyring() -> None:
    """Check that keyring is installed.

    Raises:
        UsageError: it is not.
    """
    require("keyring", extra="keyring", package="keyring")


def require_textual_serve() -> None:
    """Check that textual-serve is installed.

    Raises:
        UsageError: it is not.
    """
    require("textual_serve", extra="web", package="textual-serve")
