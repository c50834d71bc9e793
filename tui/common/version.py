"""The version of fetchdeck."""

import importlib.metadata


def version() -> str:
    """Return the installed version; "unknown" if fetchdeck is not installed."""
    try:
        return importlib.metadata.version("fetchdeck")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
