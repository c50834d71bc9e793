"""Bounds the rows of all pages that are parsed and not yet written.

An answer of 1 MB can become 500,000 rows, which take hundreds of times its bytes. Where answers arrive faster than the
disk takes their rows, the next one is parsed only when there are fewer: until then it is bytes, which are bounded too.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from engine.model.source import Page

MOST: Final = 100_000
"""Rows and further requests that may wait to be written, 40 MB of small ones. One page always fits."""


class Unwritten:
    """Counts them for all sources of a deck. It belongs to one event loop."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._rows = 0
        self._fewer = asyncio.Event()

    async def room(self) -> None:
        """Wait until another page may be parsed. It has to be counted before anything else is awaited."""
        while self._rows >= self._most:
            self._fewer.clear()
            await self._fewer.wait()

    @contextmanager
    def counting(self, page: Page | None) -> Iterator[None]:
        """Count what a page holds until it is written, or is not going to be."""
        rows = 0 if page is None else len(page.records) + len(page.more)
        self._rows += rows
        try:
            yield
        finally:
            self._rows -= rows
            self._fewer.set()
