"""Quotas from rate-limit headers, in every form that the known APIs use. Pure; never raises.

The forms are GitHub's `x-ratelimit-*` [1], GitLab's `RateLimit-*` [2], AniList's `X-RateLimit-*` [3], and the three of
the IETF draft [4]: separate headers, one dictionary, and lists of structured fields [5]. Rules for malformed values:

- A number is plain decimal digits, at most 15 before the point. Anything else counts as absent.
- A header sent twice arrives joined by a comma. The first number counts; of `remaining`, the smallest.
- `remaining` is clamped to 0 and the limit. A limit of zero or less counts as absent.
- A reset above 1e12 is epoch milliseconds, above 1e8 epoch seconds, else seconds from now.
- A reset more than 31 days ahead counts as absent. One in the past means now.
- A quota whose unit (`qu`) is not requests is ignored.

[1] https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
[2] https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/
[3] https://docs.anilist.co/guide/rate-limiting
[4] https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
[5] https://www.rfc-editor.org/rfc/rfc9651
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from engine.pacing.response.http_time import Reset, by_size, http_date

FARTHEST: Final = 31 * 86_400.0
"""Seconds. A reset farther ahead is an error of the server."""
LONGEST: Final = 4096
"""Longest field that is parsed, in characters."""
_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?")
_PREFIXES: Final = ("x-ratelimit-", "ratelimit-", "x-rate-limit-")
_REQUESTS: Final = frozenset({"request", "requests"})
_VALUE: Final = r'"(?:[^"\\]|\\["\\])*"|[A-Za-z0-9*:/+.=_?%#!$&\'^`|~-]+'
_KEY: Final = r"[a-z*][a-z0-9_.*-]*"
_ITEM: Final = re.compile(_VALUE)
_PARAMETER: Final = re.compile(rf"\s*;\s*({_KEY})(?:=({_VALUE}))?")
_COMMA: Final = re.compile(r"\s*,\s*")
Member = tuple[str, dict[str, str]]
"""A list member of a structured field: its bare value without quotes, and its parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaReading:
    """One quota as one answer gives it. None means that the answer does not say."""

    name: str = ""
    """The server's name of the quota ("core", "throttle_authenticated_api"); "" if it has none."""
    limit: float | None = None
    remaining: float | None = None
    used: float | None = None
    reset: Reset | None = None
    """In the server's own terms."""
    resets_at: float | None = None
    """The same in monotonic seconds, once `HeaderReader` has converted it by what it knows of the server's clock."""
    window: float | None = None
    """Seconds for which `limit` holds."""


def read_quotas(headers: Mapping[str, str], *, server_now: float) -> tuple[QuotaReading, ...]:
    """Read the quotas of an answer, from the most precise family of headers that is there.

    Args:
        headers: by name in lower case.
        server_now: the server's time in seconds since the epoch.
    """
    policy = headers.get("ratelimit-policy", "")
    quotas = tuple(_structured(headers.get("ratelimit", ""), policy, server_now))
    if quotas:
        return quotas
    for prefix in _PREFIXES:
        quota = _three_headers(headers, prefix, policy, server_now)
        if quota is not None:
            return (quota,)
    return tuple(_policies(policy))


def _structured(field: str, policy_field: str, now: float) -> Iterator[QuotaReading]:
    """Read `RateLimit: "name";r=50;t=30` with `RateLimit-Policy: "name";q=100;w=60`, or the dictionary of draft 07."""
    plain = pairs(field)
    if plain:
        yield from _dictionary(plain, policy_field, now)
        return
    policies = dict(members(policy_field))
    for name, parameters in members(field):
        policy = policies.get(name, {})
        if policy.get("qu", "requests") in _REQUESTS and "r" in parameters:
            yield _quota(
                # A partition key (`pk`) has a quota of its own.
                f"{name}:{parameters['pk']}" if "pk" in parameters else name,
                limit=_number(policy.get("q")),
                remaining=_number(parameters["r"]),
                reset=_reset(_number(parameters.get("t")), now),
                window=_positive(policy.get("w")),
            )


def _dictionary(parameters: Mapping[str, str], policy_field: str, now: float) -> Iterator[QuotaReading]:
    """Read `RateLimit: limit=100, remaining=50, reset=50` with `RateLimit-Policy: 100;w=60`."""
    limit, remaining = _number(parameters.get("limit")), _number(parameters.get("remaining"))
    if limit is not None or remaining is not None:
        reset = _reset(_number(parameters.get("reset")), now)
        yield _quota("", limit=limit, remaining=remaining, reset=reset, window=_window(policy_field, limit))


