"""Address, credentials and limits of an API, as its document tells them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from engine.common.errors import UsageError
from engine.common.text import clean
from sources.rest.proposal.openapi.document import Document, list_of
from sources.rest.proposal.proposal import Line

_USERINFO: Final = re.compile(r"//[^/?#]*@")
_VARIABLE: Final = re.compile(r"\{([^{}]+)\}")
_HEADER: Final = re.compile(r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")
_SPANS: Final = {"second": "requests_per_second", "minute": "requests_per_minute", "hour": "requests_per_hour"}
_RATE: Final = re.compile(
    r"(?i)\b(\d[\d,]{0,8})\s*(?:api\s+)?(?:requests?|calls|queries|req)\s*(?:per|/|a|an|each|every)\s*"
    r"(?:1\s*)?(sec(?:ond)?|min(?:ute)?|h(?:ou)?r)"
)
_TABLE: Final = re.compile(r"(?i)per\s+(second|minute|hour)\s*\|\s*(\d[\d,]{0,8})\s*(?:requests?|calls)?")


def base_url_of(document: Document, where: str, given: str = "") -> str:
    """Return the address of the API.

    Args:
        document: the document.
        where: its own address, which a relative server counts from; "" for a file.
        given: an address that the person gave; it wins.

    Raises:
        UsageError: the document tells none that can be asked.
    """
    url = given or (_swagger_server(document) if document.is_swagger else _server(document))
    try:
        url = urljoin(where, url) if where.startswith("http") else url
        parts = urlsplit(url)
    except ValueError:  # such as a bracket that is not closed
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname or "{" in url or "@" in parts.netloc:
        said = f'tells "{clean(_USERINFO.sub("//", url), 80)}"' if url else "tells none"
        raise UsageError(f"the address of the API is not known, the document {said}: add --base-url https://HOST")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def address_line(document: Document, base_url: str) -> Line:
    """Describe the address of the API. The first of several servers is a guess, and so is an unknown scheme."""
    servers = document.content.get("servers")
    number = len(servers) if isinstance(servers, list) else 0
    comment = ""
    if (
        document.is_swagger
        and not document.content.get("schemes")
        and base_url == _swagger_server(document).rstrip("/")
    ):
        comment = "the document does not say whether it is https"
    elif number > 1 and base_url == _server(document).rstrip("/"):
        comment = f"the first of {number} servers of the document"
    return Line(key=("base_url",), value=base_url, comment=comment, guess=bool(comment))


def _server(document: Document) -> str:
    servers = document.content.get("servers")
    first = document.resolve(servers[0]) if isinstance(servers, list) and servers else {}
    variables = first.get("variables") or {}

    def default(match: re.Match[str]) -> str:
        found = variables.get(match[1]) if isinstance(variables, dict) else None
        return str(found.get("default", match[0])) if isinstance(found, dict) else match[0]

    return _VARIABLE.sub(default, str(first.get("url", "")))


def _swagger_server(document: Document) -> str:
    host, path = document.content.get("host"), str(document.content.get("basePath") or "")
    schemes = document.content.get("schemes")
    scheme = "https" if not isinstance(schemes, list) or not schemes or "https" in schemes else str(schemes[0])
    return f"{scheme}://{host}{path if path.startswith('/') else ''}" if isinstance(host, str) and host else path


def access_lines(document: Document, env: str) -> Iterator[Line]:
    """Propose how the secret is sent, by the scheme that the document wants, or else the simplest that it knows."""
    schemes = _schemes(document)
    wanted = _wanted(document)
    known = [(name, table) for name, one in schemes.items() if (table := _table(one)) is not None]
    if not known:
        return
    known.sort(key=lambda each: (each[0] not in wanted, _ORDER.index(each[1]["type"])))
    name, table = known[0]
    others = [other for other, _ in known[1:]]
    comment = f"the document's {clean(name, 40)}" + (
        f"; it knows {clean(', '.join(others), 120)} too" if others else ""
    )
    required = bool(wanted) and not _is_optional(document)
    made = {**table, "env": env} | ({} if required else {"required": False})
    yield Line(key=("auth",), value=made, comment=comment, guess=len(known) > 1 or not wanted)


_ORDER: Final = ("bearer", "header", "basic", "query", "cookie")


def _schemes(document: Document) -> Mapping[str, Mapping[str, Any]]:
    if document.is_swagger:
        found = document.content.get("securityDefinitions")
    else:
        found = document.resolve(document.content.get("components")).get("securitySchemes")
    return {str(name): document.resolve(one) for name, one in found.items()} if isinstance(found, dict) else {}


def _table(scheme: Mapping[str, Any]) -> dict[str, Any] | None:
    kind, name, place = scheme.get("type"), str(scheme.get("name") or ""), scheme.get("in")
    match kind:
        case "basic":
            return {"type": "basic"}
        case "http":
            said = str(scheme.get("scheme", "")).lower()
            return {"type": said} if said in {"bearer", "basic"} else None
        case "oauth2" | "openIdConnect":
            return {"type": "bearer"}
        case "apiKey" if _HEADER.match(name) and place in {"header", "query", "cookie"}:
            if place == "header" and name.lower() == "authorization":
                return {"type": "bearer"}
            return {"type": place, "name": name}
    return None


def _wanted(document: Document) -> set[str]:
    """Return the schemes that the whole document, or its first operations, want."""
    found = document.content.get("security")
    if not isinstance(found, list):
        items = list(document.content.get("paths", {}).values())[:50]
        found = [
            one
            for item in items
            for one in list_of(document.resolve(document.resolve(item).get("get")).get("security"))
        ]
    return {str(name) for one in found if isinstance(one, dict) for name in one}


def _is_optional(document: Document) -> bool:
    found = document.content.get("security")
    return isinstance(found, list) and {} in found


def limit_lines(document: Document) -> Iterator[Line]:
    """Propose rates that the description of the API names."""
    info = document.resolve(document.content.get("info"))
    text = str(info.get("description") or "")[:100_000]
    rates: dict[str, tuple[int, str]] = {}
    for number, span, said in _rates(text):
        if number > 0 and span not in rates:
            rates[span] = (number, said)
    for span, key in _SPANS.items():
        if span in rates:
            number, said = rates[span]
            yield Line(key=(key,), value=number, comment=f'the description says "{clean(said, 60)}"', guess=True)


def _rates(text: str) -> Sequence[tuple[int, str, str]]:
    found = [(match[1], match[2], match[0]) for match in _RATE.finditer(text)]
    found += [(match[2], match[1], match[0]) for match in _TABLE.finditer(text)]
    spans = {"s": "second", "m": "minute", "h": "hour"}
    return [(int(number.replace(",", "")), spans[span[0].lower()], said) for number, span, said in found]
