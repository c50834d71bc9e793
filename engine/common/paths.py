"""Where files live on this platform, and how paths are written to people."""

import os
from pathlib import Path

import platformdirs

_NAME = "fetchdeck"


def config_file() -> Path:
    """Say where the person's configuration is looked for when nothing else is named."""
    return config_folder() / "config.toml"


def config_folder() -> Path:
    """Say where the person's configuration and themes live."""
    return platformdirs.user_config_path(_NAME, appauthor=False)


def state_file() -> Path:
    """Say where fetchdeck keeps what it remembers of the screen."""
    return platformdirs.user_state_path(_NAME, appauthor=False) / "state.toml"


def keyring_file() -> Path:
    """Say where fetchdeck notes which sources have a token in the keyring; the tokens are not in it."""
    return platformdirs.user_state_path(_NAME, appauthor=False) / "keyring.toml"


def default_database() -> Path:
    """Say where rows go when nothing else is named."""
    return platformdirs.user_data_path(_NAME, appauthor=False) / "harvest.db"


def log_file() -> Path:
    """Say where the log goes."""
    return platformdirs.user_log_path(_NAME, appauthor=False) / "fetchdeck.log"


def expand(path: str | Path, below: Path | None = None) -> Path:
    """Resolve `~`, and put a relative path below a folder: the working directory when none is given."""
    home = Path(path).expanduser()
    return home if home.is_absolute() else (below or Path.cwd()) / home


def tilde(path: Path) -> str:
    """Write a path with `~` for the home directory."""
    home = os.path.expanduser("~")  # noqa: PTH111 -- Path.home() raises where there is none
    text = str(path)
    return "~" + text[len(home) :] if home not in {"~", "/"} and text.startswith(home + os.sep) else text