def _three_headers(headers: Mapping[str, str], prefix: str, policy_field: str, now: float) -> QuotaReading | None:
    """Read `...-Limit`, `...-Remaining` and `...-Reset`, and what GitHub and GitLab add to them."""
    limit_field = headers.get(f"{prefix}limit", "")
    limit = _first(limit_field.partition(";")[0])
    remaining = _smallest(headers.get(f"{prefix}remaining", ""))
    used = _first(headers.get(f"{prefix}used") or headers.get(f"{prefix}observed") or "")
    reset = _reset(_first(headers.get(f"{prefix}reset", "")), now)
    reset = reset or _reset(http_date(headers.get(f"{prefix}resettime")), now)
    if limit is None and remaining is None and used is None and reset is None:
        return None
    name = headers.get(f"{prefix}resource") or headers.get(f"{prefix}name") or ""
    window = _window(limit_field, limit) or _window(policy_field, limit)
    return _quota(name, limit=limit, remaining=remaining, used=used, reset=reset, window=window)


def _policies(field: str) -> Iterator[QuotaReading]:
    """Read policies without a reading. They still name limit and window."""
    for name, parameters in members(field):
        limit = _positive(parameters.get("q"))
        if limit is not None and parameters.get("qu", "requests") in _REQUESTS:
            yield _quota(name, limit=limit, window=_positive(parameters.get("w")))


def _quota(
    name: str,
    *,
    limit: float | None = None,
    remaining: float | None = None,
    used: float | None = None,
    reset: Reset | None = None,
    window: float | None = None,
) -> QuotaReading:
    limit = limit if limit is not None and limit > 0 else None
    used = used if used is not None and used >= 0 else None
    if remaining is None and limit is not None and used is not None:
        remaining = limit - used
    if remaining is not None:
        remaining = max(0.0, remaining if limit is None else min(remaining, limit))
    return QuotaReading(name=name[:100], limit=limit, remaining=remaining, used=used, reset=reset, window=window)


def _window(field: str, limit: float | None) -> float | None:
    """Return the window of the policy with this limit: 60 for 100 in `10;w=1, 100;w=60`."""
    if limit is None or ";" not in field:
        return None
    windows = (_positive(parameters.get("w")) for value, parameters in members(field) if _number(value) == limit)
    return next((window for window in windows if window is not None), None)


def _reset(value: float | None, now: float) -> Reset | None:
    if value is None or value < 0:
        return None
    reset = by_size(value)
    return reset if reset.wait(now) <= FARTHEST else None


def _number(text: str | None) -> float | None:
    stripped = (text or "").strip()
    return float(stripped) if _NUMBER.fullmatch(stripped) else None


def _positive(text: str | None) -> float | None:
    value = _number(text)
    return value if value is not None and value > 0 else None


def _first(text: str) -> float | None:
    return _number(text.partition(",")[0])


def _smallest(text: str) -> float | None:
    values = [value for part in text.split(",") if (value := _number(part)) is not None]
    return min(values, default=None)


def members(field: str) -> list[Member]:
    """Parse a structured list: `"default";q=100;w=60, "burst";q=5;w=1`; [] if any part of it is malformed.

    RFC 9651 demands that such a field is ignored as a whole: https://www.rfc-editor.org/rfc/rfc9651#section-4.2.
    """
    text, found, at = field.strip(), list[Member](), 0
    while text and len(text) <= LONGEST:
        item = _ITEM.match(text, at)
        if item is None:
            return []
        parameters: dict[str, str] = {}
        at = item.end()
        while parameter := _PARAMETER.match(text, at):
            parameters[parameter[1]] = _bare(parameter[2] or "?1")
            at = parameter.end()
        found.append((_bare(item[0]), parameters))
        if at == len(text):
            return found
        comma = _COMMA.match(text, at)
        if comma is None:
            return []
        at = comma.end()
    return []


def pairs(field: str) -> dict[str, str]:
    """Parse a structured dictionary of plain values: `limit=100, remaining=50, reset=50`; {} if it is none."""
    parts = [part.partition("=") for part in field[:LONGEST].split(",")]
    if not all(sign and re.fullmatch(_KEY, key.strip()) for key, sign, _ in parts):
        return {}
    return {key.strip(): _bare(value.partition(";")[0].strip()) for key, _, value in parts}


def _bare(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') and len(value) > 1 else value
