"""The lock of the deck: two harvests cannot write one database, so a second browser waits or is refused."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class DeckLock:
    """Held by one browser at a time. While its holder is leaving, the latest arrival waits for it."""

    def __init__(self) -> None:
        self.holder = ""
        """The holder, in words; "" if the lock is free."""
        self._leaving = False
        self._arrivals = 0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def taken(self, who: str) -> AsyncIterator[str]:
        """Hold the lock while entered; yield "", or the reason why it is not available."""
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
        """Record that the holder's browser is gone, so that its session will end soon."""
        self._leaving = True

    async def _take(self, who: str) -> str:
        async with self._changed:
            if self.holder and not self._leaving:
                return f"{self.holder} has this deck: close it there, then open this page again"
            # A page that is reloaded several times leaves several requests here; only the last one has a page to show.
            self._arrivals += 1
            mine = self._arrivals
            self._changed.notify_all()
            await self._changed.wait_for(lambda: not self.holder or self._arrivals != mine)
            if self._arrivals != mine:
                return "another window came after this one: open this page again"
            self.holder, self._leaving = who, False
            return ""
