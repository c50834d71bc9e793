"""The configuration: one TOML file, checked completely before anything starts."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

import msgspec

from engine.common.errors import ConfigError, UsageError
from engine.common.paths import expand, tilde
from engine.common.text import clean, suggestion
from engine.config.environment import Variable, read_environment, unknown_variables, variable_for
from engine.config.overrides import merge
from engine.config.tables import Common, HttpSettings, ScreenSettings, parse_patience
from engine.config.validation import Key, convert

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where values came from, for messages."""

    file: Path
    overridden: frozenset[Key] = frozenset()
    flagged: frozenset[Key] = frozenset()
    variables: Mapping[Key, str] = field(default_factory=dict)
    """The variables of the environment, by the key that each sets."""
    from_environment: frozenset[Key] = frozenset()
    """The keys below which all values are from the environment."""

    def is_of_file(self, key: Key) -> bool:
        """Whether a value stands in the file, and not in a variable, `--set` or an option."""
        plain = tuple(part.partition("[")[0] for part in key)
        above = {plain[:length] for length in range(1, len(plain) + 1)}
        return above.isdisjoint(self.flagged | self.overridden | self.from_environment | self.variables.keys())

    def name(self, key: Key) -> str:
        """Name a key for a message: by the file, a variable, `--set`, or the source's own command-line option."""
        plain = tuple(part.partition("[")[0] for part in key)
        if plain[:3] in self.flagged:
            return f"--{plain[2].replace('_', '-')} (of {plain[1]})"
        if any(plain[:length] in self.overridden for length in range(1, len(plain) + 1)):
            return f"--set {'.'.join(key[1:] if key[0] == 'sources' else key)}"
        above = [plain[:length] for length in range(len(plain), 0, -1)]
        variable = next((self.variables[one] for one in above if one in self.variables), "")
        if not variable and not self.from_environment.isdisjoint(above):
            variable = variable_for(plain)
        if variable:
            return f"{clean(variable, 80)} ({clean('.'.join(key))})"
        return ": ".join(part for part in (tilde(self.file), clean(".".join(key))) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """One `[sources.*]` table: the common keys, checked, and the source's own keys, not checked yet."""

    name: str
    origin: Origin
    common: Common = field(default_factory=Common)
    own: Mapping[str, Any] = field(default_factory=dict)

    def options(self, shape: type[T]) -> T:
        """Check the source's own keys against its `Options`.

        Raises:
            ConfigError: a key is unknown or missing, or a value has the wrong type or range.
        """
        # Both kinds of keys stand in one table, so the nearest one may be of either.
        known = [*msgspec.structs.asdict(self.common), *getattr(shape, "__struct_encode_fields__", ())]
        for key in self.own:
            if key not in known:
                raise ConfigError(f"{self.key((key,))}: unknown key, {suggestion(key, known)}")
        return convert(self.own, shape, name=self.key)

    def key(self, key: Key) -> str:
        """Name one of its keys for a message."""
        return self.origin.name(("sources", self.name, *key))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    origin: Origin
    exists: bool
    database: Path | None
    theme: str | None
    patience: float | None
    """Seconds that a run waits for a cause outside of fetchdeck, `inf` for ever; None for the default."""
    http: HttpSettings
    sources: Mapping[str, SourceSettings]
    screen: ScreenSettings = field(default_factory=ScreenSettings)
    keys: Mapping[str, str] = field(default_factory=dict)
    """The user's key bindings: action to keys, "pause" to "space,x". They are not checked against the screens yet."""
    unknown_variables: tuple[str, ...] = ()
    """Names of environment variables that begin like settings and are none that is known here."""
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The parsed file with what overrides it, for comparisons."""

    def source(self, name: str) -> SourceSettings:
        """Return a source's table; an empty one where there is none."""
        return self.sources.get(name) or SourceSettings(name=name, origin=self.origin)


def load_settings(
    file: Path,
    *,
    required: bool = False,
    named_by: str = "--config",
    environ: Mapping[str, str] = MappingProxyType({}),
    overrides: Iterable[tuple[Key, Any]] = (),
    flags: Iterable[tuple[Key, Any]] = (),
) -> Settings:
    """Read and check a configuration file. A missing one counts as empty unless it is required.

    Args:
        file: the configuration.
        required: whether it must exist.
        named_by: what names it, for a message: an option, or a variable of the environment.
        environ: the environment, whose settings win over the file's.
        overrides: values of `--set`, which win over those.
        flags: values of the sources' own command-line options, which win over those.

    Raises:
        ConfigError: the file cannot be read, is no TOML, or holds something wrong.
        UsageError: an override does not fit.
    """
    document, exists = _read(file, named_by if required else "")
    variables = read_environment(environ, document)
    from_environment = _merge_environment(document, variables)
    overridden, flagged = merge(document, overrides), tuple(flags)
    merge(document, flagged)
    origin = Origin(
        file=file,
        overridden=overridden,
        flagged=frozenset(key for key, _ in flagged),
        variables={one.key: one.name for one in variables},
        from_environment=from_environment,
    )
    checked = convert(document, _Document, name=origin.name, finite=False)
    return Settings(
        origin=origin,
        exists=exists,
        database=expand(checked.database, file.parent) if checked.database else None,
        theme=checked.theme,
        patience=checked.waits(),
        http=checked.http,
        screen=checked.screen,
        keys=checked.keys,
        document=document,
        sources={name: _source(name, table, origin) for name, table in checked.sources.items()},
        unknown_variables=unknown_variables(environ, document),
    )


def _merge_environment(document: dict[str, Any], variables: Iterable[Variable]) -> frozenset[Key]:
    found: set[Key] = set()
    for one in variables:
        try:
            found |= merge(document, [(one.key, one.value)])
        except UsageError as error:
            raise ConfigError(f"{clean(one.name, 80)}: {'.'.join(one.key[:-1])} is a value, not a table") from error
    return frozenset(found)


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    database: str | None = None
    theme: str | None = None
    patience: str | None = None
    http: HttpSettings = HttpSettings()
    screen: ScreenSettings = ScreenSettings()
    keys: dict[str, str] = {}
    sources: dict[str, dict[str, Any]] = {}

    def __post_init__(self) -> None:
        """Refuse a patience that is none.

        Raises:
            ValueError: the message says what would be right.
        """
        self.waits()

    def waits(self) -> float | None:
        """Return `patience` in seconds."""
        try:
            return None if self.patience is None else parse_patience(self.patience)
        except ValueError as error:
            raise ValueError(f"patience: {error}") from error


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


def _content(file: Path) -> bytes:
    """Read a file up to a bound: a device such as /dev/zero has no end."""
    with file.open("rb") as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ConfigError(f"{tilde(file)}: has more than {LARGEST // 2**20} MiB, which is no configuration")
    return content


def _read(file: Path, named_by: str) -> tuple[dict[str, Any], bool]:
    try:
        text = _content(file).decode("utf-8-sig")  # editors of Windows put a mark in front
    except FileNotFoundError as error:
        if not named_by:
            return {}, False
        way_out = f"create it with `fetchdeck init`, or leave out {named_by}"
        if named_by != "--config":
            way_out = f"{named_by} names it: `fetchdeck init` creates it, or change or unset {named_by}"
        raise ConfigError(f"{tilde(file)}: there is no such file; {way_out}") from error
    except OSError as error:
        way_out = "name a file that you may read with --config"
        raise ConfigError(f"{tilde(file)}: cannot be read: {error.strerror}; {way_out}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(f"{tilde(file)}: line {line}: is not UTF-8; save the file as UTF-8") from error
    return _parse(file, text), True


DEEPEST: Final = 100
"""Levels of tables and lists that a configuration may have."""
LARGEST: Final = 8 * 2**20
"""Bytes of the largest configuration that is read."""
_WANTED: Final = {
    "Cannot overwrite": "each key stands once in its table",
    "Cannot declare": "each table stands once",
    "Invalid value": "a text stands in quotes, a list in brackets",
    "Invalid statement": "want key = value or [table]",
    "Expected '='": "want key = value or [table]",
    "Expected newline": "one value stands behind a key, a text in quotes",
    "Expected ']'": "the name of a table stands in brackets, as in [sources.github]",
    "Unterminated string": "close the quotes",
    'Expected "\'"': "close the quotes",
    "Illegal character": "write it as an escape such as \\n or \\u0000 in double quotes",
}
"""What the messages of tomllib want, by how they begin."""
_DECLARED: Final = re.compile(r"\('.*'.*\)")
"""The keys of a table in a message of tomllib, as Python writes them: ('sources', 'github')."""


def _parse(file: Path, text: str) -> dict[str, Any]:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{tilde(file)}: {_position(text, str(error))}") from error
    except RecursionError as error:
        raise ConfigError(f"{tilde(file)}: lists or tables are nested too deeply; close each bracket") from error
    if not _is_shallow(found):  # dotted keys nest without brackets
        raise ConfigError(f"{tilde(file)}: tables are nested deeper than {DEEPEST} levels; write shorter keys")
    return found


def _is_shallow(document: dict[str, Any]) -> bool:
    """Say whether a document can be read by functions that call themselves for each level."""
    level: list[Any] = [document]
    for _ in range(DEEPEST):
        level = [
            inner
            for value in level
            for inner in (value.values() if isinstance(value, dict) else value)
            if isinstance(inner, dict | list)
        ]
    return not level


def _position(text: str, message: str) -> str:
    """Say where a syntax error is, on the line of which key, what it is, and what TOML wants there."""
    what, _, at = message.rstrip(")").partition(" (at ")
    lines = text.splitlines() or [""]
    if not at or at.startswith("end"):
        at = f"line {len(lines)}, column {len(lines[-1]) + 1}"
    number = int(at.removeprefix("line ").partition(",")[0])
    key, equals, _ = lines[min(number, len(lines)) - 1].partition("=")
    # The value is not shown: it may be a secret.
    where = f"{at}, at {clean(key.strip(), 60)}" if equals and key.strip() else at
    what = _DECLARED.sub(lambda names: ".".join(re.findall("'([^']*)'", names[0])), what)
    wanted = next((words for begin, words in _WANTED.items() if what.startswith(begin)), "see https://toml.io")
    return f"{where}: {clean(what[:1].lower() + what[1:])}; {wanted}"
