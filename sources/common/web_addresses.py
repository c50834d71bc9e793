"""Addresses that a person copies from a browser, such as github.com/psf, as the options of a source."""

from collections.abc import Collection
from urllib.parse import unquote, urlsplit


def path_below(url: str, hosts: Collection[str]) -> list[str] | None:
    """Return the parts of an address's path, if it is on one of the hosts; otherwise None."""
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if host not in hosts or parts.scheme not in {"http", "https"}:
        return None
    return [unquote(step) for step in parts.path.split("/") if step]
