"""Lists one channel or playlist with yt-dlp, in the thread that calls it. Only this package knows yt-dlp.

With `process=False` and a loop of our own, yt-dlp fetches a page only when the loop reaches it, so stopping at known
ids saves requests. See https://github.com/yt-dlp/yt-dlp#embedding-yt-dlp.
"""

import io
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Final, Literal

import msgspec

from engine.common.errors import BadBody, BodyTooLarge
from engine.common.redaction import LIVE
from engine.common.text import clean
from engine.model.source import Response
from engine.model.ytdlp import Found, Listing
from engine.transport.ytdlp.errors import answer_for

REPEATS: Final = 200
"""Entries in a row that came before, after which the site is assumed to repeat one page for ever."""
MOST_LISTS: Final = 20
"""Nested lists and redirections followed for one link."""
_HEAVY: Final = frozenset(
    {"formats", "requested_formats", "subtitles", "automatic_captions", "heatmap", "epoch", "_version"}
)
_LISTS: Final = frozenset({"playlist", "multi_video", "compat_list"})
_LIST_EXTRACTORS: Final = frozenset({"YoutubeTab", "YoutubePlaylist"})
"""Extractors whose flat entries are tabs or playlists of a channel, not videos."""
_MATCHING: Final = threading.Lock()
"""The first match of a link compiles the patterns of all sites, which takes a third of a second.

The lock makes one thread do it, once.
"""


# The stop rule: when a listing ends, and which of its entries count. Pure.


class StopRule:
    """Applies the stop rule to one listing, entry by entry."""

    def __init__(self, listing: Listing) -> None:
        self.ended: Literal["", "known", "most", "repeats"] = ""
        self._known = frozenset(listing.known)
        self._stop_after = listing.stop_after
        self._most = listing.most
        self._seen: set[str] = set()
        self._known_in_a_row = 0
        self._repeats_in_a_row = 0

    def take(self, id: str) -> bool:
        """Count the next entry; return whether it is new in this listing."""
        if id in self._seen:
            self._repeats_in_a_row += 1
            if self._repeats_in_a_row >= REPEATS:
                self.ended = "repeats"
            return False
        self._repeats_in_a_row = 0
        self._seen.add(id)
        self._known_in_a_row = self._known_in_a_row + 1 if id in self._known else 0
        if self._stop_after and self._known_in_a_row >= self._stop_after:
            self.ended = "known"
        elif len(self._seen) >= self._most:
            self.ended = "most"
        return True


