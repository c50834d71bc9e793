"""The configuration: one TOML file of the person's, checked whole before anything starts."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import msgspec

from engine.durations import parse_duration
from engine.errors import ConfigError
from engine.locations import expand, tilde
from engine.overrides import merge
from engine.policies import parse_policy, parse_restraint
from engine.shapes import Key, convert
from engine.text import clean

T = TypeVar("T")
MOST_RETRIES: Final = 100
MOST_SPACING: Final = 3600
Count = Annotated[int, msgspec.Meta(ge=1)]
_RATE: Final = re.compile(r"[1-9][0-9]{0,8}/[0-9dhms.]+")
Allowance = tuple[int, float]
"""Requests, and the seconds in which they are allowed."""
Words = Annotated[list[str], msgspec.Meta(min_length=1)]


class HttpSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How requests are sent: the table `[http]`."""

    total_timeout: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 60.0
    """Seconds until an answer must be whole."""
    body_limit: Annotated[int, msgspec.Meta(ge=1, le=4096)] = 64
    """Mebibytes an answer may have, decoded."""


class ScreenSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the screen treats its terminal: the table `[screen]`."""

    hz: Annotated[float, msgspec.Meta(ge=0.2, le=30)] = 4.0
    """Frames a second, at most."""
    slow: bool = False
    """Keep below 10 kB a second."""
    ascii: bool | None = None
    """Plain letters only; None finds out what the terminal shows."""
    title: bool = True
    bell: bool = True
    notify: bool = True
    mouse: bool = False
    """Whether the screen takes the mouse from the start."""


class Common(msgspec.Struct, frozen=True, kw_only=True):
    """The keys every `[sources.*]` table may have, beside the source's own."""

    kind: str | None = None
    """Which source this table is a further one of ("rest"); None where its name says it."""
    token_env: str | None = None
    token_file: str | None = None
    token_command: Words | None = None
    workers: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None
    """Requests in flight; None leaves it to the controller."""
    cap: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None
    """Never more requests in flight than this."""
    policy: str = "adaptive"
    """Who sets the concurrency."""
    rules: tuple[str, ...] = ()
    """What is left to others: "keep 500 for humans", "08-18 at most 30 %"."""
    retries: Annotated[int, msgspec.Meta(ge=0, le=MOST_RETRIES)] | None = None
    """How often a request that failed in passing is sent again; None leaves it to the source."""
    spacing: Annotated[float, msgspec.Meta(ge=0, le=MOST_SPACING)] = 0.0
    """Seconds between two requests in each lane."""
    weight: Annotated[float, msgspec.Meta(ge=0.01, le=100)] = 1.0
    """Its share of what a host takes, next to other sources that ask the same host."""
    limit: Count | None = None
    """Requests after which the source stops."""
    rate: str | dict[str, str] | None = None
    """The person's own limit, in place of those the source knows; what answers say in headers still counts. A text is
    for all lanes together, a table has one for each lane it names."""

    def __post_init__(self) -> None:
        """Refuse a rate whose time is none, a policy or a rule that means nothing.

        Raises:
            ValueError: saying what would be right.
        """
        self.allowances()
        try:
            parse_policy(self.policy, cap=1000)
            parse_restraint(self.rules)
        except ConfigError as error:
            raise ValueError(str(error)) from error

    def allowances(self) -> Mapping[str, Allowance]:
        """Return `rate` by lane; under "" what is for all of them together."""
        rates = {"": self.rate} if isinstance(self.rate, str) else self.rate or {}
        return {lane: _allowance(rate) for lane, rate in rates.items()}


