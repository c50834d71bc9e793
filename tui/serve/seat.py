"""The one seat before the deck: two harvests cannot write one database, so the second browser waits or is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Seat:
    """Held by one at a time. Whoever comes while its holder is leaving waits; the last to come gets it."""

    def __init__(self) -> None:
        self.holder = ""
        """Who holds it, in words; "" where it is free."""
        self._leaving = False
        self._arrivals = 0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def taken(self, who: str) -> AsyncIterator[str]:
        """Take the seat while entered; yield "", or in words why it is not to be had."""
        refusal = await self._take(who)
        if refusal:
            yield refusal
            return
        try:
            yield ""
        finally:
            async with self._changed:
                self.holder, self._leaving = "", False
                self._changed.notify_all()

    def leaving(self) -> None:
        """Say that the holder's browser has gone, and only its end is awaited."""
        self._leaving = True

    async def _take(self, who: str) -> str:
        async with self._changed:
            if self.holder and not self._leaving:
                return f"{self.holder} has this deck: close it there, then open this page again"
            self._arrivals += 1
            mine = self._arrivals
            self._changed.notify_all()
            await self._changed.wait_for(lambda: not self.holder or self._arrivals != mine)
            if self._arrivals != mine:
                return "another window came after this one: open this page again"
            self.holder, self._leaving = who, False
            return ""
