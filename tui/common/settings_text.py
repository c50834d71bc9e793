"""The settings of a running source as text: shown, typed, checked like the configuration, and compared."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from engine.common.errors import UsageError
from engine.common.text import clean
from engine.config.overrides import parse_override
from engine.config.tables import Common
from engine.config.validation import convert
from engine.model.tuning import Tuning


@dataclass(frozen=True, slots=True)
class Tunable:
    """A setting that can be changed while a source runs."""

    name: str
    """The key in the configuration and the field of `Tuning`."""
    what: str
    unset: str
    """The text for a setting without a value."""


TUNABLES: Final = (
    Tunable("limit", "stop after so many requests", "none"),
    Tunable("workers", "requests in flight, pinned", "automatic"),
    Tunable("cap", "never more in flight", "the API's own"),
    Tunable("policy", "who finds the number in flight", "adaptive"),
    Tunable("spacing", "seconds between two requests", "none"),
    Tunable("retries", "a failed request is sent again", "the source's own"),
    Tunable("rules", "left to others; several with ;", "none"),
)


def setting_text(tuning: Tuning, name: str) -> str:
    """Return a setting as it is typed; "" if it is not set."""
    value = getattr(tuning, name)
    if value is None or (value in {(), 0.0} and name != "retries"):
        return ""
    if isinstance(value, float):
        return f"{value:g}"
    return "; ".join(value) if isinstance(value, tuple) else str(value)


def with_setting(tuning: Tuning, name: str, typed: str) -> Tuning:
    """Return the tuning with one setting changed to a typed value; an empty text means the default.

    Raises:
        ValueError: the configuration would not accept the value; the message says in one line what it accepts.
    """
    plain = typed.strip()
    try:
        raw = {} if not plain else {name: _raw(name, plain)}
        checked = convert(raw, Common, name=lambda _: name)
    except UsageError as error:
        raise ValueError(clean(str(error), 200).removeprefix("--set x.")) from error
    return replace(tuning, **{name: getattr(checked, name)})


def differing(old: Tuning, new: Tuning) -> Mapping[str, Any]:
    """Return the settings that differ, with their new values."""
    return {one.name: getattr(new, one.name) for one in TUNABLES if getattr(new, one.name) != getattr(old, one.name)}


def describe_changes(changes: Mapping[str, Any]) -> str:
    """Return changes in words, as "cap 12, policy fixed 4"."""
    unset = {one.name: one.unset for one in TUNABLES}
    tuning = Tuning(**changes)
    return ", ".join(f"{name} {setting_text(tuning, name) or unset[name]}" for name in changes)


def _raw(name: str, plain: str) -> Any:
    """Parse a typed value as `--set` does; rules and policies are always text."""
    if name == "rules":
        return [part.strip() for part in plain.split(";") if part.strip()]
    return plain if name == "policy" else parse_override(f"x.{name}={plain}")[1]
