"""The proxy that leads to an address, and who we say we are there."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from engine.common.hosts import is_loopback


def user_agent(version: str) -> str:
    """Return the User-Agent of every request: several APIs refuse a client that does not say who it is."""
    return f"fetchdeck/{version} (+https://github.com/fetchdeck/fetchdeck)"


def proxy_for(base_url: str, environ: Mapping[str, str]) -> str | None:
    """Return the address of the proxy that the environment names, or None. This machine is never reached by proxy.

    The variables are HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY. Lower-case names win, as in curl:
    https://everything.curl.dev/usingcurl/proxies/env.html.
    """
    address = urlsplit(base_url)
    host = address.hostname or ""
    if is_loopback(host) or _excepted(host, _variable("no", environ)):
        return None
    return _variable(address.scheme, environ) or _variable("all", environ) or None


def _variable(name: str, environ: Mapping[str, str]) -> str:
    return environ.get(f"{name}_proxy") or environ.get(f"{name.upper()}_PROXY") or ""


def _excepted(host: str, names: str) -> bool:
    """Return whether NO_PROXY contains a host or one of its parent domains; `*` means all hosts."""
    for name in names.split(","):
        suffix = name.strip().lower().lstrip(".")
        if suffix and (suffix in {"*", host} or host.endswith(f".{suffix}")):
            return True
    return False
