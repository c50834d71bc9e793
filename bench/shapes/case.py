"""A shape with its configuration: written by hand, and with its paging left for `auto` to find."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

import tomli_w

from simulator.shapes.api import ShapeSizes, truth
from simulator.shapes.catalog import SHAPES
from simulator.shapes.shape import SIZE, Truth

PAGE: Final = Path(__file__).parents[2] / "docs" / "rest-howto.md"
"""Its blocks are the configurations written by hand: what people copy is what is measured and tested."""
_ON_A_PAGE: Final = 100
"""The size of a page that people are told to ask for. Here it is less, so that a list has many pages."""
_CAPPED: Final = frozenset({"capped", "atlassian-capped"})
"""Shapes that are asked for more than they give."""
_GUESSED: Final = ("paging", "items")
"""The keys of an endpoint that `auto` finds by itself."""


@dataclass(frozen=True)
class Case:
    """A shape, and how it is harvested."""

    name: str
    sizes: ShapeSizes = field(default_factory=ShapeSizes)

    @cached_property
    def by_hand(self) -> Mapping[str, Any]:
        """The table `[sources.NAME]` of the page, with more pages to read. No shape asks for a credential."""
        table = {key: value for key, value in configurations()[self.name].items() if key != "auth"}
        return table if self.name in _CAPPED else cast("Mapping[str, Any]", _with_smaller_pages(table))

    @property
    def table(self) -> str:
        """The table that the items go to. An endpoint that others are below stands before it."""
        endpoints: Mapping[str, Any] = self.by_hand["endpoints"]
        return list(endpoints)[-1]

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
        return {self.table: truth(self.name, self.sizes)["items"]}

    @property
    def grown(self) -> Truth:
        """All rows after the list has grown."""
        return {self.table: truth(self.name, self.sizes, grown=True)["items"]}

    def options(self, server: str, *, auto: bool = False) -> dict[str, Any]:
        """Return the configured table, with the address of a server that runs."""
        return served_by(server, self.name, self.by_auto if auto else self.by_hand)

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


@cache
def configurations() -> Mapping[str, Mapping[str, Any]]:
    """Return each table `[sources.NAME]` of the page by its name, which is that of a shape."""
    blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return {name: table for block in blocks for name, table in tomllib.loads(block)["sources"].items()}


def served_by(server: str, name: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table whose requests go to the shape on a server, where each has a folder with its name."""
    return {**table, "base_url": f"{server}/{name}{urlsplit(table['base_url']).path}"}


def _with_smaller_pages(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _with_smaller_pages(each) for key, each in value.items()}
    return SIZE if value == _ON_A_PAGE else value
