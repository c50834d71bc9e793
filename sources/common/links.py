"""Reads the Link header (RFC 8288) and decides whether its next page may be followed. Pure."""

import re
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import SplitResult, parse_qs, quote, urljoin, urlsplit

from msgspec import Meta

from engine.model.source import Request, Response

PAGE_CAP: Final = 5000
"""Longest walk, in pages: 500,000 rows at 100 a page, more than a year of the busiest repositories."""

BaseUrl = Annotated[
    str,
    Meta(
        pattern=r"^https?://[^\s/@?#]+(/[^\s?#]*[^\s?#/])?\Z",
        description="http(s)://, host and an optional path; no slash at the end, no query, and no user or password:"
        " name the place of a secret with token_env, token_file or token_command",
    ),
]
"""The option of every source: nothing is ever sent to another scheme, host or port."""

_PARAMETER: Final = r'\s*;\s*([\w!#$&+.^`|~*-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+)))?'
_LINK: Final = re.compile(rf"<([^<>]*)>((?:{_PARAMETER})*)")
_PARAMETERS: Final = re.compile(_PARAMETER)
_UNENCODED: Final = re.compile(r"[ \u00a0-\U0010ffff]+")
_PRINTABLE: Final = re.compile(r"[!-~]+")
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Next:
    """The next page of a walk. `url` is "" at the end; `problem` says why, where that is not the list's true end."""

    url: str = ""
    problem: str = ""


def next_link(header: str) -> str:
    """Return the target of the link with rel="next", exactly as sent; "" where there is none."""
    for link in _LINK.finditer(header):
        relations = [quoted or token for name, quoted, token in _PARAMETERS.findall(link[2]) if name.lower() == "rel"]
        if relations and "next" in relations[0].lower().split():
            return link[1]
    return ""


def joined(base: str, target: str) -> str:
    """Return a link of an answer as an absolute URL.

    Spaces and letters beyond ASCII are encoded, which some servers forget. Control characters are not: such a link has
    no origin that may be followed.

    Raises:
        ValueError: it is no address.
    """
    return _UNENCODED.sub(lambda found: quote(found[0]), urljoin(base, target))


def same_origin(url: str, base_url: str) -> bool:
    """Say whether an absolute URL has scheme, host and port of `base_url`. A URL with a user name never does."""
    try:
        return bool(_PRINTABLE.fullmatch(url)) and _origin(urlsplit(url)) == _origin(urlsplit(base_url))
    except ValueError:
        return False


def follow(request: Request, response: Response, base_url: str, page: int) -> Next:
    """Decide where a walk continues after page `page` (from 1): at the next link as given, or nowhere."""
    target = next_link(response.headers.get("link", ""))
    if not target:
        return Next()
    try:
        url = joined(response.url or base_url, target)
        grows = _grows(url, page)
    except ValueError:
        return Next(problem=f"the next link is no address: {target}")
    if not same_origin(url, base_url):
        return Next(problem=f"the next link leaves {base_url}: {target}")
    if url in {request.url, response.url} or not grows:
        return Next(problem=f"the next link makes no progress: {target}")
    if page >= PAGE_CAP:
        return Next(problem=f"still no end after {PAGE_CAP} pages")
    return Next(url)


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    if not parts.hostname or "@" in parts.netloc:
        raise ValueError(parts.netloc)
    return parts.scheme.lower(), parts.hostname, parts.port or _PORTS.get(parts.scheme.lower())


def _grows(url: str, page: int) -> bool:
    """Say whether the page number in `url` is above `page`.

    A link without one is a cursor; the page cap bounds those.
    """
    numbers = parse_qs(urlsplit(url).query, max_num_fields=100).get("page", [])
    return not numbers or (numbers[0].isascii() and numbers[0].isdigit() and int(numbers[0][:9]) > page)
