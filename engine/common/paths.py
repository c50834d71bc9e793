"""The folders and files of fetchdeck on this platform, and how paths are shown."""

import os
from pathlib import Path

import platformdirs

_NAME = "fetchdeck"


def config_file() -> Path:
    """Return the configuration file that is used if no other is named."""
    return config_folder() / "config.toml"


def config_folder() -> Path:
    """Return the folder of the user's configuration and themes."""
    return platformdirs.user_config_path(_NAME, appauthor=False)


def state_file() -> Path:
    """Return the file of what the screen remembers."""
    return platformdirs.user_state_path(_NAME, appauthor=False) / "state.toml"


def keyring_file() -> Path:
    """Return the file that lists the sources with a token in the keyring. It holds no token."""
    return platformdirs.user_state_path(_NAME, appauthor=False) / "keyring.toml"


def trusted_file() -> Path:
    """Return the file that lists the configurations that may act."""
    return platformdirs.user_state_path(_NAME, appauthor=False) / "trusted.toml"


def refresh_tokens() -> Path:
    """Return the folder of refresh tokens that their servers replaced."""
    return platformdirs.user_state_path(_NAME, appauthor=False) / "tokens"


def default_database() -> Path:
    """Return the database that is used if no other is named."""
    return platformdirs.user_data_path(_NAME, appauthor=False) / "harvest.db"


def log_file() -> Path:
    return platformdirs.user_log_path(_NAME, appauthor=False) / "fetchdeck.log"


def expand(path: str | Path, below: Path | None = None) -> Path:
    """Resolve `~` and put a relative path below a folder, or below the working directory if none is given."""
    home = Path(path).expanduser()
    return home if home.is_absolute() else (below or Path.cwd()) / home


def tilde(path: Path) -> str:
    """Return a path as text, with `~` for the home directory."""
    home = os.path.expanduser("~")  # noqa: PTH111 -- Path.home() raises where there is none
    text = str(path)
    return "~" + text[len(home) :] if home not in {"~", "/"} and text.startswith(home + os.sep) else text