class Lister:
    """Runs one listing."""

    def __init__(
        self,
        *,
        listing: Listing,
        cookies: str,
        socket_timeout: float,
        body_limit: int,
        options: Mapping[str, Any],
    ) -> None:
        self._listing = listing
        self._stops = StopRule(listing)
        self._body_limit = body_limit
        self._options = {
            "quiet": True,
            "no_color": True,
            "noprogress": True,
            "extract_flat": "in_playlist",
            "skip_download": True,
            "cachedir": False,
            "ignoreerrors": False,
            "extractor_retries": 0,  # retries and their waits are the engine's
            "socket_timeout": socket_timeout,
            "sleep_interval_requests": listing.pause,
            "cookiefile": io.StringIO(cookies) if cookies else None,
            **options,
        }

    def run(self, stop: threading.Event) -> Response:
        """List until a stop rule holds, the listing ends or `stop` is set.

        A refusal by the site is returned as a response.

        Raises:
            TransportError: no complete listing arrived.
            BadBody: yt-dlp does not understand the site.
        """
        yt_dlp: Any = import_module("yt_dlp")
        started = time.monotonic()
        limits = _Limits()
        try:
            _match(self._listing.link)
            with yt_dlp.YoutubeDL({**self._options, "logger": _Log(stop)}) as ydl:
                limits.watch(ydl)
                return self._answer(ydl, started)
        except (BadBody, BodyTooLarge):
            raise
        except Exception as error:  # noqa: BLE001 -- extractors raise anything; all of it is translated here
            elapsed = time.monotonic() - started
            return answer_for(limits.refused or error, self._listing.link, elapsed=elapsed)

    def _answer(self, ydl: Any, started: float) -> Response:
        lists = deque([self._listing.link])
        first: Mapping[str, Any] = {}
        elapsed = 0.0
        entries: list[msgspec.Raw] = []
        size = 0
        for _ in range(MOST_LISTS):
            if not lists or self._stops.ended:
                break
            result = ydl.extract_info(lists.popleft(), download=False, process=False)
            elapsed = elapsed or time.monotonic() - started
            if not isinstance(result, Mapping):
                raise BadBody(f"{clean(self._listing.link, 120)}: yt-dlp answers nothing")
            if result.get("_type") in {"url", "url_transparent"}:
                lists.appendleft(str(result["url"]))
                continue
            first = first or result
            for entry in self._walk(ydl, result, lists):
                entries.append(entry)
                size += len(bytes(entry))
                if size > self._body_limit:
                    limit = self._body_limit // 2**20
                    raise BodyTooLarge(f"{clean(self._listing.link, 120)}: the listing is larger than {limit} MiB")
        found = Found(
            title=_text(first, "title"),
            channel_id=_text(first, "channel_id"),
            extractor=_text(first, "extractor_key"),
            ended=self._stops.ended or ("most" if lists else "end"),
            entries=tuple(entries),
        )
        body = msgspec.json.encode(found)
        return Response(status=200, headers={}, body=LIVE.redact_body(body), url=self._listing.link, elapsed=elapsed)

    def _walk(self, ydl: Any, result: Mapping[str, Any], lists: deque[str]) -> Iterator[msgspec.Raw]:
        """Yield the videos of a result as JSON; add the lists found in it to `lists`."""
        if "entries" not in result:
            yield from self._video(ydl, result)
            return
        for entry in result["entries"]:
            if not isinstance(entry, Mapping):
                continue
            if entry.get("_type") in _LISTS or entry.get("ie_key") in _LIST_EXTRACTORS:
                lists.append(str(entry.get("webpage_url") or entry["url"]))
                continue
            yield from self._video(ydl, entry)
            if self._stops.ended:
                return

    def _video(self, ydl: Any, entry: Mapping[str, Any]) -> Iterator[msgspec.Raw]:
        utils: Any = import_module("yt_dlp.utils")
        smuggled = str(entry.get("url") or entry.get("webpage_url") or "")
        url, extra = utils.unsmuggle_url(smuggled, {})
        id = str(entry.get("id") or (extra or {}).get("force_videoid") or url)
        if not id or not self._stops.take(id):
            return
        light = {key: value for key, value in entry.items() if key not in _HEAVY}
        sane = ydl.sanitize_info({**light, "id": id, "url": url}, remove_private_keys=True)
        kept = {key: _storable(value) for key, value in sane.items() if key not in _HEAVY}
        yield msgspec.Raw(msgspec.json.encode(kept))


def load() -> None:
    """Import yt-dlp and compile the patterns of all sites."""
    _match("")


def _match(link: str) -> None:
    """Make yt-dlp compile the patterns it will match the link with, under the lock."""
    extractors: Any = import_module("yt_dlp.extractor")
    with _MATCHING:
        any(extractor.suitable(link) for extractor in extractors.gen_extractor_classes())


class _Log:
    """A silent logger for yt-dlp. Raising from it is how a listing is cancelled."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def debug(self, message: str) -> None:
        """Ignore a line; raise when the listing is to stop."""
        del message
        if self._stop.is_set():
            utils: Any = import_module("yt_dlp.utils")
            raise utils.DownloadCancelled

    info = warning = error = debug


class _Limits:
    """Remembers a 429 that an extractor swallowed; the extractor then fails later, on the missing data."""

    def __init__(self) -> None:
        self.refused: Exception | None = None

    def watch(self, ydl: Any) -> None:
        """Wrap the `urlopen` that extractors use."""
        names: Any = import_module("yt_dlp.networking.exceptions")
        urlopen = ydl.urlopen

        def watched(request: Any) -> Any:
            try:
                return urlopen(request)
            except names.HTTPError as error:
                if error.status == 429:
                    self.refused = error
                raise

        ydl.urlopen = watched


def _text(result: Mapping[str, Any], name: str) -> str:
    value = result.get(name)
    return _storable(value) if isinstance(value, str) else ""


def _storable(value: Any) -> Any:
    """Replace what JSON or SQLite cannot hold: lone surrogates, NaN and infinities."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, dict):
        return {str(_storable(str(key))): _storable(one) for key, one in value.items()}
    return value
