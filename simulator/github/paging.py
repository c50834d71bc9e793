"""How GitHub pages lists: `per_page`, `page`, and the Link header.

https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

T = TypeVar("T")

DEFAULT_SIZE, MAX_SIZE = 30, 100


@dataclass(frozen=True, slots=True)
class Cut:
    """The requested page. Invalid parameters count as absent."""

    page: int
    size: int
    endless: bool = False

    def of(self, numbers: Sequence[T]) -> Sequence[T]:
        """Return the page's part of a list. An endless list starts over."""
        page = (self.page - 1) % self.last(len(numbers)) if self.endless else self.page - 1
        return numbers[page * self.size : (page + 1) * self.size]

    def last(self, total: int) -> int:
        """Return the number of the last page; an empty list has one page."""
        return max(1, -(-total // self.size))

    def relations(self, total: int) -> dict[str, int]:
        """Return the linked pages in GitHub's order; none when everything is on one page."""
        last = self.last(total)
        if self.endless:
            return {"next": self.page + 1}
        before = {"prev": min(self.page - 1, last)} if self.page > 1 else {}
        after = {"next": self.page + 1, "last": last} if self.page < last else {}
        return before | after | ({"first": 1} if self.page > 1 else {})


def cut(parameters: dict[str, str], *, endless: bool = False) -> Cut:
    size = _number(parameters.get("per_page", ""), DEFAULT_SIZE)
    return Cut(_number(parameters.get("page", ""), 1), min(size, MAX_SIZE), endless)


def link(address: str, query: str, relations: dict[str, int]) -> str:
    """Write the Link header of a list. The query is kept and only `page` changes."""
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "page"]
    return ", ".join(
        f'<{address}?{urlencode([*kept, ("page", page)])}>; rel="{name}"' for name, page in relations.items()
    )


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0 else default
