"""The requests of the videos source: a channel's feed, and its listing. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import quote, urlsplit

import msgspec

from engine.model.source import Memory, Request
from engine.model.ytdlp import Listing, context_of
from sources.videos.channels import Channel
from sources.videos.feed import feed_host, feed_of
from sources.videos.options import VideosOptions

LIST: Final = "list"
"""The route of listings, which tells them from feeds."""
_SITE: Final = re.compile(r"^(?:www|m|mobile)\.")
RECENT: Final = 100
"""Newest ids of a channel that are passed to yt-dlp, so that it knows where to stop."""


class Requests:
    """Makes the requests for some channels, by the names of their files."""

    def __init__(self, options: VideosOptions, channels: Mapping[str, Channel]) -> None:
        self._options = options
        self._channels = channels

    def feed_hosts(self) -> list[str]:
        """Return the origins of all feeds that the channels have or may turn out to have, sorted."""
        if not self._options.feeds:
            return []
        hosts = {feed_host(one, one.address(self._options.base_url)) for one in self._channels.values()}
        return sorted(hosts - {""})

    def sites(self) -> Mapping[str, str]:
        """Return the site of each lane of listings, sorted by lane."""
        links = [one.address(self._options.base_url) for one in self._channels.values()]
        return dict(sorted({list_lane(link): site_of(link) for link in links}.items()))

    def feed(self, path: str, memory: Memory) -> Request | None:
        """Return the request for a channel's feed; None where it has none."""
        channel = self._channels[path]
        address = channel.address(self._options.base_url)
        feed = feed_of(channel, address, memory.cursors.get(f"channel_id {address}", "")) if self._options.feeds else ""
        if not feed:
            return None
        parts = urlsplit(feed)
        return Request(
            key=f"feed {path}",
            url=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            resource=feed_lane(f"{parts.scheme}://{parts.netloc}"),
            route="feed",
            context={"channel": path},
            conditional=True,
            walk=walk_of(path),
            part=path,
        )

    def listing(self, path: str, memory: Memory, missing: Sequence[str] = ()) -> Request:
        """Return the request for a channel's listing. `missing` holds the ids in its feed that are not stored."""
        channel = self._channels[path]
        known = () if memory.full else tuple(ids_of(memory, f"recent {path}"))
        listing = Listing(
            link=channel.address(self._options.base_url),
            known=known,
            stop_after=0 if channel.whole or not known else self._options.stop_after,
            pause=self._options.delay,
        )
        return Request(
            key=f"list {path}",
            url=f"/{quote(path.removesuffix('.toml'))}",
            method="LIST",
            resource=list_lane(listing.link),
            via="yt-dlp",
            route="list",
            context={"channel": path, "missing": list(missing), **context_of(listing)},
            walk=walk_of(path),
            part=path,
        )


def walk_of(path: str) -> str:
    """Name the walk of a channel's listing. A feed that fails cuts it too: what is new is then not known."""
    return f"videos of {path}"


def list_lane(link: str) -> str:
    """Name the lane of a site's listings. Each site has its own, as a refusal by one says nothing about another."""
    return f"{LIST} {site_of(link)}"


def site_of(link: str) -> str:
    """Return the host of a link without "www." and the like: what one address is told holds for all of its site."""
    return _SITE.sub("", urlsplit(link).hostname or "")


def feed_lane(host: str) -> str:
    """Name the lane of a host's feeds."""
    return f"feed {host.partition('://')[2]}"


def ids_of(memory: Memory, cursor: str) -> list[str]:
    """Return the ids that a cursor holds."""
    try:
        return msgspec.json.decode(memory.cursors.get(cursor, "[]"), type=list[str])
    except msgspec.DecodeError:
        return []


def joined(ids: Iterable[str], most: int) -> str:
    """Return the first `most` distinct ids as a cursor's value."""
    return msgspec.json.encode(list(dict.fromkeys(ids))[:most]).decode()
