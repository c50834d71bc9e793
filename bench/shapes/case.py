"""A shape with its configuration: written by hand, and with its paging left for `auto` to find."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import tomli_w

from simulator.shapes.api import ShapeSizes, truth
from simulator.shapes.catalog import SHAPES
from simulator.shapes.shape import Truth

CONFIGS: Final = Path(__file__).parent / "configs"
_GUESSED: Final = ("paging", "items")
"""The keys of an endpoint that `auto` finds by itself."""


@dataclass(frozen=True)
class Case:
    """A shape, and how it is harvested."""

    name: str
    sizes: ShapeSizes = field(default_factory=ShapeSizes)

    @cached_property
    def by_hand(self) -> Mapping[str, Any]:
        """The table `[sources.NAME]` as it was written by hand."""
        document = tomllib.loads((CONFIGS / f"{self.name}.toml").read_text(encoding="utf-8"))
        found: Mapping[str, Any] = document["sources"][self.name]
        return found

    @cached_property
    def by_auto(self) -> Mapping[str, Any]:
        """The same without what `auto` finds. A map is told from an object by nobody but a person: its items stay."""
        endpoints = {
            table: {
                key: value
                for key, value in endpoint.items()
                if key not in _GUESSED or (key == "items" and "*" in value)
            }
            for table, endpoint in self.by_hand["endpoints"].items()
        }
        return {**self.by_hand, "endpoints": endpoints}

    @property
    def remembers(self) -> bool:
        """Whether a second run can be spared most bodies: by an ETag, or by asking for changes only."""
        return SHAPES[self.name].etag or any("since" in each for each in self.by_hand["endpoints"].values())

    @property
    def has_windows(self) -> bool:
        """Whether it is asked for in windows of time. One that was whole is asked for again by a full run only."""
        return any("windows" in each for each in self.by_hand["endpoints"].values())

    @property
    def truth(self) -> Truth:
        """All rows there are."""
        return truth(self.name, self.sizes)

    @property
    def grown(self) -> Truth:
        """All rows after the list has grown."""
        return truth(self.name, self.sizes, grown=True)

    def options(self, server: str, *, auto: bool = False) -> dict[str, Any]:
        """Return the configured table, with the address of a server that runs."""
        given = self.by_auto if auto else self.by_hand
        return {**given, "base_url": server + urlsplit(given["base_url"]).path}

    def document(self, server: str, *, auto: bool = False) -> str:
        """Return a configuration file."""
        return tomli_w.dumps({"sources": {self.name: self.options(server, auto=auto)}})

    def columns(self, table: str, values: int) -> Sequence[str]:
        """Return the columns that the truth has values for: the first ones."""
        return list(self.by_hand["endpoints"][table]["columns"])[:values]

    def query(self, table: str) -> str:
        """Return the SQL that reads what is to equal the truth."""
        names = ", ".join(f'"{name}"' for name in self.columns(table, len(self.truth[table][0])))
        return f'select {names} from "{self.name.replace("-", "_")}_{table}"'  # noqa: S608 - names of our own configurations


def cases(sizes: ShapeSizes | None = None) -> list[Case]:
    """Return every shape."""
    return [Case(name, sizes or ShapeSizes()) for name in SHAPES]
