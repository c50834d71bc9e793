"""RSS 2.0 with enclosures, as podcasts and video sites serve it: https://www.rssboard.org/rss-specification."""

from collections.abc import Iterable
from email.utils import formatdate
from xml.sax.saxutils import escape, quoteattr

from simulator.videos.world import Video

_ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"


def rss(channel: str, videos: Iterable[Video], base: str) -> bytes:
    items = "".join(_item(video, base) for video in videos)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<rss version="2.0" xmlns:itunes="{_ITUNES}"><channel>'
        f"<title>{_text(channel)}</title><link>{_text(base)}/@{_text(channel)}</link>"
        f"<description>Simulated videos</description>{items}</channel></rss>\n"
    ).encode()


def _item(video: Video, base: str) -> str:
    address = quoteattr(f"{base}/media/{video.id}.mp4")
    return (
        f'<item><title>{_text(video.title)}</title><guid isPermaLink="false">{_text(video.id)}</guid>'
        f'<enclosure url={address} length="{video.duration * 125_000}" type="video/mp4"/>'
        f"<pubDate>{formatdate(video.published, usegmt=True)}</pubDate>"
        f"<itunes:duration>{video.duration}</itunes:duration></item>"
    )


def _text(text: str) -> str:
    """Escape a text. XML 1.0 allows no control characters."""
    return escape("".join(each for each in text if each >= " "))
