"""The last step of a response: headers, encoding, a 304 where the client has it already, and counting."""

from email.utils import formatdate

from simulator.common.api import Api, Call, Clock
from simulator.common.limits import Limiter
from simulator.common.page import Header, Page
from simulator.serving.stats import Stats
from simulator.serving.wire import Wire


class Answers:
    """Finishes and sends the pages of one API."""

    def __init__(self, api: Api, *, stats: Stats, limiter: Limiter, clock: Clock, gzip: bool) -> None:
        self._api = api
        self._stats = stats
        self._limiter = limiter
        self._clock = clock
        self._gzip = gzip
        self._date = (0, b"")

    async def send(self, wire: Wire, call: Call, page: Page, *, etag: bytes = b"") -> None:
        """Send a page as it is."""
        headers, body = self.finish(call, page, etag=etag)
        await wire.whole(page.status, headers, body)

    async def send_or_unchanged(self, wire: Wire, call: Call, page: Page, cost: float) -> None:
        """Send a page, or a 304 without body and Link, which gives its cost back."""
        etag = self.etag(call, page)
        if etag and _names(call.headers.get(b"if-none-match", b""), etag):
            self._stats.unchanged += 1
            self._limiter.give_back(self._api.credential(call), cost)
            kept = tuple(header for header in page.headers if header[0] != b"link")
            page = Page(304, b"", headers=kept)
        await self.send(wire, call, page, etag=etag)

    def etag(self, call: Call, page: Page) -> bytes:
        """Return a page's ETag; b"" where the API has none."""
        if not self._api.conditional or page.status != 200 or not page.named:
            return b""
        return page.etag(f"{call.path}?{call.query}", self._api.credential(call))

    def finish(
        self, call: Call, page: Page, *, etag: bytes = b"", compress: bool = False
    ) -> tuple[list[Header], bytes]:
        """Return all headers, Content-Length last, and the encoded body; count both."""
        credential = self._api.credential(call)
        now = self._clock()
        quota = self._limiter.quota(credential, now) if page.tells_quota else None
        headers = [(b"date", self._http_date(now)), *self._api.headers(call, quota)]
        headers += page.headers
        if etag:
            headers.append((b"etag", etag))
        body = page.body
        if page.status != 304:
            headers.append((b"content-type", page.kind))
            if compress or (body and self._gzip and b"gzip" in call.headers.get(b"accept-encoding", b"")):
                body = page.gzipped
                headers.append((b"content-encoding", b"gzip"))
            headers.append((b"content-length", b"%d" % len(body)))
        self._limiter.answered(credential)
        self._stats.statuses[page.status] += 1
        self._stats.body_bytes += len(body)
        return headers, body

    def _http_date(self, now: float) -> bytes:
        second = int(now)
        if self._date[0] != second:
            self._date = (second, formatdate(second, usegmt=True).encode())
        return self._date[1]


def _names(if_none_match: bytes, etag: bytes) -> bool:
    """Compare weakly, as RFC 9110, 13.1.2 requires."""
    if not if_none_match:
        return False
    opaque = etag.removeprefix(b"W/")
    return if_none_match == b"*" or any(
        candidate.strip().removeprefix(b"W/") == opaque for candidate in if_none_match.split(b",")
    )
