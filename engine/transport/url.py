"""URL rules: a request goes below its source's base address, or nowhere. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import SplitResult, quote, unquote_plus, urldefrag, urlencode, urljoin, urlsplit, urlunsplit

from engine.common.errors import RedirectRefused, UsageError
from engine.common.text import clean
from engine.model.source import Param

_PORTS: Final = {"http": 80, "https": 443}
_ILLEGAL: Final = re.compile(r"[\x00-\x20\x7f\\]")
"""Two parsers may read an address with these characters differently, which is how a host check is bypassed."""
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")

Origin = tuple[str, str, int]
"""Scheme, host and port (RFC 6454). Credentials never leave their origin."""
HOPS: Final = 5
_STATUSES: Final = frozenset({301, 302, 303, 307, 308})


def check_base(base_url: str) -> str:
    """Return `base_url` without a trailing slash.

    Raises:
        UsageError: it is no plain http(s) address, or has a query or a fragment.
    """
    base = base_url.rstrip("/")
    try:
        parts = _split(base)
    except RedirectRefused as error:
        raise UsageError(
            f"base_url {clean(base_url)!r} is no http(s) address such as https://api.example.com"
        ) from error
    if parts.query or parts.fragment:
        raise UsageError(f"base_url {clean(base)!r} holds a query or a fragment: leave it out")
    return base


def origin(url: str) -> Origin:
    """Return the origin of an absolute address.

    Raises:
        RedirectRefused: it is no plain http(s) address.
    """
    parts = _split(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme]


def server(base_url: str) -> str:
    """Return a normal form of a base address, equal for equal servers.

    Different paths of one origin count as different servers: behind a gateway they are.

    Raises:
        RedirectRefused: it is no plain http(s) address.
    """
    scheme, host, port = origin(base_url)
    return f"{scheme}://{host}:{port}{urlsplit(base_url).path.rstrip('/')}"


def same_origin(base_url: str, url: str) -> str:
    """Return the absolute address `url` if it has the origin of `base_url`.

    Raises:
        RedirectRefused: it leads elsewhere; the message names the host.
    """
    here, there = origin(base_url), origin(url)
    if here != there:
        raise RedirectRefused(f"{_name(there)} is not {_name(here)}: nothing is ever sent to another origin")
    return url


def resolve(base_url: str, url: str, params: Mapping[str, Param]) -> str:
    """Return the absolute address of a request: `url` below `base_url`, or of the same origin, with `params`.

    A parameter replaces one of the same name in `url`. Without parameters the query of `url` stays byte for byte.

    Raises:
        RedirectRefused: `url` leads to another origin or is no plain http(s) address.
    """
    if _SCHEME.match(url) or url.startswith("//"):
        absolute = url if _SCHEME.match(url) else f"{urlsplit(base_url).scheme}:{url}"
    else:
        absolute = base_url + (url if not url or url[0] in "/?" else f"/{url}")
    parts = urlsplit(same_origin(base_url, absolute))
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", _merge(parts.query, params), ""))


def without_param(url: str, name: str) -> str:
    """Return an absolute address without one query parameter; the others stay byte for byte."""
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if unquote_plus(pair.partition("=")[0]) != name]
    return urlunsplit(parts._replace(query="&".join(kept)))


def label(url: str) -> str:
    """Return an address for a message, without its query, which may hold private values."""
    return clean(url.partition("?")[0].partition("#")[0], 120)


# Redirects: GET and HEAD only, within the origin, at most HOPS of them, never the same address twice. Pure.
#
# HTTP clients forward headers such as PRIVATE-TOKEN across origins, so their redirects are off and this rule decides.


def next_hop(method: str, status: int, headers: Mapping[str, str], trail: Sequence[str]) -> str | None:
    """Return the address a response redirects to, or None when the response is final.

    Args:
        method: the request's method.
        status: the response's status.
        headers: the response's headers, names in lower case.
        trail: absolute addresses requested so far: the request's own first, the responding one last.

    Raises:
        RedirectRefused: the redirect breaks the rule above.
    """
    if status not in _STATUSES:
        return None
    here = label(trail[-1])
    if method.upper() not in {"GET", "HEAD"}:
        raise RedirectRefused(f"{status} for a {method} to {here}: only a GET is redirected")
    if not headers.get("location"):
        raise RedirectRefused(f"{status} from {here} names no Location")
    target = _target(trail, headers["location"])
    if target in trail:
        raise RedirectRefused(f"{here} redirects in a loop, back to {label(target)}")
    if len(trail) > HOPS:
        raise RedirectRefused(f"{label(trail[0])} redirects more than {HOPS} times")
    return target


def _split(url: str) -> SplitResult:
    if _ILLEGAL.search(url):
        raise RedirectRefused(f"{label(url)!r} holds characters no address may hold")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise RedirectRefused(f"{label(url)!r} is no valid address") from error
    if not usable:
        raise RedirectRefused(f"{label(url)!r} is no http(s) address")
    if parts.username is not None:
        raise RedirectRefused(f"an address on {clean(parts.hostname or '')} holds a user name: refused")
    return parts


def _name(there: Origin) -> str:
    scheme, host, port = there
    return clean(f"{scheme}://{host}" if port == _PORTS[scheme] else f"{scheme}://{host}:{port}")


def _merge(query: str, params: Mapping[str, Param]) -> str:
    if not params:
        return query
    kept = [pair for pair in query.split("&") if pair and unquote_plus(pair.partition("=")[0]) not in params]
    return "&".join(filter(None, [*kept, encode_params(params)]))


def encode_params(params: Mapping[str, Param]) -> str:
    """Return parameters or form fields as they are sent. A tuple becomes one pair for each of its values."""
    pairs = [
        (name, _word(each))
        for name, value in params.items()
        for each in (value if isinstance(value, tuple | list) else (value,))
    ]
    return urlencode(pairs, quote_via=quote)


def _word(value: str | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _target(trail: Sequence[str], location: str) -> str:
    try:
        joined = urldefrag(urljoin(trail[-1], location)).url
    except ValueError as error:
        raise RedirectRefused(f"{label(trail[-1])} redirects to {label(location)!r}, which is no address") from error
    try:
        return same_origin(trail[0], joined)
    except RedirectRefused as error:
        raise RedirectRefused(f"{label(trail[-1])} redirects away: {error}") from error
