"""Values from the environment: `FETCHDECK_SOURCES__GITHUB__WORKERS=5` is `sources.github.workers` of the configuration.

Two underscores stand between the keys. Case does not count, and an underscore also stands for the hyphen of a name.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.common.errors import ConfigError
from engine.common.text import clean, nearest, suggestion
from engine.config.overrides import plain_value
from engine.config.validation import Key
from engine.model.credentials import token_variable

PREFIX: Final = "FETCHDECK_"
BETWEEN: Final = "__"
SCALARS: Final = ("database", "theme", "patience")
TABLES: Final = ("http", "screen", "keys", "sources")
_NAMES_OF_SECRETS: Final = frozenset({"env", "token_env"})
_LONGEST: Final = 32
"""Parts of a key. No option has half as many."""
_STRUCTURED: Final = ("[", "{", '"', "'")


@dataclass(frozen=True, slots=True)
class Variable:
    """A setting of the environment."""

    name: str
    key: Key
    value: Any


def read_environment(environ: Mapping[str, str], document: Mapping[str, Any]) -> list[Variable]:
    """Return the settings of the environment, in the order of their names. An empty variable counts as not set.

    Args:
        environ: the environment.
        document: the configuration file, which says how names are spelt and which variables hold a secret.

    Raises:
        ConfigError: a variable names no table, or its value begins like TOML but is none.
    """
    others = {f"{PREFIX}CONFIG", *_secrets(document)}
    named = sorted(name for name in environ if name.upper().startswith(PREFIX) and name not in others and environ[name])
    return [Variable(name, key, _value(name, environ[name])) for name in named if (key := _key(name, document))]


def unknown_variables(environ: Mapping[str, str], document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the variables that begin like settings and that neither a setting nor the document explains.

    They are no error: a source may look for its secret in one of them, and another program may share the prefix.
    """
    known = {f"{PREFIX}CONFIG", *_secrets(document)}
    names = (name for name in environ if name.upper().startswith(PREFIX) and name not in known and environ[name])
    unknown = (name for name in names if not name.lower().endswith("_token"))
    return tuple(sorted(name for name in unknown if not _key(name, document)))


def variable_for(key: Key) -> str:
    """Return the name of the variable that a key has."""
    return PREFIX + BETWEEN.join(part.upper().replace("-", "_") for part in key)


def _key(name: str, document: Mapping[str, Any]) -> Key:
    """Return the key that a variable names; () for one that is no setting, such as FETCHDECK_GITHUB_TOKEN."""
    first, *rest = parts = name[len(PREFIX) :].lower().split(BETWEEN)
    if not rest:
        return (first,) if first in SCALARS else _no_setting(name, first)
    if first not in TABLES:
        raise ConfigError(f"{clean(name, 80)}: unknown table {clean(first, 40)!r}, {suggestion(first, TABLES)}")
    if not all(parts) or len(parts) > _LONGEST:
        raise ConfigError(
            f"{clean(name, 80)}: want two underscores between keys, as in {PREFIX}SOURCES__GITHUB__WORKERS"
        )
    return _spelt(parts, document)


def _no_setting(name: str, first: str) -> Key:
    """Refuse what was meant as a setting: a scalar with a typing error, or single underscores between the keys."""
    if first.endswith("_token"):
        return ()
    meant = nearest(first, SCALARS)
    if meant:
        raise ConfigError(f"{clean(name, 80)}: there is no such setting, did you mean {variable_for((meant,))}?")
    table, underscore, rest = first.partition("_")
    if underscore and table in TABLES and rest:
        wanted = variable_for((table, *rest.split("_", maxsplit=1 if table == "sources" else 0)))
        raise ConfigError(f"{clean(name, 80)}: want two underscores between keys, as in {clean(wanted, 80)}")
    return ()


def _spelt(parts: list[str], document: Mapping[str, Any]) -> Key:
    """Spell each part as the document does: variables have neither hyphens nor, in practice, lower case."""
    key: list[str] = []
    table: Any = document
    for part in parts:
        known = table if isinstance(table, Mapping) else {}
        found = next((name for name in known if name.lower().replace("-", "_") == part), part)
        key.append(found)
        table = known.get(found)
    return tuple(key)


def _value(name: str, text: str) -> Any:
    """Read TOML, JSON for tables as other programs want it, or the bare text."""
    stripped = text.strip()
    if stripped.lower() in {"true", "false"}:
        return stripped.lower() == "true"
    found = plain_value(stripped)
    if not isinstance(found, str) or not stripped.startswith(_STRUCTURED) or found != stripped:
        return found
    try:
        return json.loads(stripped)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{clean(name, 80)}: the value is neither TOML nor JSON; put a text in quotes") from error


def _secrets(value: Any) -> Iterator[str]:
    """Yield the variables that hold a secret: those that the document names, and the default one of each source."""
    if not isinstance(value, Mapping):
        return
    sources = value.get("sources")
    for name in sources if isinstance(sources, Mapping) else ():
        yield token_variable(name)
    for key, inner in value.items():
        if key in _NAMES_OF_SECRETS and isinstance(inner, str):
            yield inner
        for each in inner if isinstance(inner, list) else [inner]:
            yield from _secrets(each)