def _allowance(rate: str) -> Allowance:
    """Read a rate. Its type has no pattern: msgspec 0.22 crashes on a union of such a text and a table of them."""
    try:
        requests, _, time = rate.partition("/") if _RATE.fullmatch(rate) else ("", "", "")
        return int(requests), parse_duration(time)
    except ValueError as error:
        said = clean(rate, 40)
        raise ValueError(f'rate "{said}": want requests in a time, such as 50/5s or 5000/1h') from error


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    database: str | None = None
    theme: str | None = None
    http: HttpSettings = HttpSettings()
    screen: ScreenSettings = ScreenSettings()
    keys: dict[str, str] = {}
    sources: dict[str, dict[str, Any]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where values came from, so that a message can say it."""

    file: Path
    overridden: frozenset[Key] = frozenset()
    flagged: frozenset[Key] = frozenset()

    def name(self, key: Key) -> str:
        """Name a key: by its file, by `--set` where the command line gave it, or by its own option."""
        plain = tuple(part.partition("[")[0] for part in key)
        if plain[:3] in self.flagged:
            return f"--{plain[2].replace('_', '-')} (of {plain[1]})"
        if any(plain[:length] in self.overridden for length in range(1, len(plain) + 1)):
            return f"--set {'.'.join(key[1:] if key[0] == 'sources' else key)}"
        return ": ".join(part for part in (tilde(self.file), clean(".".join(key))) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """One `[sources.*]` table: the common keys, checked, and the source's own, not yet checked."""

    name: str
    origin: Origin
    common: Common = field(default_factory=Common)
    own: Mapping[str, Any] = field(default_factory=dict)

    def options(self, shape: type[T]) -> T:
        """Check the source's own keys against its `Options`.

        Raises:
            ConfigError: a key is unknown or missing, or a value is not what it must be.
        """
        return convert(self.own, shape, name=self.key)

    def key(self, key: Key) -> str:
        """Name one of its keys in a message."""
        return self.origin.name(("sources", self.name, *key))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration."""

    origin: Origin
    exists: bool
    database: Path | None
    theme: str | None
    http: HttpSettings
    sources: Mapping[str, SourceSettings]
    screen: ScreenSettings = field(default_factory=ScreenSettings)
    keys: Mapping[str, str] = field(default_factory=dict)
    """The person's own keys: action to keys, "pause" to "space,x"; not yet checked against the screens."""

    def source(self, name: str) -> SourceSettings:
        """Return a source's table, an empty one where there is none."""
        return self.sources.get(name) or SourceSettings(name=name, origin=self.origin)


def load_settings(
    file: Path,
    *,
    required: bool = False,
    overrides: Iterable[tuple[Key, Any]] = (),
    flags: Iterable[tuple[Key, Any]] = (),
) -> Settings:
    """Read and check a configuration file; a missing one counts as empty unless it is required.

    Args:
        file: to read.
        required: whether it must be there.
        overrides: values of `--set`, put on top of the file's.
        flags: values of the sources' own options, on top of those.

    Raises:
        ConfigError: the file cannot be read, is no TOML, or holds something wrong.
        UsageError: an override does not fit.
    """
    document, exists = _read(file, required=required)
    overridden, flagged = merge(document, overrides), tuple(flags)
    merge(document, flagged)
    origin = Origin(file=file, overridden=overridden, flagged=frozenset(key for key, _ in flagged))
    checked = convert(document, _Document, name=origin.name)
    return Settings(
        origin=origin,
        exists=exists,
        database=expand(checked.database, file.parent) if checked.database else None,
        theme=checked.theme,
        http=checked.http,
        screen=checked.screen,
        keys=checked.keys,
        sources={name: _source(name, table, origin) for name, table in checked.sources.items()},
    )


def _source(name: str, table: Mapping[str, Any], origin: Origin) -> SourceSettings:
    known = Common.__struct_fields__
    common = {key: value for key, value in table.items() if key in known}
    own = {key: value for key, value in table.items() if key not in known}
    if "token" in own:
        raise ConfigError(
            f"{origin.name(('sources', name, 'token'))}: a token never stands in a configuration;"
            " name its place with token_env, token_file or token_command",
        )
    checked = convert(common, Common, name=lambda key: origin.name(("sources", name, *key)))
    return SourceSettings(name=name, origin=origin, common=checked, own=own)


def _read(file: Path, *, required: bool) -> tuple[dict[str, Any], bool]:
    try:
        text = file.read_bytes().decode()
    except FileNotFoundError as error:
        if not required:
            return {}, False
        raise ConfigError(f"{tilde(file)}: there is no such file; create it or leave out --config") from error
    except OSError as error:
        raise ConfigError(f"{tilde(file)}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(f"{tilde(file)}: line {line}: is not UTF-8; save the file as UTF-8") from error
    return _parse(file, text), True


def _parse(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{tilde(file)}: {_position(text, str(error))}") from error


def _position(text: str, message: str) -> str:
    """Put the place of a syntax error first: `line 2, column 8: invalid value`."""
    what, _, at = message.rstrip(")").partition(" (at ")
    if not at or at.startswith("end"):
        lines = text.splitlines() or [""]
        at = f"line {len(lines)}, column {len(lines[-1]) + 1}"
    return f"{at}: {clean(what[:1].lower() + what[1:])}"
