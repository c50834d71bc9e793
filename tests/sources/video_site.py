"""A video site on loopback whose channels change under the test's hands: real sockets, for the real yt-dlp."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Video = tuple[str, str]
"""An id and a title."""


class VideoSite:
    """Feeds by name, newest first, and answers by path for all that is not a feed."""

    def __init__(self) -> None:
        self.channels: dict[str, list[Video]] = {}
        self.scripts: dict[str, Any] = {}
        self.asked: list[tuple[str, str, int]] = []
        """Who asked ("fetchdeck" or "yt-dlp"), for which path, and the status of the answer."""
        self.headers_seen: list[str] = []
        self.release = threading.Event()
        self.address = ""

    def feed(self, name: str) -> bytes:
        items = "".join(
            f"<item><title><![CDATA[{title}]]></title><guid><![CDATA[{id}]]></guid>"
            f'<enclosure url="{self.address}/media/{number}.mp4" type="video/mp4"/></item>'
            for number, (id, title) in enumerate(self.channels[name])
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{name}</title>{items}</channel></rss>'.encode()

    def count(self, who: str, status: int = 200) -> int:
        return sum(asker == who and answered == status for asker, _, answered in self.asked)


class _Handler(BaseHTTPRequestHandler):
    site: VideoSite

    def do_GET(self) -> None:
        who = "fetchdeck" if "fetchdeck" in self.headers.get("User-Agent", "") else "yt-dlp"
        name = self.path.removeprefix("/").removesuffix(".xml")
        script = self.site.scripts.get(self.path)
        if script is not None and not (who == "fetchdeck" and callable(script)):
            status, headers, body = script(self.site) if callable(script) else script
        elif name in self.site.channels:
            status, headers, body = 200, {"Content-Type": "application/rss+xml"}, self.site.feed(name)
            etag = f'"{hash(body)}"'
            headers["ETag"] = etag
            if self.headers.get("If-None-Match") == etag:
                status, body = 304, b""
        else:
            status, headers, body = 404, {}, b""
        self.site.headers_seen.append(str(self.headers))
        self.site.asked.append((who, self.path, status))
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name it overrides
        """Say nothing."""


@contextmanager
def video_site() -> Iterator[VideoSite]:
    site = VideoSite()
    handler = type("Handler", (_Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    site.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
