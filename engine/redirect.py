"""The rule for redirects: a GET, within the origin, at most five hops, never the same address twice. Pure.

HTTP clients forward headers such as PRIVATE-TOKEN across origins, so theirs are off and this rule decides.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urldefrag, urljoin

from engine.common.errors import RedirectRefused
from engine.transport.url import label, same_origin

HOPS: Final = 5
_STATUSES: Final = frozenset({301, 302, 303, 307, 308})


def next_hop(method: str, status: int, headers: Mapping[str, str], trail: Sequence[str]) -> str | None:
    """Return the address an answer redirects to, or None when the answer is the final one.

    Args:
        method: of the request.
        status: of the answer.
        headers: of the answer, names in lower case.
        trail: absolute addresses asked so far: the request's own first, the answering one last.

    Raises:
        RedirectRefused: following it would break the rule; the message says which part.
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


def _target(trail: Sequence[str], location: str) -> str:
    try:
        joined = urldefrag(urljoin(trail[-1], location)).url
    except ValueError as error:
        raise RedirectRefused(f"{label(trail[-1])} redirects to {label(location)!r}, which is no address") from error
    try:
        return same_origin(trail[0], joined)
    except RedirectRefused as error:
        raise RedirectRefused(f"{label(trail[-1])} redirects away: {error}") from error
