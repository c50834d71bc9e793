"""Which proxy the environment names for an address: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY."""

from collections.abc import Mapping
from urllib.parse import urlsplit


def proxy_for(base_url: str, environ: Mapping[str, str]) -> str | None:
    """Return a proxy's address, or None. This machine is never asked through a proxy.

    Lower-case names win, as in curl: https://everything.curl.dev/usingcurl/proxies/env.html.
    """
    address = urlsplit(base_url)
    host = address.hostname or ""
    if host in {"localhost", "::1"} or host.startswith("127.") or _excepted(host, _variable("no", environ)):
        return None
    return _variable(address.scheme, environ) or _variable("all", environ) or None


def _variable(name: str, environ: Mapping[str, str]) -> str:
    return environ.get(f"{name}_proxy") or environ.get(f"{name.upper()}_PROXY") or ""


def _excepted(host: str, names: str) -> bool:
    """Say whether NO_PROXY names a host or a domain above it; `*` names all."""
    for name in names.split(","):
        suffix = name.strip().lower().lstrip(".")
        if suffix and (suffix in {"*", host} or host.endswith(f".{suffix}")):
            return True
    return False
