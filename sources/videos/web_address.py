"""A channel's or a playlist's page as the text of a channel file."""

import re
from typing import Final
from urllib.parse import parse_qs, urlsplit

from sources.common.web_addresses import path_below

_CHANNEL: Final = re.compile(r"@[\w.-]+|(?:channel|c|user)/[\w.-]+")
_NAME: Final = re.compile(r"[^a-z0-9]+")


def channel_of(url: str) -> tuple[str, str] | None:
    """Return the link of a channel and a name for its file; None for any other address."""
    steps = path_below(url, {"youtube.com", "m.youtube.com"})
    if not steps:
        return None
    listed = parse_qs(urlsplit(url).query).get("list")
    if steps[0] == "playlist" and listed:
        return f"https://www.youtube.com/playlist?list={listed[0]}", _name(listed[0])
    found = _CHANNEL.match("/".join(steps))
    return (f"https://www.youtube.com/{found[0]}", _name(found[0].rpartition("/")[2])) if found else None


def _name(word: str) -> str:
    return _NAME.sub("-", word.lower()).strip("-")[:60] or "channel"
