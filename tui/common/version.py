"""Which fetchdeck this is."""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as _version


def version() -> str:
    """Return the installed version, "unknown" where fetchdeck is not installed."""
    try:
        return _version("fetchdeck")
    except PackageNotFoundError:
        return "unknown"
