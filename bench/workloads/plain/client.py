"""The client of the systems that fetchdeck replaces: a fixed number of workers, each of which sleeps off a refusal."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx2 as httpx

T = TypeVar("T")

REFUSED: Final = frozenset({403, 429, 500, 502, 503, 504})
LONGEST: Final = 60.0
ATTEMPTS: Final = 20


class Plain:
    """Sends requests with a fixed number of workers, each with its own connection.

    A refused request waits for the response's Retry-After, or 1, 2, 4, ... seconds, and is sent again; its worker waits
    with it. It knows of no limit beforehand, and keeps to none.
    """

    def __init__(self, places: int, headers: dict[str, str] | None = None) -> None:
        self._places = asyncio.Semaphore(places)
        self._threads = ThreadPoolExecutor(places)
        limits = httpx.Limits(max_connections=places, max_keepalive_connections=places)
        named = {"User-Agent": "plain", **(headers or {})}
        self._client = httpx.AsyncClient(headers=named, limits=limits, timeout=120)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()
        self._threads.shutdown()

    async def get(self, url: str, **params: str | int) -> httpx.Response:
        """Fetch an address until it is not refused."""
        return await self._until_served(lambda: self._client.get(url, params=params or None))

    async def post(self, url: str, body: Any) -> httpx.Response:
        """Send a query until it is not refused."""
        return await self._until_served(lambda: self._client.post(url, json=body))

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run a blocking function in a worker's place."""
        async with self._places:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def pages(self, url: str, **params: str | int) -> list[Any]:
        """Fetch a list page by page, along its next links."""
        answer = await self.get(url, **params)
        found = list(answer.json())
        while following := answer.links.get("next", {}).get("url"):
            answer = await self.get(following)
            found += answer.json()
        return found

    async def _until_served(self, send: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        async with self._places:
            for attempt in range(ATTEMPTS):
                answer = await send()
                if answer.status_code not in REFUSED:
                    return answer
                named = answer.headers.get("retry-after", "")
                wait = float(named) if named.isdigit() else min(LONGEST, 2.0**attempt)
                await asyncio.sleep(wait + random.random() / 4)
            raise RuntimeError(f"{answer.url} was refused {ATTEMPTS} times, at last with {answer.status_code}")


async def each(work: Callable[[T], Awaitable[None]], items: Iterable[T]) -> None:
    """Run something for every item; the client's workers limit how many run at once."""
    async with asyncio.TaskGroup() as tasks:
        for item in items:
            tasks.create_task(_run(work(item)))


async def _run(work: Awaitable[None]) -> None:
    await work
