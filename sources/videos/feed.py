"""The feed of a channel: its address, and the videos it names. Reading it can save a listing."""

import re
from typing import Final
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from sources.videos.channels import Channel

MOST_IDS: Final = 2000
_YOUTUBE: Final = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com"})
_CHANNEL_ID: Final = re.compile(r"UC[\w-]{22}", re.ASCII)
_FEED_PATH: Final = re.compile(r"\.(?:xml|rss|atom)\Z|/(?:feed|rss)/?\Z", re.IGNORECASE)
_ATOM: Final = "{http://www.w3.org/2005/Atom}"
_YT: Final = "{http://www.youtube.com/xml/schemas/2015}"


def feed_of(channel: Channel, address: str, channel_id: str) -> str:
    """Return the address of a channel's feed; "" where none is known.

    YouTube has one per channel id, with the newest 15 videos. For a playlist that is too little.

    Args:
        channel: the channel file.
        address: the address that is listed.
        channel_id: the id from an earlier listing, or "".
    """
    if channel.feed is False:
        return ""
    if isinstance(channel.feed, str):
        return channel.feed if channel.feed.startswith("http") else ""
    parts = urlsplit(address)
    if parts.hostname in _YOUTUBE:
        told = parts.path.split("/")[2] if parts.path.startswith("/channel/") else channel_id
        known = _CHANNEL_ID.fullmatch(told) and not channel.whole
        return f"https://www.youtube.com/feeds/videos.xml?channel_id={told}" if known else ""
    return address if _FEED_PATH.search(parts.path) else ""


def feed_host(channel: Channel, address: str) -> str:
    """Return the origin of the feed that a channel has, or may have once its channel id is known; "" for none."""
    feed = feed_of(channel, address, "UC" + "0" * 22)
    parts = urlsplit(feed)
    return f"{parts.scheme}://{parts.netloc}" if feed else ""


def ids_in(body: bytes) -> list[str] | None:
    """Return the ids of a feed's videos as yt-dlp writes them, in the order served; None for what is no feed.

    RSS: the guid, else the enclosure's address or the link. Atom: YouTube's video id, else the id.
    """
    if b"\x00" in body or b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        return None  # no feed needs these, and entities can expand a small body to a huge one (billion laughs)
    try:
        root = ET.fromstring(body)  # noqa: S314 -- see above
    except (ET.ParseError, ValueError, LookupError):
        return None
    if root.tag == "rss":
        found = [_rss_id(item) for item in root.findall("./channel/item")]
    elif root.tag == f"{_ATOM}feed":
        found = [_text(entry, f"{_YT}videoId") or _text(entry, f"{_ATOM}id") for entry in root.findall(f"{_ATOM}entry")]
    else:
        return None
    return list(dict.fromkeys(id for id in found if id))[:MOST_IDS]


def _rss_id(item: ET.Element) -> str:
    enclosure = item.find("enclosure")
    address = (enclosure.get("url") if enclosure is not None else "") or _text(item, "link")
    return (_text(item, "guid") or address) if address else ""


def _text(element: ET.Element, path: str) -> str:
    found = element.find(path)
    return (found.text or "") if found is not None else ""
