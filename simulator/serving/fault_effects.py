"""What each fault does to a response: which bytes are sent, and how the connection ends."""

import math
from collections.abc import Awaitable, Callable
from dataclasses import replace

from simulator.common.api import Api, Call, Clock
from simulator.common.limits import Limiter, Refusal
from simulator.common.page import HTML, Header, Page
from simulator.common.settings import FaultRule
from simulator.serving.answers import Answers
from simulator.serving.pages import Pages
from simulator.serving.wire import Wire

FOREIGN = b"http://127.0.0.2:1"
"""Target of a foreign next link: loopback, where nobody listens."""

_HTML = b"<!DOCTYPE html>\n<html><head><title>%d</title></head><body><h1>%s</h1></body></html>\n"
_PHRASES = {200: b"Please log in", 502: b"Bad Gateway", 503: b"Service Unavailable"}

_Way = Callable[[Wire, Call, FaultRule], Awaitable[None]]


def takes_work(rule: FaultRule) -> bool:
    """Say whether a faulty response occupies a worker first, as a good one does."""
    return rule.fault not in {"429", "429-bare", "stall"}


class FaultEffects:
    """Sends faulty responses for one API."""

    def __init__(self, api: Api, *, pages: Pages, answers: Answers, limiter: Limiter, clock: Clock) -> None:
        self._api = api
        self._pages = pages
        self._answers = answers
        self._limiter = limiter
        self._clock = clock
        self._ways: dict[str, _Way] = {
            "429": self._too_many,
            "429-bare": self._too_many,
            "500": self._server_error,
            "502": self._html,
            "503": self._html,
            "503-retry-after": self._html,
            "html": self._html,
            "malformed": self._malformed,
            "truncated-gzip": self._truncated,
            "reset": self._interrupted,
            "short": self._interrupted,
            "slow": self._interrupted,
            "foreign-next": self._foreign_next,
            "endless-next": self._endless_next,
            "stall": self._stall,
        }

    async def apply(self, wire: Wire, call: Call, rule: FaultRule) -> None:
        """Respond to a call with the fault of a rule."""
        await self._ways[rule.fault](wire, call, rule)

    async def _too_many(self, wire: Wire, call: Call, rule: FaultRule) -> None:
        wait = float(_seconds(rule.wait)) if rule.fault == "429" else None
        if wait is not None:
            self._limiter.tell(self._api.credential(call), wait, self._clock())
        page = self._api.refuse(call, Refusal("injected", violation=False, retry_after=wait))
        headers, body = self._answers.finish(call, replace_status(page, 429))
        if rule.fault == "429-bare":
            headers = [header for header in headers if b"ratelimit" not in header[0]]
        await wire.whole(429, headers, body)

    async def _server_error(self, wire: Wire, call: Call, _rule: FaultRule) -> None:
        await self._answers.send(wire, call, self._api.broken())

    async def _html(self, wire: Wire, call: Call, rule: FaultRule) -> None:
        status = 200 if rule.fault == "html" else int(rule.fault[:3])
        headers: tuple[Header, ...] = ()
        if rule.fault == "503-retry-after":
            wait = _seconds(rule.wait)
            self._limiter.tell(self._api.credential(call), wait, self._clock(), address=call.path)
            headers = ((b"retry-after", b"%d" % wait),)
        page = Page(status, _HTML % (status, _PHRASES[status]), kind=HTML, headers=headers)
        await self._answers.send(wire, call, page)

    async def _malformed(self, wire: Wire, call: Call, _rule: FaultRule) -> None:
        page = self._pages.render(call)
        cut = page.body[: max(1, len(page.body) * 2 // 3)]
        await self._answers.send(wire, call, Page(page.status, cut, kind=page.kind, headers=page.headers))

    async def _truncated(self, wire: Wire, call: Call, _rule: FaultRule) -> None:
        page = self._pages.render(call)
        headers, body = self._answers.finish(call, page, compress=True)
        cut = body[: max(1, len(body) * 2 // 3)]
        headers[-1] = (b"content-length", b"%d" % len(cut))
        await wire.whole(page.status, headers, cut)

    async def _interrupted(self, wire: Wire, call: Call, rule: FaultRule) -> None:
        page = self._pages.render(call)
        headers, body = self._answers.finish(call, page, etag=self._answers.etag(call, page))
        if rule.fault == "reset":
            await wire.reset(page.status, headers, body)
        elif rule.fault == "short":
            await wire.short(page.status, headers, body)
        else:
            await wire.slow(page.status, headers, body, every=rule.wait)

    async def _foreign_next(self, wire: Wire, call: Call, _rule: FaultRule) -> None:
        page = self._pages.render(call)
        origin = call.base.removesuffix(f"/{self._api.name}").encode()
        headers = tuple(
            (name, value.replace(origin, FOREIGN) if name == b"link" else value) for name, value in page.headers
        )
        await self._answers.send(wire, call, Page(page.status, page.body, kind=page.kind, headers=headers))

    async def _endless_next(self, wire: Wire, call: Call, _rule: FaultRule) -> None:
        await self._answers.send(wire, call, self._pages.render(replace(call, endless=True)))

    async def _stall(self, wire: Wire, _call: Call, _rule: FaultRule) -> None:
        await wire.gone()


def replace_status(page: Page, status: int) -> Page:
    """Copy a page with another status."""
    return Page(status, page.body, kind=page.kind, headers=page.headers)


def _seconds(wait: float) -> int:
    return max(1, math.ceil(wait))
