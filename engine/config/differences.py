"""What differs between two configurations: the one in force, and the one that is in the file now. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.common.text import clean, counted
from engine.config.validation import Key, show

MOST_NAMED: Final = 3
"""Differences that `describe` names; the others are counted."""
_ABSENT: Final = object()
_UNTOLD: Final = show("", ("token",))
"""What stands for a value that is not shown: no reader wants "set token_env to a value that is not shown here"."""
_SENT: Final = frozenset({"auth", "headers", "params", "form", "json", "body", "cookies", "git_options"})
"""Tables whose values are sent to a server, or to git. A secret may be among them under any name, so none is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A key whose value differs. Values are texts as TOML would write them, shortened; secrets are not shown."""

    key: str
    """The key with dots: "sources.github.workers"."""
    old: str | None
    """The value in force; None where there is none, so that the default applies."""
    new: str | None
    """The value in the file; None where there is none."""

    def __str__(self) -> str:
        if self.old is None:
            return f"set {self.key}" if self.new == _UNTOLD else f"set {self.key} to {self.new}"
        if self.new is None:
            return f"unset {self.key}"
        return (
            f"change {self.key}"
            if _UNTOLD in {self.old, self.new}
            else f"change {self.key} from {self.old} to {self.new}"
        )


def differences(old: Mapping[str, Any], new: Mapping[str, Any], below: Key = ()) -> Iterator[Difference]:
    """Yield what differs between two parsed configurations, in the order of the keys.

    A table that only one of them has is one difference.
    """
    for name in dict.fromkeys((*old, *new)):
        key = (*below, name)
        before, after = old.get(name, _ABSENT), new.get(name, _ABSENT)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from differences(before, after, key)
        elif not _same(before, after):
            yield Difference(key=clean(".".join(key), 120), old=_shown(before, key), new=_shown(after, key))


def describe(found: Sequence[Difference]) -> str:
    """Say what a restart would do: "change sources.github.workers from 5 to 8, unset theme"."""
    named = [str(one) for one in found[:MOST_NAMED]]
    more = len(found) - len(named)
    return ", ".join(named) + (f", and {counted(more, 'further change')}" if more else "")


def _same(one: Any, other: Any) -> bool:
    # 1 and true are equal for Python, and nan is not equal to itself.
    return type(one) is type(other) and (one == other or (one != one and other != other))  # noqa: PLR0124


def _shown(value: Any, key: Key) -> str | None:
    if value is _ABSENT:
        return None
    if isinstance(value, Mapping):
        return f"a table of {counted(len(value), 'key')}"
    return _UNTOLD if not _SENT.isdisjoint(key) else show(value, key)
