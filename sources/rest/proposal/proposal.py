"""A proposed configuration of a REST source: its keys, each with a comment that says whether it is a guess."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One key of the configuration."""

    key: Key
    """The key below the source's table: ("endpoints", "items", "path")."""
    value: Any
    """A text, a number, a flag, a list or a table of these."""
    comment: str = ""
    guess: bool = False
    """Whether the value is likely and not told. The comment then begins with "guess"."""
    unused: bool = False
    """Whether the line is only a suggestion: it is written as a comment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedEndpoint:
    """An endpoint and the table of its items."""

    name: str
    lines: Sequence[Line]
    """Its keys, which begin with "endpoints" and the name."""
    about: str = ""
    """One line above its table."""

    def table(self) -> dict[str, Any]:
        """Return its keys as a table."""
        return nested((line.key[2:], line.value) for line in self.lines if not line.unused)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A source: the keys of its table, and its endpoints."""

    name: str
    about: str = ""
    lines: Sequence[Line] = field(default_factory=tuple)
    endpoints: Sequence[ProposedEndpoint] = field(default_factory=tuple)
    notes: Sequence[str] = field(default_factory=tuple)
    """What a person should know beside the configuration, one line each."""

    def all_lines(self) -> Iterator[Line]:
        """Yield every line, those of the source first."""
        yield from self.lines
        for endpoint in self.endpoints:
            yield from endpoint.lines

    def table(self) -> dict[str, Any]:
        """Return the table of the source as it will be read, without suggestions."""
        return {"kind": "rest"} | nested((line.key, line.value) for line in self.all_lines() if not line.unused)


def auth_line(table: Mapping[str, Any]) -> Line:
    """Return the line of the table `auth`."""
    return Line(key=("auth",), value=table, comment="the secret itself never stands in here")


def nested(values: Iterator[tuple[Key, Any]]) -> dict[str, Any]:
    """Put values into tables by their keys."""
    made: dict[str, Any] = {}
    for key, value in values:
        table = made
        for step in key[:-1]:
            table = table.setdefault(step, {})
        table[key[-1]] = dict(value) if isinstance(value, Mapping) else value
    return made
