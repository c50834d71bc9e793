"""The tables of the configuration file: their keys, and what each may hold."""

import re
from collections.abc import Mapping
from math import inf
from typing import Annotated, Final

import msgspec

from engine.common.errors import ConfigError
from engine.common.text import clean
from engine.pacing.concurrency.policies import parse_policy, parse_restraint

_UNITS: Final = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}
_SHAPE: Final = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?", re.ASCII)
_LONGEST: Final = 365 * 86_400.0
MOST_RETRIES: Final = 100
UNLIMITED: Final = "unlimited"
MOST_SPACING: Final = 3600
Count = Annotated[int, msgspec.Meta(ge=1)]
_RATE: Final = re.compile(r"[1-9][0-9]{0,8}/[0-9dhms.]+")
Allowance = tuple[int, float]
"""Requests, and the seconds in which they are allowed."""
VariableName = Annotated[str, msgspec.Meta(pattern=r"^[^\s=]+\Z", description="the name of an environment variable")]
FileName = Annotated[str, msgspec.Meta(min_length=1, description="the path of a file")]
Words = Annotated[list[str], msgspec.Meta(min_length=1)]


# Durations as people write them: `20s`, `5m`, `2h`, `1h30m`.


def parse_duration(text: str) -> float:
    """Read a duration in seconds. Larger units come first; only seconds may have a fraction.

    Raises:
        ValueError: it is no duration, is zero, or is longer than a year; the message says what would be right.
    """
    found = _SHAPE.fullmatch(text.strip().lower())
    if found is None or not any(found.groups()):
        raise ValueError(f'got "{text}", want a duration such as 20s, 5m, 2h or 1h30m')
    seconds = sum(float(count or 0) * unit for count, unit in zip(found.groups(), _UNITS.values(), strict=True))
    if not 0 < seconds <= _LONGEST:
        raise ValueError(f'got "{text}", want more than 0 seconds and at most 365 days')
    return seconds


def parse_patience(text: str) -> float:
    """Read how long a run waits for a cause outside of fetchdeck, in seconds; `inf` for "unlimited".

    Raises:
        ValueError: it is neither; the message says what would be right.
    """
    if text.strip().lower() == UNLIMITED:
        return inf
    try:
        return parse_duration(text)
    except ValueError as error:
        raise ValueError(f'{error}, or "{UNLIMITED}"') from error


def format_duration(seconds: float) -> str:
    """Write a duration with its two largest units: `1h 30m`, `20s`, `0.4s`."""
    if seconds < 10:
        return f"{max(seconds, 0.0):.1f}s".replace(".0s", "s")
    left = round(seconds)
    parts = []
    for name, unit in _UNITS.items():
        count, left = divmod(left, int(unit))
        if count:
            parts.append(f"{count}{name}")
    return " ".join(parts[:2])


class HttpSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The table `[http]`: how requests are sent."""

    total_timeout: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 60.0
    """Seconds until a response must be complete."""
    body_limit: Annotated[int, msgspec.Meta(ge=1, le=4096)] = 64
    """Mebibytes that a decoded response may have."""
    bytes_in_flight: Annotated[int, msgspec.Meta(ge=1, le=65536)] = 64
    """Mebibytes that all responses together may have, while they are read and until they are written. One response
    always fits."""


class ScreenSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The table `[screen]`: how the screen uses its terminal."""

    hz: Annotated[float, msgspec.Meta(ge=0.2, le=30)] = 4.0
    """Frames per second, at most."""
    slow: bool = False
    """Keep the output below 10 kB a second."""
    ascii: bool | None = None
    """Use ASCII only; None detects what the terminal can show."""
    title: bool = True
    bell: bool = True
    notify: bool = True
    mouse: bool = False
    """Whether the screen captures the mouse from the start."""


class Common(msgspec.Struct, frozen=True, kw_only=True):
    """The keys that every `[sources.*]` table may have besides the source's own."""

    kind: str | None = None
    """The source that this table is another instance of ("rest"); None where the table's name is the source."""
    token_env: VariableName | None = None
    token_file: FileName | None = None
    token_command: Words | None = None
    allow_http: bool = False
    """Whether the secret may be sent without encryption, over http:// to another machine."""
    workers: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None
    """Requests in flight; None leaves it to the controller."""
    cap: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None
    """Upper bound of requests in flight."""
    policy: str = "adaptive"
    """The concurrency policy."""
    rules: tuple[str, ...] = ()
    """Shares left to others: "keep 500 for humans", "08-18 at most 30 %"."""
    retries: Annotated[int, msgspec.Meta(ge=0, le=MOST_RETRIES)] | None = None
    """Retries of a request that failed temporarily; None uses the source's default."""
    resume_within: str | None = None
    """For how long a list whose page failed is resumed at that page ("6h"); None for a day."""
    spacing: Annotated[float, msgspec.Meta(ge=0, le=MOST_SPACING)] = 0.0
    """Seconds between two requests of one lane."""
    weight: Annotated[float, msgspec.Meta(ge=0.01, le=100)] = 1.0
    """Share of a host's capacity, relative to other sources of the same host."""
    limit: Count | None = None
    """Requests after which the source stops."""
    rate: str | dict[str, str] | None = None
    """The user's own rate limit, which replaces the documented ones of the source.

    Limits from response headers still apply. A text is for all lanes together; a table has one rate per lane.
    """

    def __post_init__(self) -> None:
        """Refuse a rate, a policy or a rule that cannot be parsed.

        Raises:
            ValueError: its message says what would be right.
        """
        self.allowances()
        self.resumes_within()
        try:
            parse_policy(self.policy, cap=1000)
        except ConfigError as error:
            raise ValueError(f"policy: {error}") from error
        for number, rule in enumerate(self.rules):
            try:
                parse_restraint([rule])
            except ConfigError as error:
                raise ValueError(f"rules[{number}]: {error}") from error

    def resumes_within(self) -> float | None:
        """Return `resume_within` in seconds."""
        try:
            return None if self.resume_within is None else parse_duration(self.resume_within)
        except ValueError as error:
            raise ValueError(f"resume_within: {error}") from error

    def allowances(self) -> Mapping[str, Allowance]:
        """Return `rate` by lane; the key "" stands for all lanes together."""
        rates = {"": self.rate} if isinstance(self.rate, str) else self.rate or {}
        return {lane: _allowance(rate, f"rate.{lane}" if lane else "rate") for lane, rate in rates.items()}


def _allowance(rate: str, key: str) -> Allowance:
    """Parse a rate.

    Its type has no pattern, because msgspec 0.22 crashes on a union of such a text and a table of them.
    """
    try:
        requests, _, time = rate.partition("/") if _RATE.fullmatch(rate) else ("", "", "")
        return int(requests), parse_duration(time)
    except ValueError as error:
        said = clean(rate, 40)
        raise ValueError(f'{key}: got "{said}", want requests in a time, such as 50/5s or 5000/1h') from error
